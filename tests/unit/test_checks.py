"""The house's checks refuse what they are there to refuse."""

from __future__ import annotations

import itertools

import pytest
import typer

from checks.documents import broken_links, commands_in, fault_of
from checks.hazards import MATRIX, faults_in, rating
from checks.lockfile import faults_in_file, faults_in_lock

HAZARD = {
    "id": "H1",
    "hazard": "x",
    "cause": "x",
    "effect": "x",
    "severity": "major",
    "likelihood": "high",
    "residual_likelihood": "low",
    "control": "x",
    "tests": ["tests/test_x.py::test_it"],
}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text("def test_it():\n    assert 1 + 1 == 2\n")
    return tmp_path


def test_a_whole_hazard_passes(root):
    assert faults_in({"hazard": [HAZARD]}, root) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tests": ["tests/test_x.py::test_other"]}, "does not exist"),
        ({"tests": ["tests/test_y.py::test_it"]}, "does not exist"),
        ({"control": ""}, "lacks control"),
        ({"severity": "dreadful"}, "severity is one of"),
        ({"residual_likelihood": "very high"}, "may not ship"),
    ],
)
def test_a_hazard_that_is_not_controlled_is_refused(root, change, says):
    assert any(says in fault for fault in faults_in({"hazard": [{**HAZARD, **change}]}, root))


def test_an_empty_log_and_a_doubled_hazard_are_refused(root):
    assert faults_in({}, root)
    assert any("twice" in fault for fault in faults_in({"hazard": [HAZARD, HAZARD]}, root))


def test_the_matrix_never_falls_as_things_get_worse():
    assert rating("minor", "very low") == 1
    assert rating("catastrophic", "very high") == 5
    for row, after in itertools.pairwise(MATRIX):
        assert all(a <= b for a, b in zip(row, after, strict=True))
        assert list(row) == sorted(row)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ('url = "https://mirror.example/simple"', "mirror.example"),
        ('url = "http://10.0.0.1/x.whl"', "10.0.0.1"),
        ('path = "file:///opt/x.whl"', "file:"),
    ],
)
def test_a_lock_file_that_names_another_host_is_refused(text, host):
    assert any(host in fault for fault in faults_in_lock(text))
    assert faults_in_lock('url = "https://files.pythonhosted.org/x"\nregistry = "https://pypi.org/simple"') == []


def test_a_file_that_names_a_registry_or_a_machine_is_refused():
    assert faults_in_file("a.md", "see https://pypi.org/simple")
    assert faults_in_file("a.md", "cd /home/someone/project")
    assert faults_in_file("a.md", "see docs/home/page and `home`/keys") == []


shell = typer.Typer()


@shell.callback()
def shell_root():
    pass


@shell.command()
def run(record: str = ""):
    pass


app = typer.main.get_command(shell)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("frailty run --record r", None),
        ("frailty walk --record r", "no command walk"),
        ("frailty run --speed 9", "no flag --speed"),
        ("make demo CHECK=1", None),
        ("make coffee", "no target coffee"),
    ],
)
def test_commands_shown_in_documents_must_exist(line, says):
    fault = fault_of(line, app, {"demo"})
    assert fault is None if says is None else says in (fault or "")


def test_commands_are_found_in_fences_and_in_text():
    page = "Run `make demo`.\n```sh\n$ FRAILTY_HOME=x frailty run  # now\nls\n```\n"
    assert commands_in(page) == ["frailty run  # now", "make demo"]
    assert commands_in("So:\n\n    frailty link --report     how good it is\n    frailty run … --stop    x\n") == [
        "frailty link --report"
    ]


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    (tmp_path / "there.md").touch()
    page = tmp_path / "page.md"
    assert broken_links(page, "[a](there.md) [b](https://x.org) [c](#here)") == []
    assert broken_links(page, "[a](nowhere.md)") == ["page.md links to nowhere.md, which does not exist"]
