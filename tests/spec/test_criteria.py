"""Lists by criteria as small tables: who meets each, and of whom it is not known. Each rule names the harm that it prevents."""

from __future__ import annotations

import math

import numpy as np
import pytest

from features.coverage import BIT
from features.predictors import CATALOGUE
from risk import criteria
from risk.criteria import CRITERIA, HIGH_BAND, NAMES, PREDICTORS

NAN = math.nan
EVERY_FEED = 2**63 - 1
#: Somebody of 80 of whom every feed says nothing happened, seen once by the practice, not in the high band.
NOBODY = {
    **dict.fromkeys(PREDICTORS, 0.0),
    "age": 80.0,
    "gp_contacts_1y": 1.0,
    "latest_cfs": NAN,
    "medication_review_1y": 1.0,
    HIGH_BAND: 0.0,
}
BY_NAME = {one.name: one for one in CRITERIA}


def without(*tables: str) -> int:
    return EVERY_FEED & ~sum(1 << BIT[table] for table in tables)


def asked(name: str, feeds: int = EVERY_FEED, unconfirmed: int = 0, **values: float) -> str:
    """Met, not met, or not known, of one person."""
    held = {key: np.array([value], np.float32) for key, value in {**NOBODY, **values}.items()}
    met, unknown = criteria.met(BY_NAME[name], held, np.array([feeds], np.uint64), np.array([unconfirmed], np.uint64))
    assert not (met & unknown).any()
    return "met" if met[0] else "not known" if unknown[0] else "no"


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("sixty_admitted_or_not_engaging", {}, "no"),
        ("sixty_admitted_or_not_engaging", {"emergency_admissions_1y": 1}, "met"),
        ("sixty_admitted_or_not_engaging", {"emergency_admissions_1y": 1, "age": 59}, "no"),
        ("sixty_admitted_or_not_engaging", {"emergency_admissions_1y": 1, "age": 60}, "met"),
        ("sixty_admitted_or_not_engaging", {"gp_contacts_1y": 0}, "met"),
        ("sixty_admitted_or_not_engaging", {"gp_missed_1y": 2}, "no"),
        ("sixty_admitted_or_not_engaging", {"outpatients_missed_1y": 3}, "met"),
        ("high_risk_not_admitted", {HIGH_BAND: 1}, "met"),
        ("high_risk_not_admitted", {HIGH_BAND: 1, "emergency_admissions_2y": 1}, "no"),
        ("high_risk_not_admitted", {}, "no"),
        ("unseen_at_75", {"gp_contacts_1y": 0}, "met"),
        ("unseen_at_75", {"gp_contacts_1y": 0, "age": 74}, "no"),
        ("unseen_at_75", {}, "no"),
        ("housebound", {"housebound": 1}, "met"),
        ("housebound", {}, "no"),
        ("severe_without_medication_review", {"latest_cfs": 7, "medication_review_1y": 0}, "met"),
        ("severe_without_medication_review", {"latest_cfs": 9, "medication_review_1y": 0}, "no"),  # the last months of life
        ("severe_without_medication_review", {"efi_deficits": 13, "medication_review_1y": 0}, "met"),
        ("severe_without_medication_review", {"efi_deficits": 12, "medication_review_1y": 0}, "no"),
        ("severe_without_medication_review", {"efi_deficits": 13}, "no"),
        ("raidr_flags", {}, "no"),
        ("raidr_flags", {"age": 91}, "met"),
        ("raidr_flags", {"age": 90}, "no"),
        ("raidr_flags", {"dementia": 1, "age": 65}, "met"),
        ("raidr_flags", {"dementia": 1, "age": 64}, "no"),
        *(("raidr_flags", {flag: 1}, "met") for flag in ("end_of_life_plan", "care_home", "falls_2y", "fall_admission_codes_2y", "housebound")),
    ],
)  # fmt: skip
def test_who_meets_a_criterion(name: str, values: dict[str, float], found: str) -> None:
    """Somebody whom a team asked for by name of what happened to them is on no list, because their score is low."""
    assert asked(name, **values) == found


@pytest.mark.parametrize(
    ("name", "feeds", "values", "found"),
    [
        ("unseen_at_75", without("gp_contact"), {"gp_contacts_1y": NAN}, "not known"),
        ("unseen_at_75", without("gp_contact"), {"gp_contacts_1y": 0}, "not known"),  # a zero of no feed is no zero
        ("unseen_at_75", EVERY_FEED, {"gp_contacts_1y": NAN}, "not known"),  # not on record for a whole year
        (
            "unseen_at_75",
            without("gp_contact"),
            {"gp_contacts_1y": NAN, "age": 50},
            "no",
        ),  # whatever the feed would say
        ("high_risk_not_admitted", without("spell"), {HIGH_BAND: 1}, "not known"),
        ("high_risk_not_admitted", without("spell"), {}, "no"),
        ("sixty_admitted_or_not_engaging", without("gp_contact"), {"emergency_admissions_1y": 1}, "met"),  # one will do
        ("sixty_admitted_or_not_engaging", without("gp_contact"), {}, "not known"),
        (
            "severe_without_medication_review",
            without("assessment"),
            {"efi_deficits": 13, "medication_review_1y": 0},
            "met",
        ),
        ("severe_without_medication_review", without("assessment"), {"medication_review_1y": 0}, "not known"),
        ("severe_without_medication_review", without("assessment"), {}, "no"),  # reviewed, whatever the scale
        ("housebound", without("gp_event"), {}, "not known"),
        ("raidr_flags", without("residence", "preference"), {"dementia": 1}, "met"),
        ("raidr_flags", without("residence"), {}, "not known"),
    ],
)
def test_nothing_is_taken_from_a_feed_that_is_missing(
    name: str, feeds: int, values: dict[str, float], found: str
) -> None:
    """A practice that sends no appointments has a list of everybody as unseen; or nobody on it, and it reads as if all were seen."""
    assert asked(name, feeds, **values) == found


def test_records_that_are_theirs_by_probability_alone_make_nobody_meet_one() -> None:
    """Somebody is called on as housebound for another person's record."""
    assert asked("housebound", unconfirmed=1 << BIT["gp_event"], housebound=1) == "not known"


def test_why_in_words_and_each_with_its_source() -> None:
    """A list without a reason beside each name cannot be worked through; a criterion without a source cannot be questioned."""
    held = {
        key: np.array([value, value], np.float32)
        for key, value in {**NOBODY, "dementia": 1.0, "housebound": 1.0}.items()
    }
    feeds = np.array([EVERY_FEED, without("gp_event")], np.uint64)
    said = criteria.because(BY_NAME["raidr_flags"], held, feeds, np.zeros(2, np.uint64), np.array([0, 1]))
    assert said == [["dementia", "recorded as housebound"], []]
    assert len(set(NAMES)) == len(NAMES)
    assert set(PREDICTORS) <= {predictor.name for predictor in CATALOGUE}
    for one in CRITERIA:
        assert all((one.title, one.says, one.source, one.predictors))
