"""The flat national GP shape, rule by rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deliveries import Sent
from tests.extracts import nhs

USUAL = {"gdppr": {"NHS_NUMBER": nhs(1), "PRACTICE": "B86022", "SEX": "2", "ETHNIC": "A", "YEAR_OF_BIRTH": "1940", "LSOA": "E01000001",
                   "REPORTING_PERIOD_END_DATE": "2024-10-31", "DATE": "2024-03-01", "RECORD_DATE": "2024-03-01", "CODE": "73211009"}}  # fmt: skip
FIRST, SECOND = "2024-11-14", "2024-12-14"


@pytest.fixture
def gp(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "gdppr", USUAL)


def test_an_entry_becomes_an_event_and_its_patient_a_person(gp: Sent) -> None:
    ledger = gp.file("gdppr", FIRST, {"CODE": "60621009", "VALUE1_CONDITION": "27.5"}).take()
    assert gp.rows("gp_event", "event_date system code value") == [("2024-03-01", "snomed", "60621009", 27.5)]
    assert gp.rows("person", "birth_month::VARCHAR sex ethnicity") == [("1940-07-01", "female", "A")]
    assert gp.rows("registration", "practice kind end_date") == [("B86022", "regular", None)]
    assert gp.rows("residence", "lsoa kind") == [("E01000001", None)]
    assert gp.fates(ledger, "events") == {"accepted": 1}


KNOWN: list[tuple[str, dict[str, Any], str]] = [
    # DATE is when it happened, RECORD_DATE when it was entered: the later is when it was known (GDPPR data set). Two weeks of lag.
    ("entered on the day", {}, "2024-03-15"),
    ("entered later", {"RECORD_DATE": "2024-06-01"}, "2024-06-15"),
    ("entered before the day it is dated", {"DATE": "2024-06-10", "RECORD_DATE": "2024-06-01"}, "2024-06-24"),
    ("no day of entry", {"RECORD_DATE": ""}, "2024-03-15"),
    ("a day that stands for none", {"RECORD_DATE": "1800-01-01"}, "2024-03-15"),
    ("never later than the receipt", {"RECORD_DATE": "2024-11-10"}, FIRST),
]


@pytest.mark.parametrize(("case", "row", "known"), KNOWN, ids=[case[0] for case in KNOWN])
def test_the_later_of_the_two_dates_is_when_it_was_known(gp: Sent, case: str, row: dict[str, Any], known: str) -> None:
    gp.file("gdppr", FIRST, row).take()
    assert gp.rows("gp_event", "known_at") == [(known,)]


def test_what_a_later_delivery_brings_new_was_known_on_its_receipt_however_old_it_says_it_is(gp: Sent) -> None:
    gp.file("gdppr", FIRST, {}).file("gdppr", SECOND, {}, {"DATE": "2024-02-01", "RECORD_DATE": "2024-02-01"}).take()
    assert gp.rows("gp_event", "event_date known_at") == [("2024-02-01", SECOND), ("2024-03-01", "2024-03-15")]


FATES: list[tuple[str, dict[str, Any], str, dict[str, int]]] = [
    ("no date", {"DATE": ""}, "events", {"missing": 1}),
    ("a date that stands for none", {"DATE": "1801-01-01"}, "events", {"missing": 1}),
    ("not a date", {"DATE": "31/31/2024"}, "events", {"not_a_date": 1}),
    ("before birth", {"DATE": "1939-06-01"}, "events", {"before_birth": 1}),
    ("after the receipt", {"DATE": "2025-01-01"}, "events", {"future_date": 1}),
    ("no code", {"CODE": ""}, "events", {"missing": 1}),
    ("a code of no system", {"CODE": "73211008"}, "events", {"malformed_code": 1}),
    ("no number at all", {"NHS_NUMBER": ""}, "events", {"no_identifier": 1}),
    ("a wrong check digit", {"NHS_NUMBER": "9434765918"}, "events", {"malformed_nhs_number": 1}),
    ("a prescription", {"EPISODE_PRESCRIPTION": "1"}, "events", {"a_prescription": 1}),
    ("a prescription", {"EPISODE_PRESCRIPTION": "1", "CODE": "319740004"}, "prescriptions", {"accepted": 1}),
    ("not a prescription", {}, "prescriptions", {"not_a_prescription": 1}),
    ("a practice of no scheme", {"PRACTICE": "b86-022"}, "registrations", {"malformed": 1}),
    ("a day as on English forms", {"DATE": "01/03/2024"}, "events", {"accepted": 1}),
    ("the word NULL", {"VALUE1_CONDITION": "NULL"}, "events", {"accepted": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("case", "row", "rule", "fates"), FATES, ids=[f"{case[0]}, {case[2]}" for case in FATES])
def test_what_becomes_of_a_row(gp: Sent, case: str, row: dict[str, Any], rule: str, fates: dict[str, int]) -> None:
    good = {"NHS_NUMBER": nhs(2), "CODE": "38341003"}
    told = gp.fates(gp.file("gdppr", FIRST, row, good).take(), rule)
    others = {"accepted": 1} if rule != "prescriptions" else {"not_a_prescription": 1}
    assert told == {name: fates.get(name, 0) + others.get(name, 0) for name in (*others, *fates)}


@pytest.mark.parametrize("code", ["86406008", "62479008"])
def test_legally_restricted_codes_are_dropped_before_anything_else_looks_at_them(gp: Sent, code: str) -> None:
    """NHS (Venereal Diseases) and Sexually Transmitted Diseases Directions 2000: not passed on, not even as a fault of the row."""
    ledger = gp.file("gdppr", FIRST, {"CODE": code, "DATE": ""}, {}).take()
    assert gp.fates(ledger, "events") == {"accepted": 1, "legally_restricted": 1}
    assert gp.rows("gp_event", "code") == [("73211009",)]
    assert code not in "".join(str(line) for line in gp.quarantined())


def test_blood_pressure_has_two_values(gp: Sent) -> None:
    gp.file("gdppr", FIRST, {"CODE": "75367002", "VALUE1_CONDITION": "142", "VALUE2_CONDITION": "80"}).take()
    assert gp.rows("gp_event", "code value") == [("271649006", 142.0), ("271650006", 80.0)]


def test_a_patient_who_moved_is_registered_with_the_practice_whose_report_is_later(gp: Sent) -> None:
    """Both practices send the record once more in the month of the move."""
    new = {"PRACTICE": "C82001", "REPORTING_PERIOD_END_DATE": "2024-11-30"}
    gp.file("gdppr", FIRST, {}, {"CODE": "38341003"})
    ledger = gp.file("gdppr", SECOND, {}, {**new, "CODE": "38341003"}, {**new}).take()
    assert gp.rows("registration", "practice known_until") == [("B86022", SECOND), ("C82001", None)]
    fates = gp.fates(ledger, "registrations")
    assert fates == {"accepted": 2, "held_by_another_practice": 1, "said_beside_an_earlier_entry": 2}


def test_a_death_ends_the_registration(gp: Sent) -> None:
    gp.file("gdppr", FIRST, {}).file("gdppr", SECOND, {"DATE_OF_DEATH": "2024-11-20"}).take()
    assert gp.rows("death", "event_date known_at") == [("2024-11-20", SECOND)]
    assert gp.rows("registration", "end_date end_reason known_at", "known_until IS NULL") == [
        ("2024-11-20", "died", SECOND)
    ]


def test_plans_and_wishes_are_told_by_their_codes_and_the_latest_of_a_kind_decides(gp: Sent) -> None:
    made, undone = (
        {"CODE": "816301000000100"},
        {"CODE": "962601000000103", "DATE": "2024-08-01", "RECORD_DATE": "2024-08-01"},
    )
    gp.file("gdppr", FIRST, made, undone, {"CODE": "1382601000000107"}).take()
    assert gp.rows("preference", "kind event_date end_date known_until") == [
        ("advance_decision", "2024-03-01", None, "2024-08-15"),
        ("advance_decision", "2024-08-01", "2024-08-01", None),
        ("respect", "2024-03-01", None, None),
    ]


def test_each_practice_is_a_feed_of_its_own_that_covers_what_it_reported(gp: Sent) -> None:
    """A practice that stopped sending is not a practice whose patients got well."""
    gp.file(
        "gdppr", FIRST, {}, {"NHS_NUMBER": nhs(2), "PRACTICE": "C82001", "REPORTING_PERIOD_END_DATE": "2024-09-30"}
    ).take()
    assert gp.rows("feed", "covers known_at period_to::VARCHAR", "table_name = 'gp_event'") == [
        ("B86022", FIRST, "2024-11-01"), ("C82001", FIRST, "2024-10-01")]  # fmt: skip


def test_the_same_deliveries_again_change_nothing_and_one_more_adds_only_what_is_new(gp: Sent) -> None:
    gp.file("gdppr", FIRST, {}, {})
    assert gp.fates(gp.take(), "events") == {"accepted": 1, "duplicate_row": 1}
    before = gp.contents()
    assert gp.take().unchanged
    assert gp.contents() == before
    again = gp.file("gdppr", SECOND, {}, {"DATE": "2024-11-20", "RECORD_DATE": "2024-11-20"}).take()
    assert gp.fates(again, "events")["accepted"] == 1
    assert len(gp.rows("gp_event", "row_id")) == 2
