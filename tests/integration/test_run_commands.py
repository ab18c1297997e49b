"""``frailty run``, ``list``, ``models``, ``promote`` and ``rollback`` as typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from features.errors import Refused, WrongUsage
from tests import released
from tests.records import feeds, record
from tests.typed import told, typed

NAME = "unplanned_admission_365"
FRESH = {"known_at": "2024-11-25", "period_to": "2024-11-25"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of 30 people of one practice, and two model versions; settings in the environment."""
    people = [{"person_id": n, "birth_month": f"{1930 + n}-05-01"} for n in range(1, 31)]
    record(tmp_path / "record", about="simulated", person=people, feed=feeds(**FRESH),
           registration=[{"person_id": n} for n in range(1, 31)])  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_TODAY", "2024-11-30")
    monkeypatch.setattr("models.registry.point", lambda *_: None)
    for _ in range(2):
        released.release(tmp_path / "home" / "models")
    return tmp_path


def test_from_a_model_to_a_list(home: Path) -> None:
    assert told("promote", NAME, "1")["gates"][0]["result"] == "passed"
    run = told("run", "--record", "record", "--at", "2024-11-30")
    assert (run["number"], run["status"], run["at"], run["counts"]["listed"]) == (1, "published", "2024-11-30", 1)
    assert run["about"]["kind"] == "simulated"
    assert "tie_key" not in json.dumps(run)
    listed = told("list", "--practice", "B86022")
    assert [person["rank"] for person in listed["people"]] == [1]
    assert 0 < listed["people"][0]["probability"] < 1


def test_the_same_in_words(home: Path) -> None:
    typed("promote", NAME, "1")
    run = typed("run", "--record", "record", "--shadow")
    assert "kept as a shadow run" in run.output
    assert "scored 30; left out: nobody" in run.output
    assert "a shadow run, never published" in typed("list", "--practice", "B86022", "--run", "1").output
    assert "live" in typed("models").output


def test_settings_may_be_given_as_flags(home: Path) -> None:
    released.release(home / "home" / "models", name="any_admission_181", outcome="any_admission", horizon=181, minimum_age=65)  # fmt: skip
    typed("promote", "any_admission_181", "1")
    run = told("run", "--record", "record", "--outcome", "any_admission", "--horizon", "181", "--minimum-age", "65")
    assert (run["model"]["name"], run["horizon"], run["minimum_age"]) == ("any_admission_181", 181, 65)
    assert run["counts"]["left_out"] == {"under_age": 1}  # born May 1960: 64 on 26 November 2024
    assert "unplanned" not in run["title"].lower()


def test_what_is_live_moves_and_comes_back(home: Path) -> None:
    for version in ("1", "2"):
        told("promote", NAME, version)
    assert [(row["version"], row["live"]) for row in told("models")["models"]] == [(1, False), (2, True)]
    assert told("rollback", NAME, "--reason", "drift")["version"] == 1
    assert [(row["version"], row["live"]) for row in told("models")["models"]] == [(1, True), (2, False)]


def test_an_empty_reason_is_no_reason(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("promote", NAME, "1")
    monkeypatch.setenv("FRAILTY_TODAY", "2025-11-30")
    assert isinstance(typed("run", "--record", "record", "--allow-stale", " ").exception, Refused)
    assert told("run", "--record", "record", "--allow-stale", "a drill")["waived"]["stale"]["reason"] == "a drill"


def test_nothing_published_says_what_to_do(home: Path) -> None:
    error = typed("list", "--practice", "B86022").exception
    assert isinstance(error, Refused)
    assert "frailty run" in str(error)
    assert isinstance(typed("list", "--practice", "B86022", "--run", "9").exception, WrongUsage)
