"""The wheel alone, in an empty environment, works from a folder that itself holds `models/` and `features/`."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
UV = ROOT / ".tools" / "bin" / "uv"


def run(*command: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**{k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--wheel", "--quiet", "--out-dir", out, ROOT, cwd=ROOT)
    return next(out.glob("*.whl"))


def test_the_wheel_carries_code_sets_and_migrations_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.startswith("features/codelists/") and name.endswith(".csv") for name in names)
    assert any(name.startswith("risk/store/migrations/versions/") for name in names)
    assert {
        "serving/web/templates/base.html",
        "serving/web/static/nhsuk-frontend.min.css",
        "serving/web/static/LICENCE-nhsuk-frontend",
    } <= set(names)
    assert {name.split("/")[0] for name in names if not name.startswith("frailty_risk-")} == {
        "features",
        "models",
        "risk",
        "serving",
    }


@pytest.mark.xdist_group("area")
def test_it_works_where_a_users_folder_has_the_same_names(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "empty"
    requirements = tmp_path / "requirements.txt"
    run(UV, "venv", "--quiet", "--python", sys.executable, environment, cwd=tmp_path)
    run(UV, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-project", "-o", requirements, "--project", ROOT, cwd=tmp_path)  # fmt: skip
    run(UV, "pip", "install", "--quiet", "--python", environment, "-r", requirements, wheel, cwd=tmp_path)
    work = tmp_path / "work"
    for decoy in ("models", "features", "risk", "serving"):
        (work / decoy).mkdir(parents=True)
        (work / decoy / "__init__.py").write_text("raise RuntimeError('a folder of the user was imported')\n")
    frailty = environment / "bin" / "frailty"
    settings = {"FRAILTY_HOME": str(work / "home"), "FRAILTY_ENVIRONMENT": "test"}
    run(frailty, "simulate", "--people", "300", "--seed", "1", "--years", "2", "--out", "extract", cwd=work, **settings)
    run(frailty, "ingest", "native", "extract", "--record", "record", cwd=work, **settings)
    listed = run(frailty, "codelists", cwd=work, **settings)
    assert "fall_icd10" in listed.stdout
    run(
        frailty, "features", "--record", "record", "--at", "2024-11-30", "--out", "matrix.parquet", cwd=work, **settings
    )
    run(frailty, "models", cwd=work, **settings)
