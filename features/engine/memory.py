"""Facts from rows in memory: one person's rows as they are sent for an on-demand score, or a test's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np

from features.engine.arrange import NEVER, Facts
from features.engine.codes import settled
from features.engine.lanes import Lane, Sweep
from features.engine.language import Between, Condition
from features.engine.plan import Plan
from features.record.tables import TABLES

#: A row in the record's own columns; what it leaves out is null.
Row = Mapping[str, Any]
_EPOCH = date(1970, 1, 1)


def facts(plan: Plan, tables: Mapping[str, Sequence[Row]]) -> list[Facts]:
    """The facts of each sweep of ``plan``, from rows by table, in any order."""
    return [_sweep(plan, place, tables.get(sweep.table, ())) for place, sweep in enumerate(plan.sweeps)]


def _sweep(plan: Plan, at: int, rows: Sequence[Row]) -> Facts:
    sweep = plan.sweeps[at]
    rows = [row for row in rows if row.get(sweep.date) is not None]
    codes = dict.fromkeys((row["system"], row["code"]) for row in rows) if sweep.coded else {}
    held = settled(sweep, plan.reaches(at), codes) if sweep.coded else None
    place = {pair: i for i, pair in enumerate(held.pairs)} if held else {}
    if held:
        rows = [row for row in rows if (row["system"], row["code"]) in place]
    conditions = [condition for lane in sweep.lanes for condition in lane.conditions]
    interval = TABLES[sweep.table].interval
    return Facts(
        person_id=np.array([row["person_id"] for row in rows], dtype=np.int64),
        start=np.array([_day(row[sweep.date]) for row in rows], dtype=np.int32),
        end=np.array([_day(row.get("end_date")) for row in rows], dtype=np.int32) if interval else None,
        known_at=np.array([_day(row["known_at"]) for row in rows], dtype=np.int32),
        known_until=np.array([_day(row.get("known_until")) for row in rows], dtype=np.int32),
        time=np.array([-1 if row.get("event_time") is None else row["event_time"] for row in rows], dtype=np.int32),
        row_id=np.array([row["row_id"] for row in rows], dtype=np.int64),
        code=np.array([place[row["system"], row["code"]] for row in rows], dtype=np.int32) if held else None,
        settled=held,
        flags=np.array(
            [sum(_meets(sweep, one, row) << bit for bit, one in enumerate(conditions)) for row in rows], dtype=np.int64
        )
        if conditions
        else None,
        numbers=tuple(_numbers(lane, rows) for lane in sweep.lanes),
    )


def _meets(sweep: Sweep, condition: Condition, row: Row) -> bool:
    column, values = condition
    if isinstance(values, Between):
        return values.holds(row.get(column))
    if column == "weekday":
        return row[sweep.date].isoweekday() in values
    return (row[sweep.date].month if column == "month" else row.get(column)) in values


def _numbers(lane: Lane, rows: Sequence[Row]) -> np.ndarray | None:
    if lane.value:
        return np.array([np.nan if row.get(lane.value) is None else row[lane.value] for row in rows], dtype=np.float64)
    if lane.distinct in (None, "code"):
        return None
    numbers: dict[str, int] = {}
    texts = [row.get(lane.distinct or "") for row in rows]
    return np.array([np.nan if text is None else numbers.setdefault(text[: lane.prefix], len(numbers)) for text in texts],
                    dtype=np.float64)  # fmt: skip


def _day(day: date | None) -> int:
    return NEVER if day is None else (day - _EPOCH).days
