"""Outpatient appointments, as the outpatient data set of Hospital Episode Statistics (HES OP) has them: a row an appointment.

Codes: NHS Data Dictionary, ATTENDED OR DID NOT ATTEND CODE and FIRST ATTENDANCE. One that was booked for a day after the delivery
has not happened, and says nothing of what has: such rows come as ``booked`` and no predictor looks at them until a later delivery says what
became of the appointment. Diagnoses are not read: more than nine in ten are unknown.
"""

from __future__ import annotations

import pandera.pandas as pa

from features.record.versioned import Text, maybe, needed
from features.sources.delivered import Layout, RawFile, Rule, dated, opener
from features.sources.delivered.declared import day, one_of
from features.sources.hospital.ecds import clock

#: On time, late but seen; did not attend, too late to be seen; cancelled by the patient, by the provider.
ATTENDED = {"5": "attended", "6": "attended", "3": "did_not_attend", "7": "did_not_attend", "2": "cancelled_by_patient",
            "4": "cancelled_by_provider"}  # fmt: skip
#: An appointment that lies ahead.
AHEAD = "0"
#: First or follow-up, face to face or by telephone or video. 5 is the end of a wait, entered as if it were an appointment.
FIRST = {"1": "true", "3": "true", "2": "false", "4": "false"}
CLOCK_STOP = "5"


class Appointment(pa.DataFrameModel):
    """An appointment."""

    NHS_NUMBER: Text = maybe("NHS number")
    LOPATID: Text = maybe("the provider's own number of the patient")
    PROCODE3: Text = needed("ODS code of the provider", str_matches=r"^[A-Z0-9]{3,9}$")
    ATTENDKEY: Text = needed("the appointment's own identifier")
    APPTDATE: Text = dated("day of the appointment", nullable=False)
    APPTTIME: Text = maybe(
        "time of the appointment, in extracts of the Secondary Uses Service",
        str_matches=r"^([01]\d|2[0-3]):?[0-5]\d(:?[0-5]\d)?$",
    )
    ATTENDED: Text = needed("what became of it", isin=[*ATTENDED, AHEAD, "8", "9"])
    FIRSTATT: Text = maybe("first or follow-up", str_matches=r"^[0-9A-Z]$")
    TRETSPEF: Text = maybe("treatment function", str_matches=r"^[0-9A-Z&]{1,3}$")
    MAINSPEF: Text = maybe("main specialty of the consultant", str_matches=r"^[0-9A-Z&]{1,3}$")


_DAY, _SPECIALTY = day("r.APPTDATE"), "[0-9A-Z]{3}"

LAYOUT = Layout(
    name="outpatients",
    title="Outpatient appointments",
    lag_days=30,
    delimiters=(",", "|"),
    files=(RawFile("outpatients", Appointment, may_lack=("LOPATID", "MAINSPEF", "APPTTIME"), also={
        "NHS_NUMBER": ("NEWNHSNO",), "PROCODE3": ("PROCODET", "PROCODE"), "LOPATID": ("LOCAL_PATIENT_ID",)}),),
    rules=(
        Rule("appointments", "outpatients", "outpatient",
             {"nhs_number": "r.NHS_NUMBER", "local_id": "r.PROCODE3 || '/' || r.LOPATID", "event_date": _DAY, "event_time": clock("r.APPTTIME"),
              "specialty": f"CASE WHEN regexp_full_match(r.TRETSPEF, '{_SPECIALTY}') THEN r.TRETSPEF WHEN regexp_full_match(r.MAINSPEF, '{_SPECIALTY}') THEN r.MAINSPEF END",
              "status": f"CASE WHEN r.ATTENDED = '{AHEAD}' AND {_DAY} >= r.received THEN 'booked' ELSE {one_of('r.ATTENDED', ATTENDED, repr('unknown'))} END",
              "first": f"({one_of('r.FIRSTATT', FIRST)})::BOOLEAN"},
             drops=(("administrative_event", f"r.FIRSTATT = '{CLOCK_STOP}'"),),
             refusals=(("APPTDATE", "after_receipt", f"{_DAY} > r.received AND r.ATTENDED IN ('3', '5', '6', '7')"),),
             key="r.PROCODE3 || '/' || r.ATTENDKEY", entered=f"CASE WHEN {_DAY} < r.received THEN {_DAY} END"),
    ),
)  # fmt: skip
open_source = opener(LAYOUT)
