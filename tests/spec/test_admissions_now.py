"""Who is in hospital now, and that the finished stay takes the place of what the daily file said."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from features.record.ingest import ingest
from features.sources import open_source
from tests.deliveries import Sent
from tests.extracts import nhs
from tests.spec.test_hes import USUAL as EPISODE

USUAL = {"NHS_NUMBER": nhs(1), "LOCAL_PATIENT_ID": "77", "PROVIDER_CODE": "RZ1", "ADMISSION_DATE": "2024-03-01 10:00:00",
         "ADMISSION_METHOD": "21", "ADMISSION_SOURCE": "19", "PATIENT_CLASSIFICATION": "1", "SPECIALTY": "300"}  # fmt: skip
ADMITTED = {"EVENT_TYPE": "admitted", "EVENT_DATE": "2024-03-01 10:00:00"}
MOVED = {
    "EVENT_TYPE": "A02",
    "EVENT_DATE": "2024-03-03 09:00:00",
    "SPECIALTY": "430",
    "ADMISSION_METHOD": "",
    "ADMISSION_SOURCE": "",
}
LEFT = {
    "EVENT_TYPE": "discharged",
    "EVENT_DATE": "2024-03-09 16:00:00",
    "DISCHARGE_METHOD": "1",
    "DISCHARGE_DESTINATION": "19",
}


@pytest.fixture
def daily(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "admissions_now", {"admissions": USUAL})


def current(sent: Sent, columns: str) -> list[tuple[Any, ...]]:
    return sent.rows("spell", columns, "known_until IS NULL OR known_until > end_date")


def test_who_was_admitted_is_in_hospital_until_the_file_says_otherwise(daily: Sent) -> None:
    daily.file("admissions", "2024-03-02", ADMITTED).file("admissions", "2024-03-04", MOVED).file(
        "admissions", "2024-03-10", LEFT
    ).take()
    assert daily.rows("spell", "event_date end_date specialty known_at known_until") == [
        ("2024-03-01", "2024-03-09", "300", "2024-03-10", "2024-07-07"),  # 9 March + 120 days
        ("2024-03-01", None, "300", "2024-03-02", "2024-03-04"),
        ("2024-03-01", None, "430", "2024-03-04", "2024-03-10"),
    ]


def test_what_an_event_leaves_out_is_as_the_event_before_said(daily: Sent) -> None:
    daily.file("admissions", "2024-03-04", ADMITTED, MOVED).take()
    assert daily.rows("spell", "admission_method specialty") == [("21", "430")]


def test_a_late_event_changes_nothing_of_a_newer_one(daily: Sent) -> None:
    ledger = daily.file("admissions", "2024-03-10", LEFT).file("admissions", "2024-03-11", MOVED).take()
    assert current(daily, "event_date end_date") == [("2024-03-01", "2024-03-09")]
    assert daily.fates(ledger, "stays") == {"accepted": 1, "earlier_word_of_stay": 1}


def test_a_cancelled_admission_was_none(daily: Sent) -> None:
    """HL7 version 2, A11."""
    cancelled = {"EVENT_TYPE": "A11", "EVENT_DATE": "2024-03-02 08:00:00"}
    ledger = daily.file("admissions", "2024-03-02", ADMITTED).file("admissions", "2024-03-03", cancelled).take()
    assert daily.rows("spell", "event_date", "known_until IS NULL") == []
    assert daily.fates(ledger, "stays") == {"accepted": 1, "cancelled": 1}


def test_a_cancelled_discharge_opens_the_stay_again(daily: Sent) -> None:
    """HL7 version 2, A13."""
    back = {"EVENT_TYPE": "A13", "EVENT_DATE": "2024-03-09 18:00:00"}
    daily.file("admissions", "2024-03-10", LEFT).file("admissions", "2024-03-11", back).take()
    assert daily.rows("spell", "event_date end_date", "known_until IS NULL") == [("2024-03-01", None)]


def test_a_transfer_between_the_files_hospitals_goes_on_with_the_stay(daily: Sent) -> None:
    other = {"PROVIDER_CODE": "RZ2", "LOCAL_PATIENT_ID": "5", "EVENT_TYPE": "admitted", "EVENT_DATE": "2024-03-09", "ADMISSION_DATE": "2024-03-09",
             "ADMISSION_METHOD": "2B", "ADMISSION_SOURCE": "51"}  # fmt: skip
    daily.file("admissions", "2024-03-10", {**LEFT, "DISCHARGE_DESTINATION": "51"}, other).take()
    assert daily.rows("spell", "event_date end_date admission_method") == [("2024-03-01", None, "21")]


@pytest.mark.parametrize(
    ("more", "reason"),
    [({"EVENT_TYPE": "bed cleaned"}, "not_allowed"), ({"EVENT_DATE": "2024-02-01"}, "before_admission"),
     ({"EVENT_DATE": "2024-04-01"}, "after_receipt"), ({"NHS_NUMBER": "", "LOCAL_PATIENT_ID": ""}, "no_identifier")],
)  # fmt: skip
def test_an_event_that_cannot_be_is_refused_by_name(daily: Sent, more: dict[str, str], reason: str) -> None:
    ledger = daily.file("admissions", "2024-03-02", {**ADMITTED, "LOCAL_PATIENT_ID": "8"}, {**ADMITTED, **more}).take()
    assert daily.fates(ledger, "stays") == {"accepted": 1, reason: 1}


def both(
    daily: Sent, episodes: list[dict[str, Any]], received: str = "2024-05-20", *, finished_first: bool = False
) -> None:
    """Take in the daily files, and after them (or before) episodes received on a day."""
    if not finished_first:
        daily.take()
    finished = Sent(daily.folder / "hes", "hes", {"apc": EPISODE}).file("apc", received, *episodes)
    with daily.identity() as identity:
        ingest(open_source("hes", finished.sent, kind="demonstration"), daily.record, identity)
    if finished_first:
        daily.take()


def in_hospital(sent: Sent, at: str) -> list[tuple[Any, ...]]:
    """Stays as they were known on a day."""
    return sent.rows("spell", "event_date end_date admission_method", f"known_at < DATE '{at}' AND (known_until IS NULL OR known_until >= DATE '{at}')")  # fmt: skip


FINISHED = {
    "EPIKEY": "1",
    "ADMIDATE": "2024-03-01",
    "EPISTART": "2024-03-01",
    "EPIEND": "2024-03-09",
    "DISDATE": "2024-03-09",
}


def test_the_finished_stay_takes_the_place_of_what_the_daily_file_said(daily: Sent) -> None:
    """The rule: a stay is known by the patient's number with the provider and the day of admission, in both extracts."""
    daily.file("admissions", "2024-03-02", ADMITTED).file("admissions", "2024-03-10", LEFT)
    both(daily, [{**FINISHED, "ADMIMETH": "22"}])
    assert in_hospital(daily, "2024-03-05") == [("2024-03-01", None, "21")]
    assert in_hospital(daily, "2024-04-01") == [("2024-03-01", "2024-03-09", "21")]
    assert in_hospital(daily, "2025-01-01") == [("2024-03-01", "2024-03-09", "22")]


