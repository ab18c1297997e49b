"""One person alone, from rows in memory: whether they are scored at a date, and how far their feeds speak for them.

Said once more what :mod:`features.standing`, :mod:`features.coverage` and :mod:`features.observation` say as SQL of everybody at once: a
database takes longer to begin than one person's rows to be read. A generative test holds the two to one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np

from features.coverage import BIT
from features.engine.memory import Row
from features.engine.rows import ALWAYS, Rows, Spoken
from features.observation import BETWEEN_PRACTICES, FOLLOWS
from features.record.tables import PERSON_TABLES, TABLES
from features.standing import ADULT, OBJECTIONS

Tables = Mapping[str, Sequence[Row]]
_EPOCH = date(1970, 1, 1)
_STAYS = np.array([table not in FOLLOWS for table in PERSON_TABLES])


@dataclass(frozen=True)
class Alone:
    """Where somebody stands at ``at``. ``reason`` why they are not scored, as :data:`features.cohort.REASONS` names it; None where they are.
    ``feeds``: the mask of the tables available."""

    at: date
    reason: str | None
    practice: str | None
    scheme: str | None
    age: int | None
    sex: str | None
    feeds: int


def known(row: Row, t: date) -> bool:
    """:func:`features.clocks.known`"""
    return bool(row["known_at"] < t) and (row.get("known_until") is None or row["known_until"] >= t)


def visible(row: Row, t: date) -> bool:
    """:func:`features.clocks.visible`"""
    return bool(row["event_date"] < t) and known(row, t)


def in_force(row: Row, t: date) -> bool:
    """:func:`features.clocks.in_force`"""
    return visible(row, t) and (row.get("end_date") is None or row["end_date"] > t)


def standing(tables: Tables, at: date, minimum_age: int, objections: Set[str]) -> Alone:
    """Where the person whose rows ``tables`` holds stands at ``at`` (:func:`features.standing.standing`)."""
    told = max((row for row in tables.get("person", ()) if known(row, at)),
               key=lambda row: (row["known_at"], row["row_id"]), default=None)  # fmt: skip
    with_ = max((row for row in tables.get("registration", ()) if in_force(row, at)),
                key=lambda row: (row["kind"] == "regular", row["event_date"], row["known_at"], row["row_id"]), default=None)  # fmt: skip
    objecting = {row["kind"] for row in tables.get("objection", ()) if in_force(row, at)} & set(objections)
    age = None if told is None else _years(told["birth_month"], at)
    reason: str | None = None
    if told is None or age is None:
        reason = "birth_unknown"
    elif any(visible(row, at) for row in tables.get("death", ())):
        reason = "died"
    elif with_ is None:
        reason = "not_registered"
    elif with_["kind"] != "regular":
        reason = with_["kind"]
    elif age < minimum_age or _years(_next_month(told["birth_month"]), at) < ADULT:
        reason = "under_age"
    elif objecting:
        reason = "objection_" + next(kind for kind in OBJECTIONS if kind in objecting)
    practice = None if with_ is None else with_["practice"]
    feeds = mask(tables.get("feed", ()), practice, at)
    scheme = None if with_ is None else with_["practice_scheme"]
    return Alone(at, reason, practice, scheme, age, None if told is None else told["sex"], feeds)


def mask(feeds: Iterable[Row], practice: str | None, at: date) -> int:
    """The tables available to a person of ``practice`` (:func:`features.coverage.masks`)."""
    found = 0
    for feed in feeds:
        name = feed["table_name"]
        if name in BIT and feed["covers"] in ("*", practice) and known(feed, at):
            reaches = feed["period_to"] >= at - timedelta(days=TABLES[name].stale_after)
            found |= reaches << BIT[name]
    return found


def rows(tables: Tables, one: Alone, person_id: int = 1, area: Mapping[str, date] | None = None) -> Rows:
    """The one row that is asked of the engine, with how far each table speaks for the person (:func:`features.observation.rows`). ``area``: the day up to
    which the freshest feed of each table is known to reach, beside those of ``tables``."""
    since = np.full((1, len(PERSON_TABLES)), ALWAYS, np.int32)
    newest: dict[str, int] = {}
    freshest = {name: _day(reached) for name, reached in (area or {}).items()}
    first: dict[str, int] = {}
    for feed in tables.get("feed", ()):
        name = feed["table_name"]
        if name not in BIT or not feed["known_at"] < one.at:
            continue
        reached = _day(feed["period_to"])
        freshest[name] = max(freshest.get(name, reached), reached)
        if feed["covers"] in ("*", one.practice):
            newest[name] = max(newest.get(name, reached), reached)
            first[name] = min(first.get(name, _day(feed["period_from"])), _day(feed["period_from"]))
    age = np.zeros((1, len(PERSON_TABLES)), np.int32)
    for name, reached in newest.items():
        age[0, BIT[name]] = freshest[name] - reached
        if name not in FOLLOWS:
            since[0, BIT[name]] = first[name]
    return Rows(
        person_id=np.array([person_id], np.int64),
        t=np.array([_day(one.at)], np.int32),
        feeds=np.array([one.feeds], np.uint64),
        place=np.zeros(1, np.int32),
        came=np.array([came(tables.get("registration", ()), one.at)], np.int32),
        spoken=Spoken(since, age, _STAYS),
    )


def came(registrations: Iterable[Row], at: date) -> int:
    """The day (from 1970-01-01) on which the chain of registrations began that reaches to ``at``, as then known; :data:`ALWAYS` of none."""
    held = sorted((row["event_date"], min(row.get("end_date") or at, at)) for row in registrations if visible(row, at))
    if not held:
        return ALWAYS
    began, reached = held[0]
    for (_, end), (start, _) in pairwise(held):
        reached = max(reached, end)
        began = start if (start - reached).days > BETWEEN_PRACTICES else began
    return _day(began)


def covered_from(feeds: Iterable[Row], table: str, one: Alone) -> date:
    """The first day that a delivery of an available ``table`` covers for the person."""
    return min(feed["period_from"] for feed in feeds if feed["table_name"] == table and feed["covers"] in ("*", one.practice) and feed["known_at"] < one.at)  # fmt: skip


def first_registered(registrations: Iterable[Row], at: date) -> date | None:
    """The first day of any registration known of at ``at``."""
    return min((row["event_date"] for row in registrations if visible(row, at)), default=None)


def _years(birth_month: date, at: date) -> int:
    return at.year - birth_month.year - (at.month < birth_month.month)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _day(day: Any) -> int:
    return (day - _EPOCH).days
