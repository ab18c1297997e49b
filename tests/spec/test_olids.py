"""The operational GP shape, flag by flag and table by table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.deliveries import Sent
from tests.extracts import nhs

FIRST, SECOND = "2024-11-14", "2024-12-14"
ROW = {
    "id": "1",
    "publisher_organisation_code": "B86022",
    "lds_is_deleted": "false",
    "lds_datetime_first_acquired": "2024-11-14 03:00:00",
}
ENTRY = {
    **ROW,
    "patient_id": "P1",
    "clinical_effective_date": "2024-03-01",
    "date_recorded": "2024-03-02",
    "is_confidential": "false",
}
USUAL: dict[str, dict[str, Any]] = {
    "patient": {**ROW, "id": "P1", "nhs_number": nhs(1), "person_id": "person-1", "gender_display": "Female", "birth_year": "1940", "birth_month": "5",
                "is_confidential": "false", "is_dummy_patient": "false", "is_spine_sensitive": "false"},
    "episode_of_care": {**ROW, "patient_id": "P1", "episode_type_source_code": "Regular", "episode_of_care_start_date": "2010-04-06"},
    "observation": {**ENTRY, "mapped_concept_code": "73211009"},
    "medication_order": {**ENTRY, "mapped_concept_code": "319740004", "bnf_reference": "0212000B0AA", "quantity_value": "28", "duration_days": "28"},
    "appointment": {**ROW, "patient_id": "P1", "start_date": "2024-05-01 09:30:00", "appointment_status_code": "5",
                    "contact_mode_source_code": "Face to Face (Surgery)"},
    "encounter": {**{name: said for name, said in ENTRY.items() if name != "is_confidential"}, "type": "Telephone call to a patient"},
}  # fmt: skip


@pytest.fixture
def gp(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "olids", USUAL).file("patient", FIRST, {})


def test_each_table_of_the_practice_becomes_one_of_the_record(gp: Sent) -> None:
    for name in ("episode_of_care", "observation", "medication_order", "appointment", "encounter"):
        gp.file(name, FIRST, {})
    gp.take()
    assert gp.rows("person", "birth_month::VARCHAR sex") == [("1940-05-01", "female")]
    assert gp.rows("registration", "practice kind event_date end_date") == [("B86022", "regular", "2010-04-06", None)]
    # Known when entered, a week of lag after.
    assert gp.rows("gp_event", "system code event_date known_at") == [
        ("snomed", "73211009", "2024-03-01", "2024-03-09")
    ]
    assert gp.rows("prescription", "system code quantity days") == [("bnf", "0212000B0AA", 28.0, 28.0)]
    assert gp.rows("gp_contact", "mode status event_time") == [
        ("face_to_face", "attended", 34_200),
        ("telephone", "attended", None),
    ]


SUPPRESSED = [("is_dummy_patient", "dummy_patient"), ("is_spine_sensitive", "spine_sensitive"), ("is_confidential", "confidential_patient"),
              ("lds_is_deleted", "deleted_patient")]  # fmt: skip


@pytest.mark.parametrize(("column", "rule"), SUPPRESSED)
def test_a_patient_with_a_flag_gives_no_rows_from_any_table(tmp_path: Path, column: str, rule: str) -> None:
    gp = Sent(tmp_path, "olids", USUAL).file(
        "patient", FIRST, {column: "true"}, {"id": "P2", "nhs_number": nhs(2), "person_id": "person-2"}
    )
    for name in ("episode_of_care", "observation", "medication_order", "appointment", "encounter"):
        gp.file(name, FIRST, {})
    ledger = gp.take()
    for of in ("people", "registrations", "events", "prescriptions", "appointments", "consultations"):
        assert gp.fates(ledger, of) == {**({"accepted": 1} if of == "people" else {}), rule: 1}
    tables = ("registration", "gp_event", "prescription", "gp_contact", "preference")
    assert [gp.rows(table, "person_id") for table in tables] == [[]] * 5
    assert len(gp.rows("person", "person_id")) == 1


def test_a_sensitive_person_is_barred_everywhere_and_once(gp: Sent) -> None:
    """What other organisations send of somebody whom the Spine protects must not be shown either."""
    gp.file("patient", SECOND, {"is_spine_sensitive": "true"}).file(
        "patient", "2025-01-14", {"is_spine_sensitive": "true"}
    ).take()
    assert gp.rows("objection", "kind event_date known_at end_date") == [("restricted", SECOND, SECOND, None)]


@pytest.mark.parametrize("column", ["lds_is_deleted", "is_confidential"])
def test_an_entry_that_was_held_and_is_deleted_or_made_confidential_is_withdrawn_from_that_day(
    gp: Sent, column: str
) -> None:
    gp.file("observation", FIRST, {}).file("observation", SECOND, {column: "true"}).take()
    assert gp.rows("gp_event", "code known_at known_until") == [
        ("73211009", "2024-03-09", SECOND),
        ("withdrawn", SECOND, SECOND),
    ]


@pytest.mark.parametrize("column", ["lds_is_deleted", "is_confidential"])
def test_an_entry_that_was_so_when_it_first_came_leaves_no_trace(gp: Sent, column: str) -> None:
    ledger = gp.file("observation", FIRST, {column: "true"}, {"id": "2"}).take()
    rule = "deleted" if column == "lds_is_deleted" else "confidential"
    assert gp.fates(ledger, "events") == {"accepted": 1, rule: 1}
    assert gp.fates(ledger, "events_withdrawn") == {"never_held": 1, "stands": 1}


OBJECTS, AGREES_AGAIN = "827241000000103", "827261000000102"


@pytest.mark.parametrize(
    ("of_patient", "of_entry", "code", "held"),
    [({}, {"is_confidential": "true"}, OBJECTS, [OBJECTS]), ({"is_confidential": "true"}, {}, OBJECTS, [OBJECTS]),
     ({}, {"is_confidential": "true"}, AGREES_AGAIN, []), ({"is_confidential": "true"}, {}, AGREES_AGAIN, []),
     ({}, {"is_confidential": "true"}, "73211009", []), ({}, {"lds_is_deleted": "true"}, OBJECTS, []), ({"is_dummy_patient": "true"}, {}, OBJECTS, [])],
)  # fmt: skip
def test_that_somebody_objects_is_never_too_confidential_to_be_heeded(
    tmp_path: Path, of_patient: dict[str, str], of_entry: dict[str, str], code: str, held: list[str]
) -> None:
    """Harm: somebody whose objection was marked confidential is read and shown against their will. A withdrawal is not guessed at."""
    gp = Sent(tmp_path, "olids", USUAL).file("patient", FIRST, of_patient)
    gp.file("observation", FIRST, {"mapped_concept_code": code, **of_entry}).take()
    assert [row[0] for row in gp.rows("gp_event", "code")] == held


def test_an_objection_that_is_made_confidential_later_stands(gp: Sent) -> None:
    said = {"mapped_concept_code": OBJECTS}
    gp.file("observation", FIRST, said).file("observation", SECOND, {**said, "is_confidential": "true"}).take()
    assert gp.rows("gp_event", "code known_until") == [(OBJECTS, None)]


def test_a_correction_is_a_version_of_the_same_entry(gp: Sent) -> None:
    gp.file("observation", FIRST, {"result_value": "20"}).file("observation", SECOND, {"result_value": "30"}).take()
    assert gp.rows("gp_event", "value known_at known_until") == [(20.0, "2024-03-09", SECOND), (30.0, SECOND, None)]


def test_legally_restricted_entries_and_drugs_are_dropped(gp: Sent) -> None:
    observations = gp.file("observation", FIRST, {"mapped_concept_code": "86406008"}, {"id": "2"}).take()
    assert gp.fates(observations, "events") == {"accepted": 1, "legally_restricted": 1}
    product = {"bnf_reference": "", "mapped_concept_code": "8991611000001104"}
    drugs = gp.file("medication_order", FIRST, product, {"id": "2"}).take()
    assert gp.fates(drugs, "prescriptions") == {"accepted": 1, "legally_restricted": 1}


FATES: list[tuple[str, dict[str, Any], str, dict[str, int]]] = [
    ("observation", {"patient_id": "P9"}, "events", {"patient_unknown": 1}),
    ("observation", {"mapped_concept_code": ""}, "events", {"no_code": 1}),
    ("observation", {"clinical_effective_date": ""}, "events", {"missing": 1}),
    ("medication_order", {"bnf_reference": "", "mapped_concept_code": ""}, "prescriptions", {"no_code": 1}),
    ("episode_of_care", {"episode_type_source_code": "Ghost"}, "registrations", {"not_allowed": 1}),
    ("episode_of_care", {"episode_of_care_end_date": "2009-01-01"}, "registrations_ended", {"end_before_start": 1}),
    ("appointment", {"patient_id": ""}, "appointments", {"no_patient": 1}),
    ("appointment", {"start_date": "2024-12-01 09:00:00"}, "appointments", {"not_yet_happened": 1}),
    ("appointment", {"is_blocked": "true"}, "appointments", {"blocked": 1}),
    ("encounter", {"appointment_id": "A1"}, "consultations", {"of_an_appointment": 1}),
]


@pytest.mark.parametrize(
    ("file", "row", "rule", "fates"), FATES, ids=[f"{case[2]}: {next(iter(case[3]))}" for case in FATES]
)
def test_what_becomes_of_a_row(gp: Sent, file: str, row: dict[str, Any], rule: str, fates: dict[str, int]) -> None:
    assert gp.fates(gp.file(file, FIRST, row).take(), rule) == fates


def test_without_a_bnf_code_a_drug_is_known_by_its_dmd_code(gp: Sent) -> None:
    gp.file("medication_order", FIRST, {"bnf_reference": ""}, {"id": "2", "bnf_reference": "02.12.00"}).take()
    assert gp.rows("prescription", "system code") == [("bnf", "021200"), ("dmd", "319740004")]


STATUSES = [("5", "attended"), ("6", "attended"), ("3", "did_not_attend"), ("7", "did_not_attend"), ("2", "cancelled"), ("4", "cancelled"), ("9", "unknown")]  # fmt: skip


@pytest.mark.parametrize(("code", "status"), STATUSES)
def test_status_of_an_appointment(gp: Sent, code: str, status: str) -> None:
    """NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE: 7, arrived late and not seen, did not attend."""
    gp.file("appointment", FIRST, {"appointment_status_code": code}).take()
    assert gp.rows("gp_contact", "status") == [(status,)]


MODES = [("Face to Face (Surgery)", "face_to_face"), ("Face to Face (Home Visit)", "home_visit"), ("Telephone", "telephone"), ("Video Conference/Online", "video"), ("", "other")]  # fmt: skip


@pytest.mark.parametrize(("said", "mode"), MODES)
def test_mode_of_an_appointment(gp: Sent, said: str, mode: str) -> None:
    gp.file("appointment", FIRST, {"contact_mode_source_code": said}).take()
    assert gp.rows("gp_contact", "mode") == [(mode,)]


def test_a_registration_that_ended_is_known_open_until_then(gp: Sent) -> None:
    gp.file("episode_of_care", FIRST, {"episode_of_care_end_date": "2024-06-01"}).take()
    assert gp.rows("registration", "end_date known_at known_until") == [
        ("2024-06-01", "2024-06-08", None), (None, "2010-04-13", "2024-06-08")]  # fmt: skip


def test_a_patient_of_two_practices_is_one_person(gp: Sent) -> None:
    other = {"id": "P2", "publisher_organisation_code": "C82001"}
    gp.file("patient", SECOND, {}, other)
    gp.file("episode_of_care", SECOND, {}, {"id": "2", "patient_id": "P2", "publisher_organisation_code": "C82001", "episode_of_care_start_date": "2024-12-01"}).take()  # fmt: skip
    assert len(gp.rows("registration", "practice")) == 2
    assert len(set(gp.rows("registration", "person_id"))) == 1


def test_names_of_earlier_releases_are_read(tmp_path: Path) -> None:
    gp = Sent(tmp_path, "olids", USUAL).file("patient", FIRST, {})
    path = gp.sent / f"patient_{FIRST}.csv"
    path.write_text(path.read_text().replace("publisher_organisation_code", "RECORD_OWNER_ORGANISATION_CODE"))
    gp.take()
    assert gp.rows("feed", "covers", "table_name = 'person'") == [("B86022",)]


def test_patients_must_come_with_the_rest(tmp_path: Path) -> None:
    faults = Sent(tmp_path, "olids", USUAL).file("observation", FIRST, {}).source.check()
    assert [fault.file for fault in faults] == ["patient"]


def test_a_registration_deleted_later_is_withdrawn(gp: Sent) -> None:
    gp.file("episode_of_care", FIRST, {}).file("episode_of_care", SECOND, {"lds_is_deleted": "true"}).take()
    assert gp.rows("registration", "known_at known_until") == [("2010-04-13", SECOND), (SECOND, SECOND)]


def test_carers_and_living_alone_are_told_by_their_codes_and_the_latest_decides(gp: Sent) -> None:
    """Lives alone 105529008, has a carer 184156005, does not have a carer 414041006 (code set ``social_snomed``)."""
    later = {"clinical_effective_date": "2024-05-01", "date_recorded": "2024-05-01"}
    gp.file("observation", FIRST, {"mapped_concept_code": "105529008"}, {"id": "2", "mapped_concept_code": "184156005"},
            {"id": "3", "mapped_concept_code": "414041006", **later}).take()  # fmt: skip
    assert gp.rows("residence", "lives_alone kind") == [(True, None)]
    assert gp.rows("carer", "has_carer event_date known_until") == [
        (False, "2024-05-01", None),
        (True, "2024-03-01", "2024-05-08"),
    ]
