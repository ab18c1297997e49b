"""What a run and a list say in the terminal."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from risk.run import saying
from risk.run.scoring import age_bands


@pytest.mark.parametrize(
    ("probability", "words"),
    [
        (0.23, "23 in 100"),
        (0.2251, "23 in 100"),
        (0.004, "fewer than 1 in 100"),
        (0.01, "1 in 100"),
        (0.994, "99 in 100"),
        (0.996, "more than 99 in 100"),
    ],
)
def test_a_probability_in_words(probability: float, words: str) -> None:
    """Nobody's risk is nothing, and nobody's is certain."""
    assert saying.in_a_hundred(probability) == words


def test_ages_are_shown_as_bands() -> None:
    ages = np.array([18, 19, 20, 24, 25, 64, 65, 89, 90, 105])
    assert age_bands(ages).tolist() == [
        "18-19", "18-19", "20-24", "20-24", "25-29", "60-64", "65-69", "85-89", "90 and over", "90 and over",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (
            {"kind": "simulated", "title": "Simulated area, 2,000 people, seed 7"},
            "Simulated area, 2,000 people, seed 7",
        ),
        ({"kind": "demonstration", "title": "1,130 people"}, "demonstration: 1,130 people"),
        ({"kind": "real", "title": "North area"}, "real: North area"),
        ({}, "data of unknown kind"),
    ],
)
def test_what_data_it_is_from(about: dict[str, str], words: str) -> None:
    assert saying.said(about) == words


LISTED: dict[str, Any] = {
    "practice": "A81001", "number": 7, "status": "published", "current": True, "title": "Any admission to hospital",
    "horizon": 181, "at": "2010-01-01", "minimum_age": 65, "model": {"name": "any_admission_181", "version": 3},
    "data": "demonstration: 1,130 people", "data_as_at": "2009-12-31", "valid_until": "2010-01-15", "scored": 51,
    "registered": 60, "k": 1, "cut": 0.31, "above_area_cut": 2, "left_out": {"not_registered": 4, "died": 2}, "says": saying.NOT_FOR,
    "waived": {"stale": {"found": "the newest delivery came long ago", "reason": "historical data"}},
    "sections": [{"name": "end_of_life", "title": "Plan first", "says": "Follow the plan.", "shown": 0, "takes_places": False}],
    "people": [{
        "section": None, "home": None, "plan": None, "rank": 1, "person": "abcd-2345", "age_band": "85-89", "band": "high", "risk": "41 in 100",
        "flags": {"in_hospital": {"value": "yes", "on": "2009-12-30"}, "care_home": {"value": "not recorded", "on": "2009-12-31"},
                  "respect": {"value": "no feed", "on": None}, "carer": {"value": "no", "on": "2009-12-31"}},
        "reasons": {"raises": [{"says": f"[reason {i}]", "actionable": i == 2} for i in range(1, 6)]},
    }],
}  # fmt: skip


def test_a_list_says_all_that_it_must(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saying.results, "width", 400)
    saying.say_list(LISTED)
    told = capsys.readouterr().out
    for words in (
        "run 7.", "Any admission to hospital within 181 days of 2010-01-01", "from age 65", "any_admission_181 version 3",
        "demonstration: 1,130 people", "as at 2009-12-31", "Valid until 2010-01-15", "1 listed of 51 people scored; 60 registered",
        "Places: 1,", "However few are scored there is one place", "Risk at the cut: 31 in 100", "2 of the practice's people would have a place",
        "Not scored in the whole area: 4 not registered, 2 died.", "41 in 100", "in hospital now (since 2009-12-30); care home: not recorded; [reason 1]; [reason 2] *; [reason 3]", "Reason given: historical data",
        "not for placement, funding, resuscitation or discharge decisions", "not a reason to withhold care",
    ):  # fmt: skip
        assert words in told, words
    assert "unplanned" not in told.lower()
    assert "[reason 4]" not in told
    assert "ReSPECT" not in told
    assert "carer" not in told
    assert "A flag that is not shown is no, not recorded or without a feed" in told


@pytest.mark.parametrize(
    ("flag", "words"),
    [(True, "in hospital now"), (False, ""), (None, ""), ({"value": "no", "on": "2024-01-01"}, ""),
     ({"value": "no feed", "on": None}, "in hospital: no feed"), ({"value": "no feed", "on": "2024-01-01"}, "no feed since 2024-01-01"),
     ({"value": "yes", "on": "2024-01-01"}, "in hospital now (since 2024-01-01)")],
)  # fmt: skip
def test_what_nobody_knows_is_never_read_as_a_no(
    flag: Any, words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saying.results, "width", 400)
    saying.say_list({**LISTED, "people": [{**LISTED["people"][0], "flags": {"in_hospital": flag}}]})
    (row,) = [line for line in capsys.readouterr().out.splitlines() if "abcd-2345" in line]
    assert words in row
    assert ("hospital" in row) is bool(words)


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"current": False}, "run 7 (a later run has been published since)"), ({"status": "shadow"}, "never published")],
)
def test_a_list_that_is_not_the_published_one_says_so(
    capsys: pytest.CaptureFixture[str], changed: dict[str, Any], words: str
) -> None:
    saying.say_list({**LISTED, **changed})
    assert words in capsys.readouterr().out


def test_reading_a_run_loads_no_model() -> None:
    """The service reads runs in every worker: it must not carry what training needs."""
    asked = "import sys, risk.run.reading; print([m for m in ('lightgbm', 'sklearn', 'mlflow', 'numba') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"