def test_a_stay_begun_elsewhere_is_not_told_twice(daily: Sent) -> None:
    """The daily file of the second hospital alone knows of an admission by transfer; the finished stay began in the first."""
    here = {"PROVIDER_CODE": "RZ2", "LOCAL_PATIENT_ID": "5", "ADMISSION_DATE": "2024-03-05", "ADMISSION_METHOD": "2B"}
    daily.file("admissions", "2024-03-06", {**ADMITTED, "EVENT_DATE": "2024-03-05", **here})
    both(daily, [
        {**FINISHED, "EPIEND": "2024-03-05", "DISDATE": "2024-03-05", "DISDEST": "51"},
        {**FINISHED, "EPIKEY": "2", "ADMIDATE": "2024-03-05", "EPISTART": "2024-03-05", "PROCODE3": "RZ2", "LOPATID": "5", "ADMIMETH": "2B", "ADMISORC": "51"},
    ])  # fmt: skip
    assert in_hospital(daily, "2024-03-08") == [("2024-03-05", None, "2B")]
    assert in_hospital(daily, "2024-06-01") == [("2024-03-01", "2024-03-09", "21")]


ELSEWHERE = {"PROVIDER_CODE": "RZ2", "LOCAL_PATIENT_ID": "5", "EVENT_DATE": "2024-03-05", "ADMISSION_DATE": "2024-03-05", "ADMISSION_METHOD": "2B",
             "ADMISSION_SOURCE": "51"}  # fmt: skip
MOVED_OUT = {**LEFT, "EVENT_DATE": "2024-03-05", "DISCHARGE_DESTINATION": "51"}
BEFORE_THE_MOVE = {**FINISHED, "EPIEND": "2024-03-05", "DISDATE": "2024-03-05", "DISDEST": "51"}
AFTER_THE_MOVE = {**FINISHED, "EPIKEY": "2", "ADMIDATE": "2024-03-05", "EPISTART": "2024-03-05", "EPIEND": "2024-05-30", "DISDATE": "2024-05-30",
                  "PROCODE3": "RZ2", "LOPATID": "5", "ADMIMETH": "2B", "ADMISORC": "51"}  # fmt: skip


