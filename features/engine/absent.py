"""What no feed or no whole observation speaks for: marked absent once a row's facts have been passed over."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from features.engine.arrange import only_read
from features.engine.compiling import compiled
from features.engine.plan import Plan
from features.engine.rows import Rows

#: Rows that are looked at together: a stretch of each column that stays in the cache.
TILE = 1024
_MOST = np.iinfo(np.int32).max


def absent(plan: Plan, rows: Rows, out: npt.NDArray[np.float32]) -> None:
    """Mark in ``out`` (plan.width or more × the rows or more) the aggregates that nothing speaks for."""
    said = (rows.t, rows.feeds, rows.place, rows.came, rows.spoken.since, rows.spoken.stays)
    _absent(*map(only_read, (*said, plan.table_of, plan.claims)), out)


@compiled
def observed_days(t, place, came, since, stays, table):  # type: ignore[no-untyped-def]
    """Days before ``t`` for which a table has spoken for the person of a row; below 0 where it speaks from later on."""
    first = since[place, table]
    return np.int64(t) - np.int64(max(first, came) if stays[table] else first)


@compiled
def _absent(t, feeds, place, came, since, stays, table_of, claims, out):  # type: ignore[no-untyped-def]
    tables, columns = since.shape[1], table_of.shape[0]
    read = np.zeros(tables, dtype=np.bool_)
    for c in range(columns):
        read[table_of[c]] = True
    fed = np.empty((tables, TILE), dtype=np.bool_)
    unseen = np.empty((tables, TILE), dtype=np.int32)
    unfed, least = np.empty(tables, dtype=np.bool_), np.empty(tables, dtype=np.int32)
    for begin in range(0, t.shape[0], TILE):
        size = min(begin + TILE, t.shape[0]) - begin
        for table in range(tables):
            if not read[table]:
                continue
            none, shortest = False, np.int64(_MOST)
            for k in range(size):
                row = begin + k
                reached = (feeds[row] >> np.uint64(table)) & np.uint64(1) == np.uint64(1)
                # Windows longer than this begin before the observation.
                days = min(observed_days(t[row], place[row], came[row], since, stays, table), np.int64(_MOST))
                fed[table, k], unseen[table, k] = reached, days
                none |= not reached
                shortest = min(shortest, days)
            unfed[table], least[table] = none, shortest
        for c in range(columns):
            table, claimed = table_of[c], claims[c]
            if 0 < claimed > least[table]:
                _unseen(out[c, begin : begin + size], unseen[table], claimed)
            if unfed[table]:
                _unfed(out[c, begin : begin + size], fed[table])


@compiled
def _unseen(column, unseen, claimed):  # type: ignore[no-untyped-def]
    for k in range(column.shape[0]):
        held = column[k]
        column[k] = np.float32(np.nan) if held == 0 and claimed > unseen[k] else held


@compiled
def _unfed(column, fed):  # type: ignore[no-untyped-def]
    for k in range(column.shape[0]):
        held = column[k]
        column[k] = held if fed[k] else np.float32(np.nan)
