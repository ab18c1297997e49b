"""Since when the record has spoken for a person, table by table, and how old each feed is.

A table speaks for a person from the later of two days: the first day that a permitted delivery, known at *t*, covers for the person's
practice, and the day on which the person came into the area (the beginning of the unbroken chain of registrations that
*t* knows). What befell somebody elsewhere, before they came, no feed here tells: "no admission in three years" is not known of
a person who moved here three months ago. Tables in :data:`FOLLOWS` come with the person: general practice hands on
its record, and who a person is needs no observation.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks
from features.engine.rows import ALWAYS, Rows, Spoken
from features.record.reader import Record
from features.record.tables import PERSON_TABLES

#: Tables whose rows tell of the time before a person came to the area.
FOLLOWS = frozenset({"person", "registration", "residence", "death", "objection", "person_link", "carer", "preference", "gp_event",
                     "assessment"})  # fmt: skip
#: Registrations less than this apart are one stay: people are between practices for some days when they move house.
BETWEEN_PRACTICES = 92

_COMES_ALONG = np.array([table in FOLLOWS for table in PERSON_TABLES])
_NEVER = np.iinfo(np.int32).max
Ints = npt.NDArray[np.int32]

_PERMITTED = "f.feed_id NOT IN (SELECT id FROM refused_feed)"


def rows(record: Record, frame: pd.DataFrame) -> Rows:
    """The rows of a cohort's ``frame`` (``person_id``, ``index_date``, ``practice``, ``feeds``), in the frame's order, with
    how far each table speaks for each."""
    days = frame["index_date"].to_numpy().astype("datetime64[D]")
    dates, date_of = np.unique(days, return_inverse=True)
    practice_of, practices = pd.factorize(frame["practice"])
    since, age = _covered(record, [day.item() for day in dates], list(practices))
    came = _came(record, frame["person_id"].to_numpy(np.int64), days)
    spoken = Spoken(since.reshape(-1, since.shape[2]), age.reshape(-1, age.shape[2]), ~_COMES_ALONG)
    return Rows(
        person_id=np.ascontiguousarray(frame["person_id"], dtype=np.int64),
        t=days.astype(np.int32),
        feeds=np.ascontiguousarray(frame["feeds"], dtype=np.uint64),
        place=(date_of * len(practices) + practice_of).astype(np.int32),
        came=came,
        spoken=spoken,
    )


def _covered(record: Record, dates: Sequence[date], practices: Sequence[str]) -> tuple[Ints, Ints]:
    """int32 (dates, practices, tables), twice: the first day that each table's deliveries cover for a practice (:data:`ALWAYS`
    where the table comes along or nothing covers it), and by how many days its newest delivery ends before the area's newest."""
    sql = f"""
        SELECT a.place, f.covers, f.table_name, min(f.period_from) - DATE '1970-01-01' AS since,
            max(f.period_to) - DATE '1970-01-01' AS newest
        FROM (SELECT unnest($at::DATE[]) AS t, unnest(range(len($at))) AS place) a JOIN feed f ON f.known_at < a.t
        WHERE {_PERMITTED} GROUP BY ALL
    """
    with record.connection.cursor() as cursor:
        found = cursor.execute(sql, {"at": list(dates)}).fetchall()
    number = {practice: i for i, practice in enumerate(practices)}
    shape = (len(dates), len(practices), len(PERSON_TABLES))
    since, newest = np.full(shape, _NEVER, np.int32), np.full(shape, ALWAYS, np.int32)
    for place, covers, table, first, last in found:
        where = slice(None) if covers == "*" else number.get(covers)
        if where is not None and table in PERSON_TABLES:
            column = PERSON_TABLES.index(table)
            since[place, where, column] = np.minimum(since[place, where, column], first)
            newest[place, where, column] = np.maximum(newest[place, where, column], last)
    age = np.where(newest == ALWAYS, 0, newest.max(axis=1, keepdims=True) - newest.astype(np.int64)).astype(np.int32)
    since[since == _NEVER] = ALWAYS
    since[:, :, _COMES_ALONG] = ALWAYS
    return since, age


def _came(record: Record, person: npt.NDArray[np.int64], days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.int32]:
    """The day (from 1970-01-01) on which each person's chain of registrations began, as known at each day; :data:`ALWAYS` for
    those with none."""
    sql = f"""
        WITH asked AS (SELECT unnest($at::DATE[]) AS t),
        held AS (
            SELECT a.t, r.person_id, r.event_date, coalesce(least(r.end_date, a.t), a.t) AS end_date
            FROM asked a JOIN registration r ON {clocks.visible("r", "a.t")}
        ),
        reached AS (
            SELECT t, person_id, event_date, max(end_date) OVER (PARTITION BY t, person_id ORDER BY event_date, end_date
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
            FROM held
        )
        SELECT person_id, t, max(event_date) AS came FROM reached
        WHERE before IS NULL OR event_date - before > {BETWEEN_PRACTICES} GROUP BY ALL ORDER BY ALL
    """
    with record.connection.cursor() as cursor:
        found = cursor.execute(sql, {"at": [day.item() for day in np.unique(days)]}).fetchnumpy()
    whose, at, first = (np.asarray(found[name]) for name in ("person_id", "t", "came"))
    at, first = at.astype("datetime64[D]"), first.astype("datetime64[D]").astype(np.int32)
    came = np.full(len(person), ALWAYS, dtype=np.int32)
    for day in np.unique(days):
        asked, held = np.flatnonzero(days == day), at == day
        people, began = whose[held], first[held]
        place = np.minimum(np.searchsorted(people, person[asked]), max(len(people) - 1, 0))
        if len(people):
            known = people[place] == person[asked]
            came[asked[known]] = began[place[known]]
    return came
