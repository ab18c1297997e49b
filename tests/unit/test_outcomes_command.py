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
