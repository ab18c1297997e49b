"""Drivers of reasons: every predictor in exactly one, and words that a person may read."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from features.errors import Refused
from features.predictors import CATALOGUE
from risk import plain_language
from risk.drivers import DRIVERS, Told, driver_of, members
from risk.forbidden_words import found_in
from risk.phrases import SUPPORT, UNCONFIRMED
from risk.plain_language import letter
from risk.reading_age import reading_age, syllables
from risk.reasons import WITHHELD_SAYS

NAMES = [predictor.name for predictor in CATALOGUE]
REASONS = [driver for driver in DRIVERS if driver.told is Told.REASON]
#: What the NHS asks of texts for the public: a reading age of 9 to 11 years (service manual, "How we write").
OLDEST = 11.0


def reason(driver: str) -> dict[str, Any]:
    return {"driver": driver, "title": driver}


def test_every_predictor_belongs_to_one_driver_and_every_driver_has_predictors() -> None:
    held = members(NAMES)
    assert sorted(name for names in held.values() for name in names) == sorted(NAMES)
    assert [name for name, names in held.items() if not names] == []
    assert 35 <= len(DRIVERS) <= 50
    assert len({driver.name for driver in DRIVERS}) == len(DRIVERS)


def test_every_name_of_a_driver_stands_for_a_predictor_of_it() -> None:
    held = members(NAMES)
    idle = [
        (driver.name, pattern)
        for driver in DRIVERS
        for pattern in driver.names
        if not any(type(driver)(driver.name, "", "", (pattern,)).holds(name) for name in held[driver.name])
    ]
    assert idle == []


def test_a_predictor_of_no_driver_is_refused() -> None:
    with pytest.raises(Refused, match="phase_of_the_moon belongs to no driver"):
        driver_of("phase_of_the_moon")


@pytest.mark.parametrize(
    ("predictor", "driver", "told"),
    [
        ("female", "who", Told.BACKGROUND),
        ("deprivation_decile", "who", Told.BACKGROUND),
        ("needs_interpreter", "who", Told.BACKGROUND),
        ("fed_spell", "record", Told.BACKGROUND),
        ("not_measured_egfr_1y", "record", Told.BACKGROUND),
        ("living_alone_unknown", "record", Told.BACKGROUND),
        ("season_winter", "record", Told.BACKGROUND),
        ("home_care_hours", "home_care", Told.SUPPORT),
        ("care_plan", "plans", Told.SUPPORT),
        ("equipment_or_telecare_open", "equipment", Told.SUPPORT),
        ("on_district_nursing_caseload", "nursing", Told.SUPPORT),
        ("home_care_weeks_without_visit_1y", "needs_help", Told.REASON),
        ("emergency_admissions_1y", "emergency_admissions", Told.REASON),
        ("heart_failure_and_diabetes", "heart_failure", Told.REASON),
    ],
)
def test_who_somebody_is_is_background_and_what_is_done_for_them_support(
    predictor: str, driver: str, told: Told
) -> None:
    assert (driver_of(predictor).name, driver_of(predictor).told) == (driver, told)


def test_no_predictor_about_sex_language_place_or_the_records_own_gaps_is_a_reason() -> None:
    words = (
        "female",
        "male",
        "ethnic",
        "depriv",
        "interpret",
        "language",
        "unknown",
        "fed_",
        "observed",
        "feed_age",
        "not_measured",
        "season",
    )
    told = [
        name for name in NAMES if any(word in name for word in words) and driver_of(name).told is not Told.BACKGROUND
    ]
    assert told == []


def every_phrase() -> list[tuple[str, str]]:
    """All that may be said of anybody, with where it is from."""
    said = [(p.name, p.phrase(value)) for p in CATALOGUE for value in (0.0, 1.0, 2.5, 400.0, float("nan"))]
    said += [
        (driver.name, text) for driver in DRIVERS for text in (driver.title, driver.domain, driver.higher, driver.lower)
    ]
    held = vars(plain_language)
    said += [(name, held[name]) for name in held if name.isupper() and isinstance(held[name], str)]
    return [*said, ("support", SUPPORT), ("unconfirmed", UNCONFIRMED), ("withheld", WITHHELD_SAYS)]


def test_nothing_that_is_said_blames_judges_or_claims_a_cause() -> None:
    assert {where: found for where, said in every_phrase() if (found := found_in(said))} == {}


@pytest.mark.parametrize(
    ("said", "instead"),
    [
        ("refuses care", "declined"), ("a frequent flyer", "so many"), ("Non-compliant with medicines", "not taking"),
        ("admitted because of a fall", "goes with"), ("a bed blocker", "waiting"), ("failed to attend", "missed"), ("a diabetic", "a person with"),
    ],
)  # fmt: skip
def test_a_word_that_blames_is_found_with_what_to_say_instead(said: str, instead: str) -> None:
    (found,) = found_in(said)
    assert instead in found


@pytest.mark.parametrize("driver", REASONS, ids=lambda driver: driver.name)
def test_every_reason_has_plain_words_that_an_eleven_year_old_can_read(driver: Any) -> None:
    assert {field.name for field in fields(driver)} >= {"higher", "lower"}
    for said in (driver.higher, driver.lower):
        assert said.endswith(".")
        assert not any(char.isdigit() for char in said.replace("999", "").replace("111", ""))
    whole = letter({"raises": [reason(driver.name)], "lowers": [reason(driver.name)], "support": []})
    assert reading_age(" ".join(whole)) <= OLDEST


def test_a_letter_tells_three_that_raise_two_that_lower_and_what_is_in_place() -> None:
    names = [driver.name for driver in REASONS]
    told = letter({"raises": [reason(name) for name in names[:5]], "lowers": [reason(name) for name in names[5:8]],
                   "support": [{"driver": "home_care", "title": "help at home"}]})  # fmt: skip
    assert [REASONS[n].higher in told[1] for n in range(5)] == [True, True, True, False, False]
    assert [REASONS[n].lower in told[2] for n in range(5, 8)] == [True, True, False]
    assert told[3] == "You have some help in place now: help at home."
    assert "can be wrong" in told[4]


def test_a_letter_says_nothing_of_what_is_withheld() -> None:
    told = letter({"raises": [reason("withheld")], "lowers": [], "support": []})
    assert told == [plain_language.WHY, plain_language.NOT_SURE, plain_language.ASK]


def test_the_reading_age_is_kincaids_grade_and_five() -> None:
    # 6 words, 1 sentence, 6 syllables: 0.39 * 6 + 11.8 * 1 - 15.59 = -1.45, so 0; and 5.
    assert reading_age("The cat sat on the mat.") == 5.0
    # 3 words, 11 syllables (un-planned 2; hos-pi-tal-i-sa-tion 6; ha-ppened 2 -> "happened": a-e less ed = 2): 0.39*3 + 11.8*10/3 - 15.59
    assert reading_age("Unplanned hospitalisation happened.") == pytest.approx(5 + 0.39 * 3 + 11.8 * 10 / 3 - 15.59)
    assert [syllables(word) for word in ("stayed", "needed", "people", "care", "GP")] == [1, 2, 2, 1, 2]
