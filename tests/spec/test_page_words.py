"""What a page says in words and draws, case by case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from risk.clients import Access
from risk.members import DUTIES, SOCIAL, told
from serving.web.history import Point, in_words, svg
from serving.web.rendering import upto
from serving.web.showing import flags, why

ALL, NARROW = Access("u", (), kind="user"), Access("u", (), kind="user", domains=SOCIAL)
HOME = {
    "domain": "social care",
    "says": "home care of 10 hours a week",
    "contribution": 0.4,
    "actionable": True,
    "predictor": "p",
}
MIND = {
    "domain": "long-term conditions",
    "says": "heart failure",
    "contribution": 0.3,
    "actionable": True,
    "predictor": "q",
    "value": 1.0,
}


def test_of_a_domain_that_is_not_theirs_somebody_reads_that_there_is_something() -> None:
    """Harm: a diagnosis that a meeting did not need is known to the council."""
    reasons: dict[str, Any] = {"raises": [HOME, MIND], "lowers": [MIND], "raw": 0.7}
    assert told(reasons, ALL) == reasons
    seen = told(reasons, NARROW)
    assert seen["raises"][0] == HOME
    assert seen["raises"][1]["says"] == seen["lowers"][0]["says"] == "Something recorded under long-term conditions"
    assert not {"predictor", "value", "driver"} & set(seen["raises"][1])
    assert seen["raises"][1]["contribution"] == 0.3, "the picture still adds up"
    assert DUTIES["social_worker"].domains == SOCIAL


@pytest.mark.parametrize(
    ("placed", "all_", "narrow"),
    [
        ("band up from low to high", "band up from low to high", "band up from low to high"),
        ("a new reason: heart failure", "a new reason: heart failure", "a new reason"),
    ],
)
def test_why_somebody_is_back(placed: str, all_: str, narrow: str) -> None:
    """Harm: a reason that is not told on the page is told by why the person is on it."""
    assert why([placed], ALL) == [all_]
    assert why([placed], NARROW) == [narrow]


@pytest.mark.parametrize(
    ("interval", "said"),
    [(None, ""), ({"low": 0.184, "high": 0.292}, "18 to 29"), ({"low": 0.001, "high": 0.999}, "1 to 99")],
)
def test_an_interval_never_promises(interval: dict[str, float] | None, said: str) -> None:
    """Harm: nobody's risk is none, or certain."""
    assert upto(interval) == said


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({}, []),
        ({"in_hospital": {"value": "yes", "on": "2024-11-28"}}, [("in hospital now", True)]),
        ({"in_hospital": {"value": "no feed", "on": None}}, [("in hospital: no feed", False)]),
        ({"lives_alone": {"value": "no", "on": "2024-11-28"}}, []),
        ({"lives_alone": {"value": "yes", "on": None}, "end_of_life_plan": {"value": "yes", "on": "2024-01-02"}}, [("end-of-life plan", True), ("lives alone", False)]),
    ],
    ids=["none", "in hospital", "nobody knows", "no", "a plan comes first"],
)  # fmt: skip
def test_flags(held: dict[str, Any], said: list[tuple[str, bool]]) -> None:
    """Harm: somebody in hospital is visited at home; a want of a feed is read as a no."""
    assert [(flag["says"], flag["first"]) for flag in flags(held)] == said


def test_a_history_is_drawn_and_said() -> None:
    points = [Point(date(2024, 11, 23), 0.2, 0.1, 0.3), Point(date(2024, 11, 30), 0.4, None, None)]
    assert in_words(points) == "Risk by run: 23 November 2024 20 in 100; 30 November 2024 40 in 100."
    drawn = svg("Unplanned <admission>", points, 3)
    assert drawn.count("<circle") == 2
    assert drawn.count("stroke-opacity") == 1, "an interval where it is known"
    assert "Unplanned &lt;admission&gt;, run by run" in drawn
    assert 'aria-labelledby="history-3-title history-3-words"' in drawn
    heights = [float(part.split('cy="')[1].split('"')[0]) for part in drawn.splitlines() if "<circle" in part]
    assert heights[0] - heights[1] == pytest.approx((0.4 - 0.2) / 0.4 * (200 - 30 - 14), abs=0.2)
