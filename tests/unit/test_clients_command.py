"""`frailty org`, `frailty client` and `frailty store`: what they print, and that what they do is in the audit."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.errors import Refused, WrongUsage
from risk import store as stores
from risk.cli import app
from risk.settings import load
from risk.store import Store

DIRECTORY = '[[organisation]]\ncode = "A81001"\nname = "Riverside"\nkind = "practice"\nfrom = 2020-01-01\n'


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_TODAY", "2024-12-02")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "organisations.toml").write_text(DIRECTORY)
    return tmp_path


def run(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def opened() -> Store:
    return stores.open(load())


def test_a_client_of_a_practice_of_the_directory(home: Path) -> None:
    run("org", "import", "organisations.toml")
    made = run("client", "add", "a tool", "--practice", "A81001", "--scope", "lists:read", "--until", "2025-12-02")
    assert (made["practices"], made["scopes"], made["from"], made["to"]) == (
        ["A81001"],
        ["lists:read"],
        "2024-12-02",
        "2025-12-02",
    )
    held = run("client", "list")["clients"]
    assert [(row["client_id"], row["grants"][0]["practice"]) for row in held] == [(made["client_id"], "A81001")]
    assert made["secret"] not in json.dumps(held)
    assert run("client", "token", made["client_id"], "--minutes", "5")["scopes"] == ["lists:read"]
    assert run("client", "end", made["client_id"])["ended"] == "2024-12-02"
    assert opened().grants(made["client_id"], date(2024, 12, 2)) is None
    assert [row["action"] for row in opened().audit_rows()] == [
        "organisations.import",
        "client.add",
        "token.issue",
        "client.end",
    ]
    assert made["secret"] not in repr(list(opened().audit_rows()))


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (["client", "add", "x", "--practice", "A81009"], WrongUsage, "found A81009; `frailty org import FILE` adds it"),
        (["client", "add", "x"], WrongUsage, "expected --practice CODE or --team ID, once or more, or --all-practices"),
        (["client", "add", "x", "--practice", "A81001", "--all-practices"], WrongUsage, "one of the two"),
        (["client", "add", "x", "--all-practices", "--scope", "all"], WrongUsage, "expected scopes among"),
        (
            ["client", "add", "x", "--all-practices", "--until", "2024-12-02"],
            WrongUsage,
            "expected an end after 2024-12-02",
        ),
        (["client", "token", "client-0"], Refused, "client-0 has no access on 2024-12-02"),
        (["client", "end", "client-0"], Refused, "no such access"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(arguments: list[str], kind: type[Exception], says: str) -> None:
    with pytest.raises(kind, match=says):
        CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert opened().clients() == []


def test_the_directory_is_shown_and_kept(home: Path) -> None:
    assert run("org", "import", "organisations.toml")["tables"]["organisation"] == {"added": 1, "changed": 0, "same": 0}
    assert run("org", "show")["directory"]["organisation"][0]["name"] == "Riverside"
    assert "Riverside" in CliRunner().invoke(app, ["org", "show"]).output


def test_migrating_says_what_was_and_what_is() -> None:
    first, again = run("store", "migrate"), run("store", "migrate")
    assert (first["before"], again["before"]) == (None, again["schema"])
    assert set(first["rows"].values()) == {0}
