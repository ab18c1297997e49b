"""Emergency departments, outpatients, 999 and 111: every code and rule of the sources."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deliveries import Sent
from tests.extracts import nhs

FIRST, SECOND = "2024-11-20", "2024-12-20"

ATTENDANCE = {
    "NHS_Number": nhs(1), "Provider_Code": "RZ1", "EC_Ident": "E1", "EC_Department_Type": "01", "EC_AttendanceCategory": "1",
    "Arrival_Date": "2024-11-01", "Arrival_Time": "14:30:00",
}  # fmt: skip
APPOINTMENT = {
    "NHS_NUMBER": nhs(1),
    "PROCODE3": "RZ1",
    "ATTENDKEY": "A1",
    "APPTDATE": "2024-11-01",
    "ATTENDED": "5",
    "TRETSPEF": "430",
}
INCIDENT = {"NHS_NUMBER": nhs(1), "INCIDENT_NUMBER": "1", "CALL_DATE": "2024-11-01 03:15:00"}
CASE = {"NHS_NUMBER": nhs(1), "CASE_ID": "1", "CALL_DATE": "2024-11-01 03:15:00"}


@pytest.fixture
def ecds(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "ecds", {"ecds": ATTENDANCE})


@pytest.fixture
def outpatients(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "outpatients", {"outpatients": APPOINTMENT})


@pytest.fixture
def calls(tmp_path: Path) -> Sent:
    return Sent(tmp_path, "ambulance", {"incidents": INCIDENT, "cases": CASE})


def _each(column: str, codes: list[str], key: str = "EC_Ident") -> list[dict[str, str]]:
    return [{column: code, key: f"E{place:03}", "Arrival_Time": f"{place // 60:02}:{place % 60:02}"} for place, code in enumerate(codes)]  # fmt: skip


def test_an_attendance_is_known_a_week_after_it_happened_and_later_ones_on_receipt(ecds: Sent) -> None:
    ecds.file("ecds", FIRST, {}).file("ecds", SECOND, {"EC_Ident": "E2", "Arrival_Date": "2024-11-02"}).take()
    assert ecds.rows("ed_attendance", "event_date event_time known_at department") == [
        ("2024-11-01", 14 * 3600 + 30 * 60, "2024-11-08", "01"),  # 1 November + 7 days
        ("2024-11-02", 14 * 3600 + 30 * 60, SECOND, "01"),
    ]


ENDS = [
    ("306706006", "", "admitted"), ("1066331000000109", "", "admitted"), ("1066361000000104", "", "admitted"),
    ("1066391000000105", "", "admitted"), ("1066341000000100", "", "other"), ("1066351000000102", "", "other"),
    ("306689006", "", "discharged"), ("306694006", "", "discharged"), ("306691003", "", "discharged"),
    ("19712007", "", "transferred"), ("183919006", "", "transferred"), ("305398007", "", "died"),
    ("306689006", "1066301000000103", "left"), ("306689006", "1066311000000101", "left"), ("", "1066321000000107", "left"),
    ("306706006", "75004002", "died"), ("", "63238001", "died"), ("", "182992009", "discharged"),
    ("999999999999999999", "", "other"), ("", "1077031000000103", "other"), ("", "", None),
]  # fmt: skip


def test_how_an_attendance_ended(ecds: Sent) -> None:
    """ECDS technical output specification: EMERGENCY CARE DISCHARGE DESTINATION and DISCHARGE STATUS (SNOMED CT). Who left before
    treatment was complete left, wherever they are said to have gone; who died there died."""
    ecds.file("ecds", FIRST, *({
        "EC_Ident": f"E{n}", "Arrival_Time": f"10:{n:02}", "Discharge_Destination_SNOMED_CT": to, "EC_Discharge_Status_SNOMED_CT": how}
        for n, (to, how, _) in enumerate(ENDS))).take()  # fmt: skip
    assert [row[1] for row in ecds.rows("ed_attendance", "event_time disposal")] == [means for *_, means in ENDS]


def test_acuity_from_immediate_to_low(ecds: Sent) -> None:
    """ECDS: EMERGENCY CARE ACUITY (SNOMED CT), immediate resuscitation to low acuity."""
    codes = [
        "1064891000000107",
        "1064911000000105",
        "1064901000000108",
        "1077241000000103",
        "1077251000000100",
        "123037004",
    ]
    ecds.file("ecds", FIRST, *_each("EC_Acuity_SNOMED_CT", codes)).take()
    assert [row[1] for row in ecds.rows("ed_attendance", "event_time acuity")] == [1, 2, 3, 4, 5, None]


def test_modes_of_arrival(ecds: Sent) -> None:
    """ECDS: EMERGENCY CARE ARRIVAL MODE (SNOMED CT)."""
    codes = {"1048031000000100": "ambulance", "1048041000000109": "ambulance", "1048021000000102": "ambulance", "1048051000000107": "ambulance",
             "1048081000000101": "ambulance", "1048061000000105": "walk_in", "1048071000000103": "walk_in", "1048001000000106": "police",
             "1047991000000102": "other", "": None}  # fmt: skip
    ecds.file("ecds", FIRST, *_each("EC_Arrival_Mode_SNOMED_CT", list(codes))).take()
    assert [row[1] for row in ecds.rows("ed_attendance", "event_time arrival_mode")] == list(codes.values())


def test_a_planned_follow_up_is_no_new_attendance(ecds: Sent) -> None:
    """NHS Data Dictionary, EMERGENCY CARE ATTENDANCE CATEGORY."""
    ledger = ecds.file("ecds", FIRST, *_each("EC_AttendanceCategory", ["1", "2", "3", "4", ""])).take()
    assert ecds.fates(ledger, "attendances") == {"accepted": 4, "planned_follow_up": 1}


def test_departments_by_type(ecds: Sent) -> None:
    """NHS Data Dictionary, EMERGENCY CARE DEPARTMENT TYPE; a leading zero is often lost."""
    ledger = ecds.file("ecds", FIRST, *_each("EC_Department_Type", ["01", "2", "03", "4", "05", "9", ""])).take()
    assert [row[1] for row in ecds.rows("ed_attendance", "event_time department")] == [
        "01",
        "02",
        "03",
        "04",
        "05",
        None,
    ]
    assert ecds.fates(ledger, "attendances") == {"accepted": 6, "not_allowed": 1}


def test_a_corrected_attendance_takes_the_place_of_the_first(ecds: Sent) -> None:
    ecds.file("ecds", FIRST, {"EC_Acuity_SNOMED_CT": "1077251000000100"}).file(
        "ecds", SECOND, {"EC_Acuity_SNOMED_CT": "1064911000000105"}
    ).take()
    assert ecds.rows("ed_attendance", "acuity known_at known_until") == [(2, SECOND, None), (5, "2024-11-08", SECOND)]


def test_two_providers_may_call_their_attendances_alike(ecds: Sent) -> None:
    ecds.file("ecds", FIRST, {}, {"Provider_Code": "RZ2"}).take()
    assert len(ecds.rows("ed_attendance", "row_id")) == 2


def test_an_attendance_after_the_file_was_received_is_refused(ecds: Sent) -> None:
    ledger = ecds.file("ecds", FIRST, {}, {"EC_Ident": "E2", "Arrival_Date": "2025-11-01"}).take()
    assert ecds.fates(ledger, "attendances") == {"accepted": 1, "after_receipt": 1}


ATTENDED = [("5", "attended"), ("6", "attended"), ("3", "did_not_attend"), ("7", "did_not_attend"), ("2", "cancelled_by_patient"),
            ("4", "cancelled_by_provider"), ("9", "unknown")]  # fmt: skip


@pytest.mark.parametrize(("code", "means"), ATTENDED)
def test_what_became_of_an_appointment(outpatients: Sent, code: str, means: str) -> None:
    """NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE: 5 and 6 were seen, 3 did not come, 7 came too late to be seen."""
    outpatients.file("outpatients", FIRST, {"ATTENDED": code}).take()
    assert outpatients.rows("outpatient", "status specialty known_at") == [
        (means, "430", FIRST)
    ]  # 30 days are after receipt


@pytest.mark.parametrize(("code", "first"), [("1", True), ("3", True), ("2", False), ("4", False), ("", None)])
def test_first_and_follow_up_appointments(outpatients: Sent, code: str, first: bool | None) -> None:
    """NHS Data Dictionary, FIRST ATTENDANCE: 1 and 2 face to face, 3 and 4 by telephone or video."""
    outpatients.file("outpatients", FIRST, {"FIRSTATT": code}).take()
    assert outpatients.rows("outpatient", "first") == [(first,)]


def test_the_end_of_a_wait_is_no_appointment(outpatients: Sent) -> None:
    """NHS Data Dictionary, FIRST ATTENDANCE 5: referral to treatment clock stop administrative event."""
    ledger = outpatients.file("outpatients", FIRST, {}, {"ATTENDKEY": "A2", "FIRSTATT": "5"}).take()
    assert outpatients.fates(ledger, "appointments") == {"accepted": 1, "administrative_event": 1}


def test_an_appointment_ahead_is_booked_until_a_delivery_says_what_became_of_it(outpatients: Sent) -> None:
    """ATTENDED 0: the appointment occurs in the future."""
    ahead = {"ATTENDED": "0", "APPTDATE": "2024-12-05"}
    outpatients.file("outpatients", FIRST, ahead).file("outpatients", SECOND, {**ahead, "ATTENDED": "3"}).take()
    assert outpatients.rows("outpatient", "status event_date known_at known_until") == [
        ("booked", "2024-12-05", FIRST, SECOND), ("did_not_attend", "2024-12-05", SECOND, None),
    ]  # fmt: skip


def test_an_appointment_that_should_have_happened_is_not_booked_any_more(outpatients: Sent) -> None:
    outpatients.file("outpatients", FIRST, {"ATTENDED": "0"}).take()
    assert outpatients.rows("outpatient", "status") == [("unknown",)]


def test_a_sexual_health_clinic_stays_out_of_the_record(outpatients: Sent) -> None:
    """NHS Trusts and Primary Care Trusts (Sexually Transmitted Diseases) Directions 2000: who is seen there is not passed on."""
    outpatients.file("outpatients", FIRST, {}, {"ATTENDKEY": "A2", "TRETSPEF": "360"}).take()
    assert outpatients.rows("outpatient", "specialty") == [("430",)]


OUTCOMES = [("See and Convey to ED", True), ("SEE_AND_CONVEY", True), ("See and treat", False), ("Hear & treat", False),
            ("Not conveyed", False), ("", None)]  # fmt: skip


@pytest.mark.parametrize(("said", "conveyed"), OUTCOMES)
def test_who_was_taken_to_hospital(calls: Sent, said: str, conveyed: bool | None) -> None:
    """Ambulance Quality Indicators: hear and treat, see and treat, see and convey."""
    calls.file("incidents", FIRST, {"OUTCOME": said}).take()
    assert calls.rows("ambulance", "service conveyed event_time") == [("999", conveyed, 3 * 3600 + 15 * 60)]


COMPLAINTS = [("17B01", "fall"), ("06D01", "breathing"), ("10C02", "chest_pain"), ("28C01", "stroke"), ("25A01", "mental_health"),
              ("26O01", "sick_person"), ("1A1", "other"), ("Falls / back injury", "fall"), ("Breathing problems", "breathing"),
              ("Chest pain", "chest_pain"), ("Unwell", "sick_person"), ("Headache", "other"), ("", None)]  # fmt: skip


@pytest.mark.parametrize(("said", "means"), COMPLAINTS)
def test_reasons_for_calls(calls: Sent, said: str, means: str | None) -> None:
    """Cards of the Advanced Medical Priority Dispatch System, or words."""
    calls.file("incidents", FIRST, {"CHIEF_COMPLAINT": said}).file("cases", FIRST, {"SYMPTOM_GROUP": said}).take()
    assert calls.rows("ambulance", "service complaint") == [("111", means), ("999", means)]


def test_a_test_call_is_no_contact(calls: Sent) -> None:
    ledger = calls.file("cases", FIRST, {}, {"CASE_ID": "2", "DISPOSITION": "Call abandoned"}).take()
    assert calls.fates(ledger, "cases") == {"accepted": 1, "no_call": 1}
