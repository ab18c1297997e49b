"""Consultant episodes into spells, spells into continuous stays: every rule with its source, on a handful of rows each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.errors import WrongUsage
from features.sources import open_source
from tests.deliveries import Sent
from tests.extracts import nhs

FIRST, SECOND, THIRD = "2024-06-20", "2024-07-20", "2024-08-20"
USUAL = {"NHS_NUMBER": nhs(1), "LOPATID": "77", "PROCODE3": "RZ1", "EPISTAT": "3", "EPIORDER": "1", "ADMIMETH": "21", "ADMISORC": "19",
         "CLASSPAT": "1", "MAINSPEF": "300", "DISMETH": "1", "DISDEST": "19"}  # fmt: skip


def episode(key: str, admitted: str, starts: str, ends: str, **more: Any) -> dict[str, Any]:
    """An episode of March 2024; the days of the month are given. Unless said otherwise it ends in a discharge."""
    days = {"ADMIDATE": admitted, "EPISTART": starts, "EPIEND": ends, "DISDATE": ends}
    return {"EPIKEY": key, **{name: f"2024-03-{day}" for name, day in days.items()}, **more}


STAYS_ON = {"DISMETH": "8", "DISDEST": "98", "DISDATE": ""}
#: To another hospital, and from one.
LEAVES, COMES = {"DISDEST": "51"}, {"PROCODE3": "RZ2", "LOPATID": "5", "ADMISORC": "51", "ADMIMETH": "81"}


@pytest.fixture
def hes(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "hes", {"apc": USUAL})


def stays(sent: Sent, columns: str = "event_date end_date") -> list[tuple[Any, ...]]:
    return sent.rows("spell", columns, "known_until IS NULL")


def test_episodes_of_one_admission_are_one_stay_that_begins_as_the_first_and_ends_as_the_last(hes: Sent) -> None:
    """HES: ADMIDATE stands on every episode of a spell, DISDATE on the last alone."""
    ledger = hes.file(
        "apc", FIRST,
        episode("1", "01", "01", "05", **STAYS_ON),
        episode("2", "01", "05", "09", EPIORDER="2", MAINSPEF="430", DISDEST="54", DISREADYDATE="2024-03-07"),
    ).take()  # fmt: skip
    assert stays(hes, "event_date end_date admission_method specialty ready_date discharge_destination known_at") == [
        ("2024-03-01", "2024-03-09", "21", "300", "2024-03-07", "54", "2024-04-23"),  # 9 March + 45 days
    ]
    assert hes.fates(ledger, "stays") == {"accepted": 1, "part_of_stay": 1}


def test_an_episode_that_goes_on_from_the_last_is_of_the_same_spell(hes: Sent) -> None:
    """Provider spells methodology (HSCIC 2014): the last episode ended without a discharge on the day on which this one starts."""
    hes.file(
        "apc", FIRST, episode("1", "01", "01", "05", **STAYS_ON), episode("2", "05", "05", "09", EPIORDER="2")
    ).take()
    assert stays(hes) == [("2024-03-01", "2024-03-09")]


def test_two_admissions_are_two_stays_though_only_a_day_apart(hes: Sent) -> None:
    """The same methodology: without a transfer nearness alone makes no continuous stay."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05"), episode("2", "06", "06", "09")).take()
    assert stays(hes) == [("2024-03-01", "2024-03-05"), ("2024-03-06", "2024-03-09")]


@pytest.mark.parametrize(
    ("left", "came"),
    [({"DISDEST": "51"}, {}), ({"DISDEST": "52"}, {}), ({"DISDEST": "53"}, {}), ({}, {"ADMISORC": "51"}), ({}, {"ADMISORC": "52"}),
     ({}, {"ADMISORC": "53"}), ({}, {"ADMIMETH": "2B"}), ({}, {"ADMIMETH": "81"}), ({}, {"ADMIMETH": "67"})],
)  # fmt: skip
def test_a_transfer_goes_on_with_the_stay(hes: Sent, left: dict[str, str], came: dict[str, str]) -> None:
    """Continuous inpatient spells (Centre for Health Economics, York): DISDEST or ADMISORC 51 to 53, ADMIMETH 2B (67 in extracts of
    numbers) or 81. The stay keeps the method of its first admission: a 2B transfer is no second admission."""
    other = {"PROCODE3": "RZ2", "LOPATID": "5", **came}
    hes.file("apc", FIRST, episode("1", "01", "01", "05", **left), episode("2", "05", "05", "09", **other)).take()
    assert stays(hes, "event_date end_date admission_method provider") == [("2024-03-01", "2024-03-09", "21", "RZ1")]


