"""Demographics, deaths, preferences, care homes, caseloads, mental health and out-of-hours contacts, rule by rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from features.errors import BadInput
from tests.deliveries import Sent
from tests.extracts import nhs

FIRST, SECOND, THIRD = "2024-10-14", "2024-11-14", "2024-12-14"

PERSON = {"NHS_NUMBER": nhs(1), "GIVEN_NAME": "Ada", "FAMILY_NAME": "Example", "BIRTH_DATE": "1940-05-17", "GENDER": "2", "ETHNIC_CATEGORY": "A",
          "ADDRESS": "1 Alder Road", "POSTCODE": "XA1 1AA", "LSOA": "E01000001", "ADDRESS_FROM": "2015-02-01", "GP_PRACTICE": "B86022",
          "GP_FROM": "2015-03-01", "SECURITY": "U"}  # fmt: skip


@pytest.fixture
def pds(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "demographics", {"demographics": PERSON})


def test_a_person_with_practice_and_area_and_names_apart(pds: Sent) -> None:
    pds.file("demographics", FIRST, {}).take()
    assert pds.rows("person", "birth_month::VARCHAR sex ethnicity") == [("1940-05-01", "female", "A")]
    assert pds.rows("registration", "practice event_date known_at") == [("B86022", "2015-03-01", "2015-03-08")]
    assert pds.rows("residence", "lsoa event_date") == [("E01000001", "2015-02-01")]
    held = b"".join(pds.contents().values())
    assert [word for word in (b"Ada", b"Example", b"Alder", b"XA1", nhs(1).encode()) if word in held] == []


REASONS = [
    ("DEA", "died"),
    ("EMB", "left_area"),
    ("SCT", "left_area"),
    ("NIT", "left_area"),
    ("TRA", "other"),
    ("ORR", "removed"),
]


@pytest.mark.parametrize(("reason", "means"), REASONS)
def test_deductions_by_reason(pds: Sent, reason: str, means: str) -> None:
    """PDS exit reasons: DEA death, EMB embarkation, SCT Scotland, NIT Northern Ireland, TRA temporary resident, ORR other."""
    pds.file("demographics", FIRST, {}).file(
        "demographics", SECOND, {"REMOVAL_REASON": reason, "REMOVAL_DATE": "2024-11-01"}
    ).take()
    assert pds.rows("registration", "end_date end_reason known_at", "known_until IS NULL") == [
        ("2024-11-01", means, SECOND)
    ]


def test_a_move_of_practice_takes_the_place_of_the_last(pds: Sent) -> None:
    pds.file("demographics", FIRST, {}).file(
        "demographics", SECOND, {"GP_PRACTICE": "C82001", "GP_FROM": "2024-11-01"}
    ).take()
    assert pds.rows("registration", "practice known_until") == [("B86022", SECOND), ("C82001", None)]


DEATHS = [("1", 1), ("2", 1), ("U", 0), ("", 0)]


@pytest.mark.parametrize(("status", "deaths"), DEATHS)
def test_a_death_formal_or_not_and_one_that_was_removed(pds: Sent, status: str, deaths: int) -> None:
    """PDS death notification status: 1 informal, 2 formal, U removed."""
    pds.file("demographics", FIRST, {"DEATH_STATUS": status, "DEATH_DATE": "2024-09-01"}).take()
    assert len(pds.rows("death", "event_date")) == deaths
    assert len(pds.rows("registration", "end_reason", "end_reason = 'died'")) == deaths


@pytest.mark.parametrize("security", ["R", "V", "S", "REDACTED"])
def test_of_a_restricted_person_nothing_is_taken_in_but_that_they_are(pds: Sent, security: str) -> None:
    """PDS confidentiality: where they live and are registered must not be shown, nor which kind of restriction it is."""
    ledger = pds.file("demographics", FIRST, {"SECURITY": security}, {"NHS_NUMBER": nhs(2)}).take()
    assert pds.rows("objection", "kind event_date end_date") == [("restricted", FIRST, None)]
    for rule in ("people", "registrations", "addresses"):
        assert pds.fates(ledger, rule) == {"accepted": 1, "restricted_person": 1}


def test_a_restriction_ends_when_it_is_lifted_and_begins_again(pds: Sent) -> None:
    for received, security in ((FIRST, "R"), (SECOND, "U"), (THIRD, "V")):
        pds.file("demographics", received, {"SECURITY": security})
    pds.take()
    assert pds.rows("objection", "known_at event_date end_date") == [
        (FIRST, FIRST, None),
        (SECOND, FIRST, SECOND),
        (THIRD, FIRST, None),
    ]


def test_a_superseded_number_becomes_a_link_from_the_day_of_the_merge(pds: Sent) -> None:
    merged = {"NHS_NUMBER": nhs(1), "SUPERSEDED_NHS_NUMBER": nhs(9), "MERGED_ON": "2024-08-01"}
    ledger = (
        pds.file("demographics", FIRST, {})
        .file("superseded", FIRST, merged, {**merged, "SUPERSEDED_NHS_NUMBER": nhs(1)})
        .take()
    )
    assert pds.rows("person_link", "same reason known_at") == [(True, "superseded_number", "2024-08-08")]
    assert pds.fates(ledger, "superseded") == {"accepted": 1, "the_same_number": 1}


@pytest.fixture
def deaths(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "deaths", {"deaths": {"DEC_CONF_NHS_NUMBER": nhs(1), "REG_DATE": "2024-09-10", "REG_DATE_OF_DEATH": "2024-09-03", "S_UNDERLYING_COD_ICD10": "I21.9"}})  # fmt: skip


def test_a_death_is_known_from_its_registration(deaths: Sent) -> None:
    deaths.file("deaths", FIRST, {}).take()
    assert deaths.rows("death", "event_date cause known_at") == [("2024-09-03", "I219", "2024-09-17")]


def test_the_latest_registration_of_a_person_wins_in_one_file(deaths: Sent) -> None:
    """Civil Registrations of Death: registered again when an inquest ends."""
    ledger = deaths.file("deaths", FIRST, {"REG_DATE": "2024-10-01", "S_UNDERLYING_COD_ICD10": "W19"}, {}).take()
    assert deaths.rows("death", "cause") == [("W19",)]
    assert deaths.fates(ledger, "deaths") == {"accepted": 1, "later_registration": 1}


def test_a_correction_is_a_later_version_and_an_earlier_registration_that_comes_late_changes_nothing(
    deaths: Sent,
) -> None:
    corrected = {"REG_DATE": "2024-11-01", "REG_DATE_OF_DEATH": "2024-09-02", "S_UNDERLYING_COD_ICD10": "W19"}
    deaths.file("deaths", FIRST, {}).file("deaths", SECOND, corrected).file(
        "deaths", THIRD, {"REG_DATE": "2024-09-12", "S_UNDERLYING_COD_ICD10": "J18"}
    )
    deaths.take()
    assert deaths.rows("death", "event_date cause known_until") == [
        ("2024-09-02", "W19", None),
        ("2024-09-03", "I219", SECOND),
    ]


CAUSES = [("", None), ("I21.9", "I219"), ("i219", "I219"), ("R99", "R99"), ("unknown", None)]


@pytest.mark.parametrize(("said", "cause"), CAUSES)
def test_a_cause_that_is_missing_or_malformed_never_loses_the_death(deaths: Sent, said: str, cause: str | None) -> None:
    deaths.file("deaths", FIRST, {"S_UNDERLYING_COD_ICD10": said}).take()
    assert deaths.rows("death", "event_date cause") == [("2024-09-03", cause)]


def test_a_registration_before_the_death_is_quarantined(deaths: Sent) -> None:
    assert deaths.fates(deaths.file("deaths", FIRST, {"REG_DATE": "2024-09-01"}).take(), "deaths") == {
        "registered_before_death": 1
    }


@pytest.fixture
def wishes(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "preferences", {"preferences": {"NHS_NUMBER": nhs(1), "ITEM": "ReSPECT", "ANSWER": "Yes", "RECORDED_DATE": "2024-03-01"}})  # fmt: skip


ANSWERS: list[tuple[dict[str, Any], dict[str, int], list[tuple[Any, ...]]]] = [
    ({}, {"accepted": 1}, [("respect", "2024-03-01", None)]),
    (
        {"ITEM": "Lasting power of attorney", "ANSWER": "In place"},
        {"accepted": 1},
        [("power_of_attorney", "2024-03-01", None)],
    ),
    ({"ANSWER": "No"}, {"accepted": 1}, [("respect", "2024-03-01", "2024-03-01")]),
    ({"ANSWER": "Withdrawn", "ENDED_DATE": "2024-05-01"}, {"accepted": 1}, [("respect", "2024-03-01", "2024-05-01")]),
    ({"ANSWER": ""}, {"not_asked": 1}, []),
    ({"ANSWER": "Not asked"}, {"not_asked": 1}, []),
    ({"ITEM": "Favourite colour"}, {"not_allowed": 1}, []),
    ({"ENDED_DATE": "2024-01-01"}, {"end_before_start": 1}, []),
]


@pytest.mark.parametrize(
    ("row", "fates", "held"), ANSWERS, ids=[str(list(case[0].values()) or "yes") for case in ANSWERS]
)
def test_what_was_answered(
    wishes: Sent, row: dict[str, Any], fates: dict[str, int], held: list[tuple[Any, ...]]
) -> None:
    assert wishes.fates(wishes.file("preferences", FIRST, row).take(), "preferences") == fates
    assert wishes.rows("preference", "kind event_date end_date") == held


HOME = {"LOCATION_ID": "1-100", "ADDRESS": "Alder Nursing Home, 1 Alder Road", "POSTCODE": "XA1 1AA", "UPRN": "999000000001", "SERVICE_TYPE": "Care home with nursing"}  # fmt: skip
LIVES: list[tuple[str, dict[str, Any], dict[str, int], list[tuple[Any, ...]]]] = [
    ("by its UPRN", {"UPRN": "0999000000001"}, {"accepted": 1}, [("nursing_home", "1-100", "uprn", "address_match")]),
    ("by the whole address", {"ADDRESS": "ALDER NURSING HOME 1 Alder Rd", "POSTCODE": "XA11AA"}, {"postcode_alone": 1}, []),
    ("by the whole address, written otherwise", {"ADDRESS": "alder nursing home,  1 alder road.", "POSTCODE": "xa1 1aa"}, {"accepted": 1}, [("nursing_home", "1-100", "full_address", "address_match")]),
    ("next door", {"ADDRESS": "2 Alder Road", "POSTCODE": "XA1 1AA"}, {"postcode_alone": 1}, []),
    ("the postcode and nothing else", {"POSTCODE": "XA1 1AA"}, {"postcode_alone": 1}, []),
    ("elsewhere", {"ADDRESS": "9 Beech Lane", "POSTCODE": "XB2 2BB", "UPRN": "999000000077"}, {"no_care_home": 1}, []),
]  # fmt: skip


@pytest.mark.parametrize(("case", "row", "fates", "held"), LIVES, ids=[case[0] for case in LIVES])
def test_a_home_is_found_by_uprn_or_whole_address_and_never_by_postcode_alone(tmp_path: Path, case: str, row: dict[str, Any], fates: dict[str, int], held: list[tuple[Any, ...]]) -> None:  # fmt: skip
    homes = Sent(
        tmp_path, "care_homes", {"locations": HOME, "addresses": {"NHS_NUMBER": nhs(1), "ADDRESS_FROM": "2024-02-01"}}
    )
    ledger = homes.file("locations", FIRST, {}).file("addresses", FIRST, row).take()
    assert homes.fates(ledger, "moved_in") == fates
    assert homes.rows("residence", "kind care_home_id match_confidence kind_from") == held


def test_a_home_that_had_closed_or_a_list_that_came_later_does_not_count(tmp_path: Path) -> None:
    homes = Sent(tmp_path, "care_homes", {"locations": HOME, "addresses": {"NHS_NUMBER": nhs(1), "ADDRESS_FROM": "2024-02-01", "UPRN": HOME["UPRN"]}})  # fmt: skip
    closed = (
        homes.file("locations", FIRST, {"CLOSED_DATE": "2023-12-31"})
        .file("addresses", FIRST, {})
        .file("addresses", SECOND, {})
    )
    assert closed.fates(closed.take(), "moved_in") == {"no_care_home": 2}
    homes.file("locations", SECOND, {"CLOSED_DATE": "2024-06-30"}).take()
    assert homes.rows("residence", "kind known_at") == [("nursing_home", SECOND)]


def test_moving_out_of_a_home_is_known_when_it_is(tmp_path: Path) -> None:
    homes = Sent(tmp_path, "care_homes", {"locations": HOME, "addresses": {"NHS_NUMBER": nhs(1), "ADDRESS_FROM": "2024-02-01", "UPRN": HOME["UPRN"]}})  # fmt: skip
    homes.file("locations", FIRST, {}).file("addresses", FIRST, {}).file(
        "addresses", SECOND, {"ADDRESS_TO": "2024-11-01"}
    ).take()
    assert homes.rows("residence", "end_date known_at known_until") == [
        ("2024-11-01", SECOND, None),
        (None, "2024-03-02", SECOND),
    ]


@pytest.fixture
def teams(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "caseloads", {"caseloads": {"NHS_NUMBER": nhs(1), "TEAM_TYPE": "Virtual ward", "TEAM_ID": "VW1", "CASELOAD_FROM": "2024-10-01"}})  # fmt: skip


def test_on_a_list_and_discharged(teams: Sent) -> None:
    teams.file("caseloads", FIRST, {}).file("caseloads", SECOND, {"CASELOAD_TO": "2024-11-02"}).take()
    assert teams.rows("caseload", "team team_id event_date end_date known_at known_until") == [
        ("virtual_ward", "VW1", "2024-10-01", "2024-11-02", SECOND, None), ("virtual_ward", "VW1", "2024-10-01", None, "2024-10-08", SECOND)]  # fmt: skip


def test_whoever_is_missing_from_the_next_list_of_the_team_was_discharged_by_then(teams: Sent) -> None:
    other = {"NHS_NUMBER": nhs(2)}
    elsewhere = {"NHS_NUMBER": nhs(3), "TEAM_ID": "VW2"}
    ledger = teams.file("caseloads", FIRST, {}, other, elsewhere).file("caseloads", SECOND, other).take()
    assert teams.fates(ledger, "closed_by_absence") == {"accepted": 1, "on_the_next_list": 3}
    assert teams.rows("caseload", "team_id end_date known_at", "end_date IS NOT NULL") == [("VW1", SECOND, SECOND)]


MENTAL = [("5", "attended"), ("6", "attended"), ("3", "did_not_attend"), ("7", "did_not_attend"), ("2", "cancelled"), ("4", "cancelled"), ("", "unknown")]  # fmt: skip


@pytest.mark.parametrize(("code", "status"), MENTAL)
def test_a_mental_health_contact(tmp_path: Path, code: str, status: str) -> None:
    """NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE."""
    usual = {
        "care_contact": {
            "NHSNumber": nhs(1),
            "UniqCareContID": "C1",
            "CareContDate": "2024-09-01",
            "AttendStatus": code,
        }
    }
    contacts = Sent(tmp_path, "mental_health", usual).file(
        "care_contact", FIRST, {}, {"UniqCareContID": "C2", "AttendStatus": "0"}
    )
    ledger = contacts.take()
    assert contacts.rows("community_contact", "team status activity known_at") == [
        ("mental_health", status, None, FIRST)
    ]
    assert contacts.fates(ledger, "contacts") == {"accepted": 1, "not_yet_happened": 1}


OUT_OF_HOURS = [
    ("Telephone advice", "telephone"),
    ("Treatment centre", "face_to_face"),
    ("Home visit", "home_visit"),
    ("Pigeon", "other"),
]


@pytest.mark.parametrize(("said", "mode"), OUT_OF_HOURS)
def test_an_out_of_hours_contact(tmp_path: Path, said: str, mode: str) -> None:
    usual = {
        "out_of_hours": {
            "NHS_NUMBER": nhs(1),
            "CASE_REFERENCE": "1",
            "CONTACT_DATE": "2024-09-01 23:10:00",
            "CASE_TYPE": said,
        }
    }
    cases = Sent(tmp_path, "out_of_hours", usual).file("out_of_hours", FIRST, {})
    cases.take()
    assert cases.rows("gp_contact", "mode status event_time") == [(mode, "attended", 83_400)]


LIVES = {"LSOA": "E01000001", "ADDRESS_FROM": "2020-01-01"}


@pytest.mark.parametrize(
    ("look_up", "decile", "fates"),
    [
        ([("E01000001", "3", "IoD2025")], (3, "IoD2025"), {"an_area": 1}),
        ([("E01000002", "3", "IoD2025")], (None, None), {"an_area": 1}),
        # Of two indices the newer.
        ([("E01000001", "3", "IMD2019"), ("E01000001", "5", "IoD2025")], (5, "IoD2025"), {"an_area": 2}),
        # A decile of no known index, or that is none, is no decile.
        ([("E01000001", "3", "IMD2031")], (None, None), {"not_allowed": 1}),
        ([("E01000001", "11", "IoD2025")], (None, None), {"not_allowed": 1}),
        ([("E01000001", "3", ""), ("E01000002", "3", "IoD2025")], (None, None), {"missing": 1, "an_area": 1}),
        ([("somewhere", "3", "IoD2025")], (None, None), {"malformed": 1}),
    ],
)  # fmt: skip
def test_the_deprivation_of_an_area_is_looked_up_with_its_index(
    pds: Sent, look_up: list[tuple[str, str, str]], decile: tuple[Any, ...], fates: dict[str, int]
) -> None:
    """A decile of one index is not that of another: deprivation is kept with its version, and an area that is not in the look-up has none."""
    names = ("LSOA", "IMD_DECILE", "IMD_VERSION")
    pds.file("deprivation", FIRST, *(dict(zip(names, row, strict=True)) for row in look_up))
    ledger = pds.file("demographics", FIRST, LIVES).take()
    assert pds.rows("residence", "imd_decile imd_version") == [decile]
    assert pds.fates(ledger, "deprivation") == fates


def test_without_a_look_up_there_is_no_decile_and_a_newer_one_holds_from_its_receipt(pds: Sent) -> None:
    pds.file("demographics", FIRST, LIVES).take()
    assert pds.rows("residence", "imd_decile") == [(None,)]
    pds.file("deprivation", SECOND, {"LSOA": "E01000001", "IMD_DECILE": "2", "IMD_VERSION": "IoD2025"})
    pds.file("demographics", SECOND, LIVES).take()
    assert pds.rows("residence", "imd_decile", "known_until IS NULL") == [(2,)]


@pytest.mark.parametrize(
    ("look_up", "lives", "fate"),
    [
        ("E01000001", "E01000001", "area_looked_up"),
        ("E01000002", "E01000001", "area_not_in_look_up"),
        # An area of 2011 against a look-up of 2021's, or no code at all.
        ("E01000001", "S01000001", "area_not_in_look_up"),
        ("E01000001", "", "no_area"),
        (None, "E01000001", "no_look_up"),
    ],
)
def test_whose_area_is_in_no_look_up_is_counted(pds: Sent, look_up: str | None, lives: str, fate: str) -> None:
    """A look-up of the wrong areas would leave everybody without deprivation, and nobody would notice."""
    if look_up:
        pds.file("deprivation", FIRST, {"LSOA": look_up, "IMD_DECILE": "2", "IMD_VERSION": "IoD2025"})
    ledger = pds.file("demographics", FIRST, {**LIVES, "LSOA": lives}).take()
    assert pds.fates(ledger, "deprivation_of_addresses") == {fate: 1}


@pytest.mark.parametrize("without", [(), ("IMD_VERSION",)])
def test_a_look_up_that_does_not_say_of_which_index_it_is_is_refused_whole(pds: Sent, without: tuple[str, ...]) -> None:
    """Deciles of an unknown index would pass for those of the index that the model learned from."""
    row = {"LSOA": "E01000001", "IMD_DECILE": "2"}
    pds.file("deprivation", FIRST, row, without=without).file("demographics", FIRST, LIVES)
    with pytest.raises(BadInput, match="column IMD_VERSION"):
        pds.take()
