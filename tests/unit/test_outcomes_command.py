"""``frailty outcomes``."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from features.outcomes import CENSORED, OUTCOMES
from risk.cli import app
from tests.records import feeds, record


def test_every_outcome_is_listed_with_what_it_means_and_needs() -> None:
    done = CliRunner().invoke(app, ["outcomes", "--json"])
    printed = json.loads(done.stdout)
    assert [row["name"] for row in printed["outcomes"]] == list(OUTCOMES)
    assert all(len(row["says"]) > 20 and row["tables"] for row in printed["outcomes"])
    assert printed["unknown_because"] == CENSORED
    assert {row["rule"]: row["value"] for row in printed["rules"]}["package_weeks"] == 4
    assert all(row["says"] and row["source"] for row in printed["rules"])
    assert "zero_day" not in printed


def test_a_records_usable_dates_are_listed(tmp_path: Path) -> None:
    """Deaths to 1 February 2012 with their 30 days; the year before that begins on 1 January 2011."""
    folder = record(
        tmp_path, death=[], feed=feeds("death", known_at="2012-02-01", period_from="2009-01-01", period_to="2012-02-01")
    )
    done = CliRunner().invoke(app, ["outcomes", "--record", str(folder), "--json"])
    dates = {row["name"]: row["usable_dates"] for row in json.loads(done.stdout)["outcomes"]}
    assert dates["death"] == ["2010-01-01", "2010-04-01", "2010-07-01", "2010-10-01", "2011-01-01"]
    assert dates["unplanned_admission"] == []


def test_in_words_each_is_named_with_its_age() -> None:
    done = CliRunner().invoke(app, ["outcomes"])
    assert "deterioration: Deterioration (65 and over); 365 days, people of 65 and over" in done.stdout


def test_what_a_record_tells_is_counted_with_and_without_zero_day_stays(tmp_path: Path) -> None:
    """Four people on 1 April 2024: one admitted overnight, one home the same day (and dead in May), one who left, one well."""
    stay = {"event_date": "2024-05-01", "admission_method": "21"}
    folder = record(
        tmp_path,
        person=[{"person_id": n} for n in (1, 2, 3, 4)],
        registration=[{"person_id": n} for n in (1, 2, 4)] + [{"person_id": 3, "row_id": 9, "end_date": "2024-07-01"}],
        spell=[{**stay, "person_id": 1, "end_date": "2024-05-03"}, {**stay, "person_id": 2, "end_date": "2024-05-01"}],
        death=[{"person_id": 2, "event_date": "2024-05-20"}],
    )
    asked = ["outcomes", "--record", str(folder), "--at", "2024-04-01"]
    printed = json.loads(CliRunner().invoke(app, [*asked, "--json"]).stdout)
    counts = {row["name"]: row["counts"] for row in printed["outcomes"]}
    assert [row["horizon"] for row in counts["unplanned_admission"]] == [30, 90, 365]
    assert [row["events"] for row in counts["unplanned_admission"]] == [0, 2, 2]
    year = counts["unplanned_admission_or_death"][0]
    assert (year["people"], year["told"], year["events"], year["without_zero_day"]) == (4, 3, 2, 2)
    assert year["first"] == {"emergency_admission": 2}
    assert year["any"] == {"emergency_admission": 2, "death": 1}
    assert year["censored"] == {"left_area": 1}
    assert counts["unplanned_admission"][2]["without_zero_day"] == 1
    assert printed["zero_day"]["alarms"] == []
    said = CliRunner().invoke(app, asked).stdout
    assert "At 2024-04-01, 365 days: 4 people, 3 with a label, 2 events (66.7%)." in said
    assert "Without stays that ended on the day they began: 1 events." in said
    assert "package_weeks = 4:" in said


def test_an_outcome_that_the_record_cannot_tell_says_why(tmp_path: Path) -> None:
    folder = record(tmp_path, spell=[{"event_date": "2024-05-01"}])
    done = CliRunner().invoke(app, ["outcomes", "--record", str(folder), "--at", "2024-04-01", "--json"])
    counts = {row["name"]: row["counts"] for row in json.loads(done.stdout)["outcomes"]}
    assert "none of the record's 1 stays says so" in counts["unplanned_admission"][0]["refused"]
    assert counts["any_admission"][0]["events"] == 1
