"""Reasons: contributions in words, in order, adding up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from features.errors import Refused
from features.predictors import named
from features.record.tables import PERSON_TABLES
from risk.drivers import Driver, Told
from risk.phrases import says
from risk.reasons import Explainer, check_additive

EVERY_FEED = 2 ** len(PERSON_TABLES) - 1


@dataclass(frozen=True)
class Named:
    """A predictor as reasons see it."""

    name: str
    domain: str = "hospital use"
    actionable: bool = False
    tables: tuple[str, ...] = ("spell",)
    time_since: bool = False

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")

    def phrase(self, value: float) -> str:
        return f"{value:g} of {self.name}" if value == value else f"{self.title}: not recorded"


def without(*tables: str) -> int:
    return EVERY_FEED & ~sum(1 << PERSON_TABLES.index(table) for table in tables)


def explain(
    contributions: list[float], values: list[float], predictors: list[Named], feeds: int = EVERY_FEED, **given: Any
) -> dict[str, Any]:
    """Reasons of a person; a predictor called a_b is of the driver a, and a driver has the domain of its predictor."""
    domains = {predictor.name.split("_")[0]: predictor.domain for predictor in predictors}
    kinds = {"back": Told.BACKGROUND, "help": Told.SUPPORT}

    def belongs(name: str) -> Driver:
        driver = name.split("_")[0]
        return Driver(
            driver, f"{driver} in words", domains[driver], (f"{driver}*",), told=kinds.get(driver, Told.REASON)
        )

    other = given.pop("other", None)
    found = Explainer(predictors, belongs=belongs, **given).explain(
        np.array([contributions]), np.array([values], np.float32), np.array([feeds], np.uint64),
        other=None if other is None else np.array([other]),
    )[0]  # fmt: skip
    shown = sum(reason["contribution"] for reason in (*found["raises"], *found["lowers"]))
    assert found["raw"] == pytest.approx(sum(contributions) + (other or 0), abs=1e-12)
    assert found["baseline"] + shown + found["rest"] == pytest.approx(found["raw"], abs=1e-12)
    assert sum(found["rest_of"].values()) == pytest.approx(found["rest"], abs=1e-12)
    total = found["baseline"] + sum(domain["contribution"] for domain in found["domains"])
    assert total == pytest.approx(found["raw"], abs=1e-12)
    return found


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


def test_what_is_not_known_is_background_and_is_said_apart() -> None:
    """Not measured is no reason: 0.2 of the first and 0.3 of the driver `back` are background."""
    predictors = [Named("a"), Named("b"), Named("back_season")]
    found = explain([0.2, 0.1, 0.3, -1.0], [float("nan"), 4, 1], predictors)
    assert [reason["predictor"] for reason in found["raises"]] == ["b"]
    assert found["rest_of"] == {"background": pytest.approx(0.5), "support": 0, "other": pytest.approx(0)}
    assert found["missing"] == ["a: not recorded"]
    assert {"domain": "background", "contribution": pytest.approx(0.5)} in found["domains"]


def test_nothing_on_record_reassures_only_where_the_feed_covers_the_person() -> None:
    since = [Named("days_since_stay", time_since=True)]
    covered = explain([-0.4, -1.0], [float("nan")], since)
    assert [(reason["says"], reason["value"]) for reason in covered["lowers"]] == [
        ("days since stay: not recorded", None)
    ]
    unfed = explain([-0.4, -1.0], [float("nan")], since, without("spell"))
    assert unfed["lowers"] == []
    assert unfed["missing"] == ["days since stay: not known, no spell feed"]


def test_predictors_of_one_driver_are_one_reason_said_by_the_strongest() -> None:
    predictors = [Named("falls_form"), Named("falls_calls"), Named("falls_codes"), Named("stays")]
    found = explain([0.2, 0.3, -0.1, 0.35, -1.0], [1, 2, 3, 4], predictors)
    told = [(reason["driver"], reason["says"], reason["contribution"]) for reason in found["raises"]]
    # 0.2 + 0.3 - 0.1 = 0.4, said by the one of 0.3.
    assert told == [("falls", "2 of falls_calls", pytest.approx(0.4)), ("stays", "4 of stays", pytest.approx(0.35))]
    assert found["raises"][0]["title"] == "falls in words"


def test_a_driver_that_lowers_is_said_by_what_lowers() -> None:
    found = explain([0.2, -0.5, 0.0], [1, 2], [Named("falls_form"), Named("falls_calls")])
    assert [reason["says"] for reason in found["lowers"]] == ["2 of falls_calls"]


def test_support_in_place_is_shown_and_never_a_reason() -> None:
    found = explain([0.9, 0.4, 0.2, -1.0], [14, 0, 3], [Named("help_hours"), Named("help_alarm"), Named("a")])
    assert [reason["driver"] for reason in found["raises"]] == ["a"]
    assert [said["says"] for said in found["support"]] == ["support in place: 14 of help_hours"]
    assert found["rest_of"]["support"] == pytest.approx(1.3)
    assert {"domain": "support in place", "contribution": pytest.approx(1.3)} in found["domains"]


def test_no_support_is_not_shown_as_support() -> None:
    assert explain([-0.4, -1.0], [0], [Named("help_hours")])["support"] == []


def test_the_effect_is_the_difference_that_the_contribution_makes_to_the_probability() -> None:
    def sigmoid(raw: Any) -> Any:
        return 1 / (1 + np.exp(-raw))

    (reason,) = explain([1.5, -2.0], [3], [Named("a")], probability=sigmoid)["raises"]
    # 1 / (1 + e^0.5) - 1 / (1 + e^2) = 0.377541 - 0.119203
    assert reason["effect"] == pytest.approx(0.258338, abs=1e-6)
    assert explain([1.5, -2.0], [3], [Named("a")])["raises"][0]["effect"] is None


def test_what_was_too_small_to_keep_is_other_and_the_sum_stays() -> None:
    found = explain([0.5, -1.0], [3], [Named("a")], other=0.0625)
    assert found["rest_of"]["other"] == pytest.approx(0.0625)
    assert {"domain": "other", "contribution": 0.0625} in found["domains"]


def test_how_many_and_when_the_latest_was() -> None:
    """The time since the very same facts is said beside their number, where it is within the window."""
    names = ["emergency_admissions_1y", "emergency_admissions_30d", "days_since_emergency_admission"]
    for last, says_ in ((12, "4, most recently 12 days before"), (1, "4, most recently the day before"),
                        (92, "4, most recently 3 months before"), (400, "4"), (float("nan"), "4")):  # fmt: skip
        values = np.array([[4, 0, last]], np.float32)
        (found,) = Explainer(named(names)).explain(
            np.array([[0.5, 0, 0, -1]]), values, np.array([EVERY_FEED], np.uint64)
        )
        assert found["raises"][0]["says"] == f"emergency admissions in the last year: {says_}"


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

    def belongs(name: str) -> Driver:
        return Driver(name, name, "hospital use", (name,))

    found = Explainer(predictors, belongs=belongs).explain(
        np.array([[0.7, 0.5, -1.0]]), np.array([[3, 2]], np.float32), np.array([EVERY_FEED], np.uint64), spell
    )[0]
    said = [(reason["says"], reason["value"], reason["contribution"]) for reason in found["raises"]]
    assert said == [
        ("stays: rests on records not yet confirmed to be this person's", None, 0.7),
        ("2 of visits", 2.0, 0.5),
    ]
