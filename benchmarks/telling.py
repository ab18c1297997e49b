"""A slice of people's rows of a table as the record holds them: versions, with both clocks, in the record's columns, types and order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.compute as pc

from benchmarks.codes import coded
from benchmarks.columns import pool
from benchmarks.happening import Happened, happened
from benchmarks.people import FIRST, LAST, NEVER, Ints, People, random
from features.record.keys import feed_identity
from features.record.tables import Table

#: Mean days from what happened to its being known.
LAG = {"spell": 40, "diagnosis": 40, "outpatient": 40, "ed_attendance": 30, "social_care": 60, "home_care_week": 14, "gp_event": 2,
       "prescription": 2, "gp_contact": 2}  # fmt: skip
LAG_OTHERWISE = 7
#: Share of intervals known first as open and later with their end, and of other rows of which a later version is told.
FIRST_OPEN, CORRECTED = 0.35, 0.01
PRACTICES = arrow.array([f"{letter}{number:05d}" for letter in "ABCDEFGH" for number in range(81_001, 81_401)])
_CLOCKS = ("known_at", "known_until", "end_date")
#: Columns that are not drawn from a pool.
_NOT_DRAWN = {
    *_CLOCKS,
    "row_id",
    "person_id",
    "feed_id",
    "event_date",
    "system",
    "code",
    "value",
    "spell_id",
    "position",
    "other_person_id",
}


def rows(table: Table, people: People, seed: int, number: int) -> arrow.Table:
    """Every version of the table's rows about a slice of people, sorted as ingest sorts them. What would be known only after
    the last delivery is left out."""
    things = happened(table, people, seed, number)
    rng = random(seed, number, f"{table.name} as told")
    first = _columns(table, things, people, rng)
    known, again, later = _told(table, things, rng)
    second = _changed(table, first.take(arrow.array(again)), rng)
    end = np.where(things.end < LAST, things.end, NEVER)
    until, first_end = np.full(len(things), NEVER), end.copy()
    until[again] = later
    first_end[again] = NEVER
    days_of = {
        "known_at": np.concatenate([known, later]),
        "known_until": np.concatenate([until, np.full(len(later), NEVER)]),
        "end_date": np.concatenate([first_end, end[again]]),
    }
    whole = arrow.concat_tables([first, second])
    for name in set(days_of) & table.columns.keys():
        whole = whole.set_column(whole.column_names.index(name), name, days(days_of[name]))
    version_of = np.concatenate([np.arange(len(things)), again])
    day = things.day if table.dated else np.zeros_like(things.day)
    placed = _order(things.whose[version_of], day[version_of], days_of["known_at"], things.row_id[version_of])
    return whole.take(arrow.array(placed[days_of["known_at"][placed] < LAST])).cast(table.arrow)


def _told(table: Table, things: Happened, rng: np.random.Generator) -> tuple[Ints, Ints, Ints]:
    """When each thing was first known; which were told of again, and when."""
    known = np.maximum(things.day + _lag(table, rng, len(things)), FIRST)
    if table.interval:
        over, learnt = things.end < LAST, np.maximum(things.end + _lag(table, rng, len(things)), FIRST)
        opened = over & (things.end > things.day) & (rng.random(len(things)) < FIRST_OPEN)
        known = np.where(over & ~opened, np.maximum(known, learnt), known)
        again, later = np.flatnonzero(opened), np.maximum(learnt, known + 1)[opened]
    else:
        again = np.flatnonzero(rng.random(len(things)) < CORRECTED)
        later = known[again] + 1 + rng.integers(0, 120, len(again))
    return known, again[later < LAST], later[later < LAST]


def _columns(table: Table, things: Happened, people: People, rng: np.random.Generator) -> arrow.Table:
    """All columns of the first versions, those of the clocks and the end still empty."""
    columns: dict[str, arrow.Array] = {
        "row_id": arrow.array(things.row_id),
        "person_id": arrow.array(people.person_id[things.whose]),
        "feed_id": arrow.array(np.full(len(things), feed(table.name))),
        "event_date": days(things.day),
        "birth_month": days(people.born[things.whose]),
        "practice": PRACTICES.take(arrow.array(people.practice[things.whose])),
        **things.given,
    }
    if "code" in table.columns:
        codes = coded(table.name)
        place = codes.code.places(rng, len(things))
        columns |= {"code": codes.code.values.take(arrow.array(place)), "system": codes.system.take(arrow.array(place))}
        if "value" in table.columns:
            drawn = pool(table.name, "value").draw(rng, len(things))
            columns["value"] = pc.if_else(arrow.array(codes.measured[place]), drawn, None)
    for name, type_ in table.columns.items():
        if name in _CLOCKS:
            columns[name] = arrow.nulls(len(things), type_)
        elif name not in columns:
            some_day = type_ == arrow.date32()
            columns[name] = (
                _within(table, name, things, rng) if some_day else pool(table.name, name).draw(rng, len(things))
            )
    return arrow.table({name: columns[name] for name in table.columns})


def _within(table: Table, name: str, things: Happened, rng: np.random.Generator) -> arrow.Array:
    """Some day from the first of what happened to its last; where it may be missing, half the time."""
    room = np.minimum(things.end, LAST) - things.day
    day = things.day + (rng.random(len(things)) * np.maximum(room, 0)).astype(np.int64)
    if table.schema.columns[name].nullable:
        day = np.where(rng.random(len(day)) < 0.5, NEVER, day)
    return days(day)


def _changed(table: Table, told: arrow.Table, rng: np.random.Generator) -> arrow.Table:
    """Later versions of rows: the last of their columns that is drawn may say something else. Those of intervals tell their end."""
    if table.interval:
        return told
    name = next(name for name in reversed(list(table.columns)) if name not in _NOT_DRAWN)
    return told.set_column(told.column_names.index(name), name, pool(table.name, name).draw(rng, told.num_rows))


def _lag(table: Table, rng: np.random.Generator, count: int) -> Ints:
    return rng.geometric(1 / LAG.get(table.name, LAG_OTHERWISE), count)


def _order(whose: Ints, day: Ints, known: Ints, row_id: Ints) -> Ints:
    """Places in order of person, day, ``known_at`` and row id: by one number that holds them all, but for the row id's last bits."""
    key = whose.astype(np.uint64) << np.uint64(49) | (day + 20_000).astype(np.uint64) << np.uint64(33)
    key |= (known + 20_000).astype(np.uint64) << np.uint64(17) | (row_id >> 46).astype(np.uint64)
    placed = np.argsort(key)
    alike = key[placed[1:]] == key[placed[:-1]]
    if (row_id[placed[1:]][alike] < row_id[placed[:-1]][alike]).any():
        return np.lexsort((row_id, known, day, whose))
    return placed


def days(day: npt.NDArray[np.int64]) -> arrow.Array:
    """Days as dates, :data:`NEVER` as null."""
    return arrow.array(day.astype(np.int32), arrow.int32(), mask=day >= NEVER).cast(arrow.date32())


def feed(table: str) -> int:
    """Identity of the feed that brings a table."""
    return feed_identity("native", table, "local", "area", "*")
