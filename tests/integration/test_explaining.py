"""``frailty explain-predictor`` for one person: the value, the very rows that make it, and its row in the audit."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.errors import Refused, WrongUsage
from features.record.tables import PERSON_TABLES
from risk import store as stores
from risk.cli import app
from risk.linkage.opening import Names
from risk.settings import load
from risk.store.hiding import Told
from tests.records import feeds, record

STAYS = [{"event_date": "2024-02-10", "end_date": "2024-02-12", "admission_method": "21"},
         {"event_date": "2023-02-10", "end_date": "2023-02-12", "admission_method": "21"},
         {"event_date": "2024-02-20", "end_date": "2024-02-21", "admission_method": "11"},
         {"person_id": 2, "event_date": "2024-02-01", "admission_method": "21"}]  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    fed = feeds(*(table for table in PERSON_TABLES if table != "ambulance"))
    return record(tmp_path / "record", spell=STAYS, feed=[{**row, "period_from": "2023-06-01"} for row in fed])


def asked(place: Path, name: str, person: int = 1, at: str = "2024-03-01") -> list[str]:
    who = Names.of(load()).short(person)
    return ["explain-predictor", name, "--person", who, "--at", at, "--record", str(place), "--json"]


def explained(place: Path, name: str, **more: object) -> dict:
    done = CliRunner().invoke(app, asked(place, name, **more))  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)["of"]


def test_the_rows_that_made_the_value_are_shown_and_no_others(place: Path) -> None:
    told = explained(place, "emergency_admissions_1y")
    assert (told["value"], told["from"], told["to"]) == (1, "2023-03-02", "2024-03-01")
    (row,) = told["rows"]
    assert (row["event_date"], row["end_date"], row["admission_method"]) == ("2024-02-10", "2024-02-12", "21")
    assert not {"person_id", "row_id", "feed_id", "provider"} & row.keys()


def test_days_that_nobody_observed_are_said(place: Path) -> None:
    told = explained(place, "emergency_admissions_1y", person=2, at="2024-01-15")
    assert (told["value"], told["observed_from"], told["rows"]) == (None, "2023-06-01", [])
    assert "do not go back far enough" in told["says"]


def test_a_missing_feed_is_said(place: Path) -> None:
    told = explained(place, "calls_999_1y")
    assert (told["value"], told["rows"], told["says"]) == (None, [], "not known, no ambulance feed")


def test_the_audit_says_who_looked_at_whom(place: Path) -> None:
    explained(place, "emergency_admissions_1y")
    store = stores.open(load())
    rows = [row for row in store.audit_rows() if row["action"] == "explain predictor"]
    assert [json.loads(row["people"]) for row in rows] == [[1]]
    assert "emergency_admissions_1y" in rows[0]["detail"]


def test_a_person_who_is_not_scored_has_no_predictors(place: Path) -> None:
    error = CliRunner().invoke(app, asked(place, "emergency_admissions_1y", at="1999-01-01")).exception
    assert isinstance(error, Refused)
    assert "not scored at 1999-01-01" in str(error)


@pytest.mark.parametrize("missing", ["--person", "--at", "--record"])
def test_person_date_and_record_go_together(place: Path, missing: str) -> None:
    arguments = asked(place, "emergency_admissions_1y")
    at = arguments.index(missing)
    error = CliRunner().invoke(app, arguments[:at] + arguments[at + 2 :]).exception
    assert isinstance(error, WrongUsage)
    assert "together" in str(error)


def test_nobody_by_that_id(place: Path) -> None:
    arguments = asked(place, "emergency_admissions_1y")
    arguments[3] = "aaaa-aaaa"
    assert isinstance(CliRunner().invoke(app, arguments).exception, WrongUsage)


@pytest.mark.parametrize("ground", ["died_informal", "opted_out", "restricted"])
def test_whoever_is_shown_no_more_is_nobody_there(place: Path, ground: str) -> None:
    """Harm: the rows of somebody who opted out, or hides, are read through the tool that explains a number."""
    arguments = asked(place, "emergency_admissions_1y")
    unknown = [*arguments[:3], "aaaa-aaaa", *arguments[4:]]
    stores.open(load()).tell([Told(1, ground, date(2024, 12, 1), "a ward", "somebody")])
    told = [CliRunner().invoke(app, line).exception for line in (arguments, unknown)]
    assert [type(error) for error in told] == [WrongUsage, WrongUsage]
    assert str(told[0]) == str(told[1])
    assert "explain predictor" not in [row["action"] for row in stores.open(load()).audit_rows()]
