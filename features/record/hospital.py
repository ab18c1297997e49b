"""Hospital: stays with their diagnoses, and outpatient appointments."""

from __future__ import annotations

from features.record.versioned import Coded, Day, Event, Flag, Id, Interval, Text, Whole, maybe, needed

#: Admission methods of the NHS Data Dictionary; 28 is the older code that 2A, 2B and 2D replaced.
ADMISSION_METHODS = ["11", "12", "13", "21", "22", "23", "24", "25", "28", "2A", "2B", "2C", "2D", "31", "32", "81",
                     "82", "83", "98", "99"]  # fmt: skip
#: Those of an unplanned (emergency) admission. 2C is a baby born at home.
EMERGENCY_METHODS = ["21", "22", "23", "24", "25", "28", "2A", "2B", "2D"]
#: Other hospitals as source of admission and as destination on discharge (NHS Data Dictionary), as SQL.
HOSPITALS = "('51', '52', '53')"
#: Of a stay, that it ended in another hospital.
WENT_ELSEWHERE = f"coalesce(discharge_destination IN {HOSPITALS}, false)"


class Spell(Interval):
    """A continuous inpatient stay; ``[event_date, end_date)`` is ``[admission, discharge)``. ``row_id`` is what a
    diagnosis names as its ``spell_id``."""

    admission_method: Text = maybe("method of the stay's first admission; null where the source has none",
                                   isin=ADMISSION_METHODS)  # fmt: skip
    admission_source: Text = maybe("source of admission", str_matches=r"^\d{2}$")
    patient_class: Text = needed("how the patient was classified",
                                 isin=["ordinary", "day_case", "regular_day", "regular_night", "maternity",
                                       "hospital_at_home"])  # fmt: skip
    specialty: Text = maybe("main specialty code", str_matches=r"^[0-9A-Z]{3}$")
    provider: Text = maybe("organisation code of the hospital")
    ready_date: Day = maybe("day on which the person was ready to leave")
    discharge_method: Text = maybe("method of discharge", str_matches=r"^\d$")
    discharge_destination: Text = maybe("destination on discharge", str_matches=r"^\d{2}$")


class Diagnosis(Coded):
    """A diagnosis of a stay. ``event_date`` is the stay's admission date."""

    spell_id: Id = needed("`row_id` of the stay")
    position: Whole = needed("1 for the primary diagnosis", ge=1, le=99)
    episode: Whole = maybe("number of the stay's episode that it is of; null where the source does not tell", ge=1)


class Outpatient(Event):
    """An outpatient appointment."""

    specialty: Text = maybe("treatment function or specialty code", str_matches=r"^[0-9A-Z]{3}$")
    status: Text = needed("what became of it",
                          isin=["attended", "did_not_attend", "cancelled_by_patient", "cancelled_by_provider",
                                "booked", "unknown"])  # fmt: skip
    first: Flag = maybe("a first appointment")
