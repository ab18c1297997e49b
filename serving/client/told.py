"""What the client reads of answers that have no shape of their own apart from the service. A field that a later service adds is passed over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict


class Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class RunEvent(Told):
    seq: int
    kind: str
    run: int
    at: datetime
    body: dict[str, Any]


class RunEvents(Told):
    """What happened to runs; ``next`` is the ``since`` of the next question."""

    events: list[RunEvent]
    next: int


class MadeLink(Told):
    """A link into the pages, good once and ``until`` then."""

    url: str
    until: datetime


class Entry(Told):
    """What a meeting wrote of a person, once."""

    seq: int
    version: int
    kind: str
    day: date
    at: datetime
    by: str
    said: dict[str, Any]


class History(Told):
    """What was decided of a person, oldest first."""

    person: str
    practice: str
    entries: list[Entry]


class OnRegister(Told):
    """Somebody of a practice's frailty register: what is proposed of them, and where a clinician's answer stands."""

    person: str
    age_band: str | None
    sex: str | None
    proposed: str | None
    state: str
    category: str | None
    how: str | None
    on: date | None
    by: str | None
    version: int


class FrailtyRegister(Told):
    """A page of a practice's frailty register; ``next`` is None on the last."""

    run: int
    practice: str
    people: list[OnRegister]
    next: int | None


class FrailtyAnswer(Told):
    """What a clinician answered to a proposal."""

    seq: int
    version: int
    answer: str
    category: str | None
    proposed: str | None
    how: str
    on: date
    assessor: str | None
    day: date
    by: str


class FrailtyHistory(OnRegister):
    """What is proposed of a person, and every answer, oldest first."""

    practice: str
    answers: list[FrailtyAnswer]
