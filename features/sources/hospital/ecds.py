"""Attendances at emergency departments, as the Emergency Care Data Set (ECDS) has them: a row an attendance.

Column names: the flat extract of ECDS that NHS England gives to integrated care boards. Codes: the reference sets of the data set's
technical output specification (SNOMED CT); they change each April, and one that is not listed here becomes ``other``, so that
an attendance is never lost for a new code. Department types: NHS Data Dictionary, EMERGENCY CARE DEPARTMENT TYPE (01 to 04); 05 stands for
same-day emergency care (not yet checked).
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of

AMBULANCE = ("1048031000000100", "1048041000000109", "1048021000000102", "1048051000000107", "1048081000000101")
ARRIVAL = {**dict.fromkeys(AMBULANCE, "ambulance"), "1048001000000106": "police",
           **dict.fromkeys(("1048061000000105", "1048071000000103"), "walk_in")}  # fmt: skip
#: Immediate, very urgent, urgent, standard, low.
ACUITY = {"1064891000000107": "1", "1064911000000105": "2", "1064901000000108": "3", "1077241000000103": "4", "1077251000000100": "5"}  # fmt: skip
#: Left before assessment, after it, before treatment was complete.
LEFT = ("1066301000000103", "1066311000000101", "1066321000000107")
#: Dead on arrival; died in the department.
DIED = ("63238001", "75004002")
COMPLETED = "182992009"
#: Where the patient went: a ward or the department's own beds, a unit of higher dependency or intensive care; home, a care home or
#: custody; another provider, a hospice; the mortuary. Ambulatory care and hospital at home are no admission to a bed.
DESTINATION = {
    **dict.fromkeys(("306706006", "1066331000000109", "1066361000000104", "1066371000000106", "1066381000000108",
                     "1066391000000105", "1066401000000108"), "admitted"),
    **dict.fromkeys(("306689006", "306694006", "306691003", "306705005", "50861005"), "discharged"),
    **dict.fromkeys(("19712007", "183919006"), "transferred"),
    "305398007": "died",
}  # fmt: skip
#: Planned follow-up (not yet checked); 1 is an unplanned first attendance, 2 and 3 are unplanned follow-ups.
PLANNED = "4"


class Attendance(pa.DataFrameModel):
    """An attendance."""

    NHS_Number: Text = maybe("NHS number")
    Local_Patient_ID: Text = maybe("the provider's own number of the patient")
    Provider_Code: Text = needed("ODS code of the provider", str_matches=r"^[A-Z0-9]{3,9}$")
    EC_Ident: Text = needed("the attendance's own identifier")
    EC_Department_Type: Text = maybe("type of department", isin=["01", "02", "03", "04", "05", "1", "2", "3", "4", "5"])
    EC_AttendanceCategory: Text = maybe("unplanned, or a planned follow-up", str_matches=r"^[0-9A-Z]$")
    Arrival_Date: Text = dated("day of arrival", nullable=False)
    Arrival_Time: Text = maybe("time of arrival", str_matches=r"^([01]\d|2[0-3]):?[0-5]\d(:?[0-5]\d(\.\d+)?)?$")
    EC_Arrival_Mode_SNOMED_CT: Text = maybe("how the patient arrived")
    EC_Acuity_SNOMED_CT: Text = maybe("acuity on assessment")
    EC_Chief_Complaint_SNOMED_CT: Text = maybe("chief complaint")
    EC_Discharge_Status_SNOMED_CT: Text = maybe("how the attendance ended")
    Discharge_Destination_SNOMED_CT: Text = maybe("where the patient went")


def _among(column: str, codes: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(code) for code in codes)})"


_ARRIVED, _STATUS, _DESTINATION = day("r.Arrival_Date"), "r.EC_Discharge_Status_SNOMED_CT", "r.Discharge_Destination_SNOMED_CT"  # fmt: skip
_WENT = one_of(_DESTINATION, DESTINATION)
_ENDED = (
    f"CASE WHEN {_among(_STATUS, DIED)} THEN 'died' WHEN {_among(_STATUS, LEFT)} THEN 'left' "
    f"WHEN {_DESTINATION} IS NOT NULL THEN coalesce({_WENT}, 'other') WHEN {_STATUS} = '{COMPLETED}' THEN 'discharged' "
    f"WHEN {_STATUS} IS NOT NULL THEN 'other' END"
)


def clock(column: str) -> str:
    """SQL of a column of times of day (``14:30``, ``14:30:00``, ``143000``), in seconds after midnight."""
    digits = f"replace({column}, ':', '')"
    return f"(try_cast({digits}[1:2] AS INTEGER) * 3600 + try_cast({digits}[3:4] AS INTEGER) * 60)"


LAYOUT = Layout(
    name="ecds",
    title="Emergency department attendances",
    lag_days=7,
    files=(RawFile("ecds", Attendance, may_lack=("Local_Patient_ID", "EC_AttendanceCategory", "Arrival_Time"), also={
        "NHS_Number": ("NHSNumber", "Patient_NHS_Number"), "Local_Patient_ID": ("LocalPatientIdentifier",),
        "Provider_Code": ("OrganisationCodeOfProvider", "PROCODE3"), "EC_Ident": ("attendance_identifier", "AEKEY"),
        "EC_Department_Type": ("DepartmentType", "AEDEPTTYPE"), "EC_Acuity_SNOMED_CT": ("clinical_acuity_code",),
        "EC_Chief_Complaint_SNOMED_CT": ("clinical_chief_complaint_code",),
        "EC_Discharge_Status_SNOMED_CT": ("attendance_discharge_status_code",),
        "Discharge_Destination_SNOMED_CT": ("attendance_discharge_destination_code",)}),),
    rules=(
        Rule("attendances", "ecds", "ed_attendance",
             {"nhs_number": "r.NHS_Number", "local_id": "r.Provider_Code || '/' || r.Local_Patient_ID", "event_date": _ARRIVED,
              "event_time": clock("r.Arrival_Time"), "department": "lpad(r.EC_Department_Type, 2, '0')",
              "arrival_mode": f"CASE WHEN r.EC_Arrival_Mode_SNOMED_CT IS NOT NULL THEN {one_of('r.EC_Arrival_Mode_SNOMED_CT', ARRIVAL, repr('other'))} END",
              "acuity": f"({one_of('r.EC_Acuity_SNOMED_CT', ACUITY)})::INTEGER",
              "chief_complaint": r"CASE WHEN regexp_full_match(r.EC_Chief_Complaint_SNOMED_CT, '[1-9]\d{5,17}') THEN r.EC_Chief_Complaint_SNOMED_CT END",
              "disposal": _ENDED},
             drops=(("planned_follow_up", f"r.EC_AttendanceCategory = '{PLANNED}'"),),
             refusals=(("Arrival_Date", "after_receipt", f"{_ARRIVED} > r.received"),),
             key="r.Provider_Code || '/' || r.EC_Ident", entered=_ARRIVED),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