def days(sent: Sent, received: str, *events: dict[str, str]) -> None:
    sent.file("admissions", received, *events)


@pytest.mark.parametrize("finished_first", [False, True])
@pytest.mark.parametrize(
    ("later", "is_so"),
    [([], ("2024-03-01", None, "21")),
     ([{"EVENT_TYPE": "discharged", "EVENT_DATE": "2024-03-20", "DISCHARGE_METHOD": "1", "DISCHARGE_DESTINATION": "19"}], ("2024-03-01", "2024-03-20", "21"))],
)  # fmt: skip
def test_who_was_moved_and_is_still_there_has_not_left(
    daily: Sent, finished_first: bool, later: list[dict[str, str]], is_so: tuple[Any, ...]
) -> None:
    """The finished episode of the first hospital says only that the patient went to another one. Harm: somebody in a bed is taken to be
    at home, or is visited there; whichever extract is read first."""
    days(daily, "2024-03-02", ADMITTED)
    days(daily, "2024-03-06", MOVED_OUT, {**ELSEWHERE, "EVENT_TYPE": "admitted"})
    for event in later:
        days(daily, "2024-03-21", {**ELSEWHERE, **event})
    both(daily, [BEFORE_THE_MOVE], finished_first=finished_first)
    assert in_hospital(daily, "2024-03-12") == [("2024-03-01", None, "21")]
    assert in_hospital(daily, "2024-06-01") == [is_so]
    # A year on the daily file's word still stands: nothing else tells of the stay.
    assert in_hospital(daily, "2025-03-01") == [is_so]


def test_the_whole_stay_takes_the_place_of_what_the_daily_file_followed(daily: Sent) -> None:
    days(daily, "2024-03-06", ADMITTED, MOVED_OUT, {**ELSEWHERE, "EVENT_TYPE": "admitted"})
    both(daily, [BEFORE_THE_MOVE])
    finished = Sent(daily.folder / "later", "hes", {"apc": EPISODE})
    finished.file("apc", "2024-05-20", BEFORE_THE_MOVE).file("apc", "2024-07-20", AFTER_THE_MOVE)
    with daily.identity() as identity:
        ingest(open_source("hes", finished.sent, kind="demonstration"), daily.record, identity)
    assert in_hospital(daily, "2024-07-01") == [("2024-03-01", None, "21")]
    assert in_hospital(daily, "2024-08-01") == [("2024-03-01", "2024-05-30", "21")]


def test_who_left_for_a_hospital_that_sends_no_daily_file_has_left(daily: Sent) -> None:
    """Nobody is kept in hospital by a bed that no feed tells of."""
    days(daily, "2024-03-06", ADMITTED, MOVED_OUT)
    both(daily, [BEFORE_THE_MOVE])
    assert in_hospital(daily, "2024-06-01") == [("2024-03-01", "2024-03-05", "21")]


def test_a_stay_that_no_episode_tells_of_stands_for_four_months_after_its_end(daily: Sent) -> None:
    daily.file("admissions", "2024-03-10", LEFT).take()
    last = date(2024, 3, 9) + timedelta(days=120)
    assert len(in_hospital(daily, last.isoformat())) == 1
    assert in_hospital(daily, (last + timedelta(days=1)).isoformat()) == []


@pytest.mark.parametrize(
    ("sites", "is_class"),
    [(["RZ1VW"], "hospital_at_home"), (["RZ1VW", "RZ1VW"], "hospital_at_home"), (["RZ1VW", "RZ101"], "ordinary"), (["RZ101", "RZ1VW"], "ordinary"),
     (["RZ1VW", ""], "hospital_at_home")],
)  # fmt: skip
def test_who_is_at_home_under_a_hospitals_name_is_not_in_hospital(
    tmp_path: Path, sites: list[str], is_class: str
) -> None:
    """Nobody looks for somebody in a bed who is at home; and nobody in a bed is taken to be at home."""
    sent = Sent(tmp_path, "admissions_now", {"admissions": USUAL}, hospital_at_home=["RZ1VW"])
    names = ["admitted", "transferred"]
    for name, site, day in zip(names, sites, ("01", "02"), strict=False):
        sent.file("admissions", f"2024-06-0{int(day) + 1}", {"EVENT_TYPE": name, "EVENT_DATE": f"2024-06-{day}", "ADMISSION_DATE": "2024-06-01", "SITE_CODE": site, "PATIENT_CLASSIFICATION": ""})  # fmt: skip
    sent.take()
    assert sent.rows("spell", "patient_class", "known_until IS NULL") == [(is_class,)]
