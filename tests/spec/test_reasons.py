"""Reasons: contributions in words, in order, adding up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from features.errors import Refused
from features.record.tables import PERSON_TABLES
from risk.reasons import Explainer, check_additive, says

EVERY_FEED = 2 ** len(PERSON_TABLES) - 1


@dataclass(frozen=True)
class Named:
    """A predictor as reasons see it."""

    name: str
    domain: str = "hospital use"
    actionable: bool = False
    tables: tuple[str, ...] = ("spell",)

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    def phrase(self, value: float) -> str:
        return f"{value:g} of {self.name}" if value == value else f"{self.title}: not recorded"


def without(*tables: str) -> int:
    return EVERY_FEED & ~sum(1 << PERSON_TABLES.index(table) for table in tables)


def explain(contributions: list[float], values: list[float], predictors: list[Named], feeds: int = EVERY_FEED) -> dict:
    return Explainer(predictors).explain(
        np.array([contributions]), np.array([values], np.float32), np.array([feeds], np.uint64)
    )[0]


def test_five_that_raise_and_three_that_lower_strongest_first() -> None:
    #              a    b    c     d     e     f    g    h     i     j    baseline
    contributions = [0.1, 0.6, -0.3, -0.1, -0.4, 0.2, 0.3, 0.4, -0.2, 0.5, -2.0]
    found = explain(contributions, list(range(10)), [Named(letter) for letter in "abcdefghij"])
    assert [reason["says"] for reason in found["raises"]] == ["1 of b", "9 of j", "7 of h", "6 of g", "5 of f"]
    assert [reason["says"] for reason in found["lowers"]] == ["4 of e", "2 of c", "8 of i"]
    assert found["rest"] == pytest.approx(0.1 - 0.1)
    assert found["baseline"] == -2.0
    assert found["raw"] == pytest.approx(-2.0 + 2.1 - 1.0)


def test_what_is_shown_adds_up_to_the_raw_score() -> None:
    contributions = [0.7, -0.25, 0.125, 0.5, -1.5, 0.0625, 0.03, 0.02, -0.5, -0.75, -1.0]
    domains = ["age", "long-term conditions"] * 5
    found = explain(contributions, [1.0] * 10, [Named(f"p{i}", domains[i]) for i in range(10)])
    shown = sum(reason["contribution"] for reason in (*found["raises"], *found["lowers"]))
    assert found["baseline"] + shown + found["rest"] == pytest.approx(found["raw"], abs=1e-12)
    assert found["baseline"] + sum(d["contribution"] for d in found["domains"]) == pytest.approx(
        found["raw"], abs=1e-12
    )


def test_domains_are_totals_with_the_strongest_first() -> None:
    found = explain([0.2, 0.5, -0.4, 0.0], [1, 1, 1], [Named("a", "x"), Named("b", "y"), Named("c", "x")])
    assert found["domains"] == [
        {"domain": "y", "contribution": pytest.approx(0.5)},
        {"domain": "x", "contribution": pytest.approx(0.2 - 0.4)},
    ]


def test_what_does_not_contribute_is_no_reason() -> None:
    found = explain([0.0, 0.3, 0.0], [1, 2], [Named("a"), Named("b")])
    assert [reason["predictor"] for reason in found["raises"]] == ["b"]
    assert found["lowers"] == []


def test_what_a_team_can_act_on_is_marked() -> None:
    found = explain([0.2, 0.1, 0.0], [1, 2], [Named("a"), Named("b", actionable=True)])
    assert [(reason["predictor"], reason["actionable"]) for reason in found["raises"]] == [("a", False), ("b", True)]


@pytest.mark.parametrize(
    ("value", "feeds", "words"),
    [
        (3.0, EVERY_FEED, "3 of falls_1y"),
        (float("nan"), EVERY_FEED, "falls 1y: not recorded"),
        (float("nan"), without("spell"), "falls 1y: not known, no spell feed"),
        (float("nan"), without("spell", "ambulance"), "falls 1y: not known, no spell or ambulance feed"),
        (float("nan"), without("social_care"), "falls 1y: not recorded"),
    ],
)
def test_an_absent_value_says_who_did_not_send_it_and_never_none(value: float, feeds: int, words: str) -> None:
    """Reading "no falls" where nobody sent falls would reassure falsely."""
    assert says(Named("falls_1y", tables=("spell", "ambulance")), value, feeds) == words


def test_an_absent_value_is_null_in_json() -> None:
    found = explain([0.2, 0.0], [float("nan")], [Named("a")])
    assert found["raises"][0]["value"] is None


def test_reasons_that_do_not_add_up_are_refused() -> None:
    """A reason that does not account for the score would be believed."""
    contributions = np.array([[0.5, 0.25, -1.0], [0.5, 0.25, -1.0], [0.5, 0.25, np.nan]])
    check_additive(contributions[:1], np.array([-0.25 + 9e-7]))
    with pytest.raises(Refused, match="the reasons of 2 of 3 people do not add up"):
        check_additive(contributions, np.array([-0.25, -0.25 + 2e-6, -0.25]))


def test_what_rests_on_an_unconfirmed_link_shows_no_value() -> None:
    """The spells are theirs by probability alone: the contribution stands, the number does not."""
    predictors = [Named("stays"), Named("visits", tables=("community_contact",))]
    spell = np.array([1 << PERSON_TABLES.index("spell")], np.uint64)
    found = Explainer(predictors).explain(
        np.array([[0.7, 0.5, -1.0]]), np.array([[3, 2]], np.float32), np.array([EVERY_FEED], np.uint64), spell
    )[0]
    said = [(reason["says"], reason["value"], reason["contribution"]) for reason in found["raises"]]
    assert said == [
        ("stays: rests on records not yet confirmed to be this person's", None, 0.7),
        ("2 of visits", 2.0, 0.5),
    ]