@pytest.mark.parametrize(("starts", "count"), [("05", 1), ("08", 1), ("09", 2)])
def test_a_transfer_takes_up_to_three_days(hes: Sent, starts: str, count: int) -> None:
    """Continuous inpatient spells: at most three days lie between the end of the one spell and the start of the next."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05", **LEAVES), episode("2", starts, starts, "12", **COMES)).take()
    assert len(stays(hes)) == count


def test_three_hospitals_one_stay(hes: Sent) -> None:
    third = {**COMES, "PROCODE3": "RZ3", "LOPATID": "9", "DISDEST": "65"}
    hes.file(
        "apc", FIRST, episode("1", "01", "01", "03", **LEAVES), episode("2", "03", "03", "06", **COMES, DISDEST="51"),
        episode("3", "06", "06", "20", **third),
    ).take()  # fmt: skip
    assert stays(hes, "event_date end_date discharge_destination") == [("2024-03-01", "2024-03-20", "65")]


def test_a_day_case_in_the_middle_cuts_no_stay_in_two(hes: Sent) -> None:
    """This project's choice: published code compares neighbours in the order of start, and would end the stay at the day case."""
    hes.file(
        "apc", FIRST, episode("1", "01", "01", "10", **STAYS_ON), episode("2", "05", "05", "05", CLASSPAT="2", ADMIMETH="12"),
        episode("3", "01", "10", "20", EPIORDER="2", **LEAVES), episode("4", "20", "20", "25", **COMES),
    ).take()  # fmt: skip
    assert stays(hes, "event_date end_date patient_class") == [
        ("2024-03-01", "2024-03-25", "ordinary"), ("2024-03-05", "2024-03-05", "day_case"),
    ]  # fmt: skip


def test_unfinished_episodes_are_left_out(hes: Sent) -> None:
    """HES: EPISTAT 1 is unfinished, 3 finished; an unfinished one comes again, finished, in the year in which it ends."""
    unfinished = episode("1", "01", "01", "31", EPISTAT="1", DISDATE="")
    ledger = hes.file("apc", FIRST, unfinished).file("apc", SECOND, episode("1", "01", "01", "09")).take()
    assert stays(hes, "event_date end_date known_at") == [("2024-03-01", "2024-03-09", SECOND)]
    assert hes.fates(ledger, "stays") == {"accepted": 1, "unfinished": 1}


def test_an_episode_filed_in_two_years_counts_once(hes: Sent) -> None:
    """HES: episodes are filed by the year in which they end, and one that straddles years can stand in both, under two keys."""
    ledger = hes.file("apc", FIRST, episode("1", "01", "01", "09"), episode("2", "01", "01", "09")).take()
    assert stays(hes) == [("2024-03-01", "2024-03-09")]
    assert hes.fates(ledger, "stays") == {"accepted": 1, "duplicate_episode": 1}


@pytest.mark.parametrize("null", ["1800-01-01", "1801-01-01", ""])
def test_dates_of_1800_and_1801_stand_for_none(hes: Sent, null: str) -> None:
    """HES data dictionary: null and invalid dates. A discharge date that is none is the end of the last episode."""
    hes.file(
        "apc", FIRST, episode("1", "01", "01", "09") | {"DISDATE": null, "DISREADYDATE": null, "ADMIDATE": null}
    ).take()
    assert stays(hes, "event_date end_date ready_date") == [("2024-03-01", "2024-03-09", None)]


def test_a_missing_admission_date_is_filled_on_a_first_episode_that_is_no_transfer(hes: Sent) -> None:
    """As the British Heart Foundation Data Science Centre fills it: from EPISTART where EPIORDER is 1, and not for transfers."""
    rows = [episode(str(n), "01", "01", "09", ADMIDATE="", LOPATID=str(n), NHS_NUMBER=nhs(n), **more)
            for n, more in enumerate([{}, {"EPIORDER": "2"}, {"ADMISORC": "51"}, {"ADMIMETH": "2B"}], 1)]  # fmt: skip
    ledger = hes.file("apc", FIRST, *rows).take()
    assert hes.fates(ledger, "stays") == {"accepted": 1, "missing": 3}


