"""Since when the record has spoken for a person, table by table, and how old each feed is.

A table speaks for a person from the later of two days: the first day that a permitted delivery, known at *t*, covers for the person's
practice, and the day on which the person came into the area (the beginning of the unbroken chain of registrations that
*t* knows). What befell somebody elsewhere, before they came, no feed here tells: "no admission in three years" is not known of
a person who moved here three months ago. Tables in :data:`FOLLOWS` come with the person: general practice hands on
its record, and who a person is needs no observation.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import clocks
from features.engine.rows import ALWAYS, Rows
from features.record.reader import Record
from features.record.tables import PERSON_TABLES

#: Tables whose rows tell of the time before a person came to the area.
FOLLOWS = frozenset({"person", "registration", "residence", "death", "objection", "person_link", "carer", "preference", "gp_event",
                     "assessment"})  # fmt: skip
#: Registrations less than this apart are one stay: people are between practices for some days when they move house.
BETWEEN_PRACTICES = 92

_PERMITTED = "f.feed_id NOT IN (SELECT id FROM refused_feed)"


def rows(record: Record, frame: pd.DataFrame) -> Rows:
    """The rows of a cohort's ``frame`` (``person_id``, ``index_date``, ``practice``, ``feeds``), in the frame's order, with
    how far each table speaks for each."""
    days = frame["index_date"].to_numpy().astype("datetime64[D]")
    dates = [day.item() for day in np.unique(days)]
    covered = _covered(record, dates, frame["practice"].unique())
    practices = covered["practice"].to_numpy()
    place = pd.MultiIndex.from_arrays([covered["index_date"].to_numpy().astype("datetime64[D]"), practices]).get_indexer(
        pd.MultiIndex.from_arrays([days, frame["practice"].to_numpy()])
    )  # fmt: skip
    since = np.column_stack([covered[f"since_{table}"].to_numpy(np.int32) for table in PERSON_TABLES])[place]
    age = np.column_stack([covered[f"age_{table}"].to_numpy(np.int32) for table in PERSON_TABLES])[place]
    came = _came(record, frame["person_id"].to_numpy(np.int64), days)
    comes_along = np.array([table in FOLLOWS for table in PERSON_TABLES])
    observed = np.where(comes_along, since, np.maximum(since, came[:, None]))
    return Rows.of(frame["person_id"], days.astype(np.int32), frame["feeds"], observed, age)


def _covered(record: Record, dates: list[object], practices: Iterable[str]) -> pd.DataFrame:
    """For every date and practice: the first day that each table's deliveries cover (:data:`ALWAYS` where the table comes along
    or nothing covers it), and by how many days its newest delivery ends before the area's newest."""
    since = ", ".join(
        f"coalesce(min(f.period_from) FILTER (f.table_name = '{table}') - DATE '1970-01-01', {ALWAYS})::INTEGER AS since_{table}"
        if table not in FOLLOWS
        else f"({ALWAYS})::INTEGER AS since_{table}"
        for table in PERSON_TABLES
    )
    newest = ", ".join(
        f"max(f.period_to) FILTER (f.table_name = '{table}') AS newest_{table}" for table in PERSON_TABLES
    )
    ages = ", ".join(
        f"coalesce(max(newest_{table}) OVER (PARTITION BY t) - newest_{table}, 0)::INTEGER AS age_{table}"
        for table in PERSON_TABLES
    )
    sql = f"""
        WITH asked AS (SELECT t, practice FROM (SELECT unnest($at::DATE[]) AS t) CROSS JOIN (SELECT unnest($practices::VARCHAR[]) AS practice)),
        per AS (
            SELECT a.t, a.practice, {since}, {newest}
            FROM asked a LEFT JOIN feed f ON f.covers IN (a.practice, '*') AND f.known_at < a.t AND {_PERMITTED}
            GROUP BY ALL
        )
        SELECT t AS index_date, practice, {", ".join(f"since_{table}" for table in PERSON_TABLES)}, {ages} FROM per
    """
    with record.connection.cursor() as cursor:
        return cursor.execute(sql, {"at": dates, "practices": sorted(set(practices))}).df()


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
