"""General practice: coded events, prescriptions and contacts."""

from __future__ import annotations

from features.record.versioned import Coded, Event, Number, Text, maybe, needed


class GpEvent(Coded):
    """A coded entry in a GP record: a diagnosis, sign, measurement or administrative code."""

    value: Number = maybe("the number that was measured")
    unit: Text = maybe("its unit")


class Prescription(Coded):
    """An item prescribed."""

    quantity: Number = maybe("quantity prescribed", ge=0)
    days: Number = maybe("days that it should last", ge=0)


class GpContact(Event):
    """An appointment or consultation."""

    mode: Text = needed("how it took place", isin=["face_to_face", "telephone", "video", "home_visit", "other"])
    status: Text = needed("what became of it", isin=["attended", "did_not_attend", "cancelled", "booked", "unknown"])