WRONG = [
    ({"EPISTART": "2024-03-11"}, "end_before_start"), ({"EPIEND": "2024-09-01"}, "after_receipt"), ({"EPISTART": "1800-01-01"}, "null_date"),
    ({"EPIEND": "1801-01-01"}, "null_date"), ({"EPISTART": "next week"}, "not_a_date"), ({"EPIEND": ""}, "missing"), ({"EPISTAT": "7"}, "not_allowed"),
    ({"ADMIDATE": "2024-03-05"}, "after_its_episode"), ({"ADMIDATE": "soon"}, "not_a_date"), ({"NHS_NUMBER": "", "LOPATID": ""}, "no_identifier"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "reason"), WRONG)
def test_an_episode_that_cannot_be_is_refused_by_name(hes: Sent, more: dict[str, str], reason: str) -> None:
    ledger = hes.file(
        "apc",
        FIRST,
        episode("1", "02", "02", "09", LOPATID="8", NHS_NUMBER=nhs(8)),
        episode("2", "01", "01", "09") | more,
    ).take()
    assert hes.fates(ledger, "stays") == {"accepted": 1, reason: 1}


def test_who_has_not_been_discharged_is_in_hospital(hes: Sent) -> None:
    """NHS Data Dictionary, DISCHARGE METHOD 8: the spell is not finished."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05", **STAYS_ON)).take()
    assert stays(hes, "event_date end_date discharge_method") == [("2024-03-01", None, None)]


def test_a_stay_unheard_of_for_a_year_has_ended_when_it_was_last_heard_of(hes: Sent) -> None:
    later = episode("9", "01", "01", "02", LOPATID="8", NHS_NUMBER=nhs(8))
    hes.file("apc", FIRST, episode("1", "01", "01", "05", **STAYS_ON)).file("apc", "2025-03-06", later).take()
    assert hes.rows("spell", "event_date end_date known_at", "known_until IS NULL AND known_at = DATE '2025-03-06' AND end_date > DATE '2024-03-02'") == [
        ("2024-03-01", "2024-03-05", "2025-03-06")]  # fmt: skip


def test_nobody_knew_that_a_stay_was_forgotten_before_it_was(hes: Sent) -> None:
    hes.file("apc", "2026-06-20", episode("1", "01", "01", "05", **STAYS_ON)).take()
    assert stays(hes, "event_date end_date known_at") == [
        ("2024-03-01", "2024-03-05", "2025-03-06")
    ]  # 5 March + 366 days


def test_a_later_episode_lengthens_the_stay_from_the_day_it_came(hes: Sent) -> None:
    hes.file("apc", FIRST, episode("1", "01", "01", "05", **STAYS_ON)).file(
        "apc", SECOND, episode("2", "01", "05", "09", EPIORDER="2")
    ).take()
    assert hes.rows("spell", "event_date end_date known_at known_until") == [
        ("2024-03-01", "2024-03-09", SECOND, None), ("2024-03-01", None, "2024-04-19", SECOND),
    ]  # fmt: skip


def test_a_late_first_spell_takes_in_the_stay_that_it_was_left_for(hes: Sent) -> None:
    hes.file("apc", FIRST, episode("2", "05", "05", "09", **COMES)).file(
        "apc", SECOND, episode("1", "01", "01", "05", **LEAVES)
    ).take()
    assert stays(hes) == [("2024-03-01", "2024-03-09")]
    assert hes.rows("spell", "event_date known_at", "known_until = DATE '2024-07-20' AND known_at < known_until") == [
        ("2024-03-05", "2024-04-23"),
    ]


def test_a_corrected_episode_takes_the_place_of_the_first(hes: Sent) -> None:
    hes.file("apc", FIRST, episode("1", "01", "01", "09", ADMIMETH="11")).file(
        "apc", SECOND, episode("1", "01", "01", "09")
    ).take()
    assert hes.rows("spell", "admission_method known_at known_until") == [
        ("11", "2024-04-23", SECOND),
        ("21", SECOND, None),
    ]


def test_an_episode_that_was_another_patients_is_taken_from_them(hes: Sent) -> None:
    right = {"NHS_NUMBER": nhs(2), "LOPATID": "78"}
    hes.file("apc", FIRST, episode("1", "01", "01", "09", DIAG_01="J181")).file(
        "apc", SECOND, episode("1", "01", "01", "09", DIAG_01="J181", **right)
    ).take()
    assert hes.rows("spell", "known_at known_until", "known_until IS NOT NULL AND known_at < known_until") == [
        ("2024-04-23", SECOND)
    ]
    assert hes.rows("spell", "event_date known_at", "known_until IS NULL") == [("2024-03-01", SECOND)]
    assert hes.rows("diagnosis", "code known_at", "known_until IS NULL") == [("J181", SECOND)]


def test_a_delivery_that_repeats_the_last_one_changes_nothing(hes: Sent) -> None:
    row = episode("1", "01", "01", "09", DIAG_01="J181")
    ledger = hes.file("apc", FIRST, row).file("apc", SECOND, row).take()
    assert len(hes.rows("spell", "row_id")) == len(hes.rows("diagnosis", "row_id")) == 1
    assert hes.fates(ledger, "stays") == {"accepted": 1, "restated": 1}


def test_the_number_of_a_patient_is_known_from_other_episodes(hes: Sent) -> None:
    """A row without an NHS number is its patient's by the provider's own number."""
    hes.file(
        "apc",
        FIRST,
        episode("1", "01", "01", "05", **STAYS_ON),
        episode("2", "01", "05", "09", EPIORDER="2", NHS_NUMBER=""),
    ).take()
    assert stays(hes) == [("2024-03-01", "2024-03-09")]


def test_two_hospitals_may_number_their_patients_alike(hes: Sent) -> None:
    hes.file(
        "apc",
        FIRST,
        episode("1", "01", "01", "05", NHS_NUMBER=""),
        episode("2", "01", "01", "05", NHS_NUMBER="", PROCODE3="RZ2"),
    ).take()
    assert len(set(hes.rows("spell", "person_id"))) == 2


def test_a_site_is_its_trust(hes: Sent) -> None:
    """ODS: a site's code is that of its trust and two more characters."""
    hes.file(
        "apc",
        FIRST,
        episode("1", "01", "01", "05", **STAYS_ON, PROCODE3="RZ101"),
        episode("2", "01", "05", "09", EPIORDER="2"),
    ).take()
    assert stays(hes, "event_date end_date provider") == [("2024-03-01", "2024-03-09", "RZ1")]


