"""Urgent care: emergency department attendances, 999 and 111."""

from __future__ import annotations

from features.record.versioned import Event, Flag, Text, Whole, maybe, needed


class EdAttendance(Event):
    """An attendance at an emergency department or urgent treatment centre."""

    department: Text = maybe("type of department", isin=["01", "02", "03", "04", "05"])
    arrival_mode: Text = maybe("how the person arrived", isin=["ambulance", "walk_in", "police", "other"])
    acuity: Whole = maybe("1 immediate to 5 non-urgent", ge=1, le=5)
    chief_complaint: Text = maybe("SNOMED CT code of the chief complaint", str_matches=r"^[1-9]\d{5,17}$")
    disposal: Text = maybe("how it ended", isin=["admitted", "discharged", "transferred", "left", "died", "other"])


class Ambulance(Event):
    """A 999 or 111 contact."""

    service: Text = needed("which service", isin=["999", "111"])
    conveyed: Flag = maybe("taken to hospital")
    complaint: Text = maybe("reason for the call", isin=["fall", "breathing", "chest_pain", "sick_person", "stroke",
                                                         "mental_health", "other"])  # fmt: skip