def test_positions_of_diagnoses(hes: Sent) -> None:
    """The primary diagnosis of the first episode is in position 1; the others follow in order, each once; the first 20 of each
    episode are read."""
    more = {f"DIAG_{place:02}": f"K{place:02}" for place in range(3, 21)}
    hes.file(
        "apc", FIRST, episode("2", "01", "05", "09", EPIORDER="2", DIAG_01="I50.0", DIAG_02="I10X"),
        episode("1", "01", "01", "05", **STAYS_ON, DIAG_01="J181", DIAG_02="I10X", **more),
    ).take()  # fmt: skip
    found = hes.rows("diagnosis", "position code")
    assert found[:3] == [(1, "J181"), (2, "I10X"), (3, "K03")]
    assert found[19:] == [(20, "K20"), (21, "I500")]
    assert hes.rows("diagnosis", "position episode")[19:] == [(20, 1), (21, 2)]
    assert hes.rows("diagnosis", "event_date known_at", "position = 21") == [("2024-03-01", "2024-04-23")]


@pytest.mark.parametrize("unknown", ["R69X", "R69", "", "&"])
def test_an_unknown_primary_diagnosis_leaves_position_1_empty(hes: Sent, unknown: str) -> None:
    """HES: R69X stands for an unknown primary diagnosis."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05", DIAG_01=unknown, DIAG_02="E119")).take()
    assert hes.rows("diagnosis", "position code") == [(2, "E119")]


def test_a_code_with_a_dagger_or_an_asterisk_is_its_first_four_characters(hes: Sent) -> None:
    hes.file("apc", FIRST, episode("1", "01", "01", "05", DIAG_01="E104D", DIAG_02="N083A", DIAG_03="i10x")).take()
    assert hes.rows("diagnosis", "position code") == [(1, "E104"), (2, "N083"), (3, "I10X")]


def test_diagnoses_taken_back_are_withdrawn(hes: Sent) -> None:
    before = episode("1", "01", "01", "05", DIAG_01="J181", DIAG_02="E119", DIAG_03="I10X")
    hes.file("apc", FIRST, before).file("apc", SECOND, {**before, "DIAG_02": "I10X", "DIAG_03": ""}).take()
    assert hes.rows("diagnosis", "position code", "known_until IS NULL") == [(1, "J181"), (2, "I10X")]


def test_restricted_diagnoses_stay_out_and_the_stay_in(hes: Sent) -> None:
    """NHS Trusts and Primary Care Trusts (Sexually Transmitted Diseases) Directions 2000."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05", DIAG_01="J181", DIAG_02="A539")).take()
    assert hes.rows("diagnosis", "code") == [("J181",)]
    assert len(stays(hes)) == 1


CLASSES = [
    ("1", "ordinary"),
    ("2", "day_case"),
    ("3", "regular_day"),
    ("4", "regular_night"),
    ("5", "maternity"),
    ("9", "ordinary"),
]


@pytest.mark.parametrize(("code", "means"), CLASSES)
def test_classes_of_patients(hes: Sent, code: str, means: str) -> None:
    """NHS Data Dictionary, PATIENT CLASSIFICATION."""
    hes.file("apc", FIRST, episode("1", "01", "01", "05", CLASSPAT=code)).take()
    assert stays(hes, "patient_class") == [(means,)]


def test_columns_may_be_called_as_the_secondary_uses_service_calls_them(hes: Sent) -> None:
    row = {**USUAL, **episode("1", "01", "01", "05"), "NEWNHSNO": nhs(2), "DIAG_4_01": "J181"}
    del row["NHS_NUMBER"]
    (hes.sent / f"apc_{FIRST}.csv").write_text("\n".join([",".join(row), ",".join(row.values())]))
    hes.take()
    assert hes.rows("diagnosis", "position code") == [(1, "J181")]


def test_columns_may_be_parted_by_bars(hes: Sent) -> None:
    """National extracts of HES come as text parted by bars."""
    row = {**USUAL, **episode("1", "01", "01", "05"), "DIAG_01": "J181"}
    (hes.sent / f"apc_{FIRST}.txt").write_text("\n".join(["|".join(row), "|".join(row.values())]))
    hes.take()
    assert hes.rows("diagnosis", "position code") == [(1, "J181")]


HOME = "RZ1VW"


@pytest.fixture
def hes_at_home(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "hes", {"apc": USUAL}, hospital_at_home=[HOME])


@pytest.mark.parametrize(
    ("episodes", "is_class"),
    [
        ([episode("1", "01", "01", "05", SITETRET=HOME)], "hospital_at_home"),
        ([episode("1", "01", "01", "05", SITETRET=HOME.lower())], "hospital_at_home"),
        ([episode("1", "01", "01", "05", SITETRET="RZ101")], "ordinary"),
        ([episode("1", "01", "01", "05", SITETRET="")], "ordinary"),
        ([episode("1", "01", "01", "05", SITETRET="RZ101", CLASSPAT="2")], "day_case"),
        # From the bed home under the hospital's name, and from there into a bed: either way there was an admission.
        ([episode("1", "01", "01", "05", SITETRET="RZ101", **STAYS_ON), episode("2", "01", "05", "09", EPIORDER="2", SITETRET=HOME)], "ordinary"),
        ([episode("1", "01", "01", "05", SITETRET=HOME, **STAYS_ON), episode("2", "01", "05", "09", EPIORDER="2", SITETRET="RZ101")], "ordinary"),
        ([episode("1", "01", "01", "05", SITETRET=HOME, **STAYS_ON), episode("2", "01", "05", "09", EPIORDER="2", SITETRET=HOME)], "hospital_at_home"),
    ],
)  # fmt: skip
def test_a_stay_is_hospital_at_home_where_all_of_it_is_at_a_site_that_the_area_names(
    hes_at_home: Sent, episodes: list[dict[str, Any]], is_class: str
) -> None:
    """Care at home under a hospital's name keeps somebody out of a bed and is no event; a bed that hides behind it would be one missed."""
    hes_at_home.file("apc", FIRST, *episodes).take()
    assert stays(hes_at_home, "patient_class") == [(is_class,)]


def test_without_sites_that_the_area_names_no_stay_is_hospital_at_home(hes: Sent) -> None:
    hes.file("apc", FIRST, episode("1", "01", "01", "05", SITETRET=HOME)).take()
    assert stays(hes, "patient_class") == [("ordinary",)]


@pytest.mark.parametrize("sites", [["virtual ward"], [7], [""]])
def test_what_is_no_code_of_a_site_is_refused(tmp_path: Path, sites: Any) -> None:
    with pytest.raises(WrongUsage, match="hospital_at_home"):
        open_source("hes", tmp_path, hospital_at_home=sites)
