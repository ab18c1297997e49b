"""DuckDB makes the facts of a block of people from the record, one statement a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb
import numpy as np
import pyarrow as arrow

from features.engine.arrange import Facts
from features.engine.codes import settled
from features.engine.lanes import Sweep
from features.engine.plan import Plan
from features.engine.statement import Seen, statement


class Scan:
    """The record behind ``connection``, as far as ``dates`` can see it and ``plan`` wants it. ``low`` and ``high`` are the first and
    the last person asked for."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, plan: Plan, dates: Sequence[date], low: int, high: int
    ) -> None:
        self.plan, self._connection = plan, connection
        self._seen = Seen.of(dates)
        for place, sweep in enumerate(plan.sweeps):
            if sweep.coded:
                self._settle(place, sweep, low, high)

    def facts(self, place: int, low: int, high: int) -> Facts:
        """Facts of the sweep at ``place``, of everybody from ``low`` to ``high``, in any order."""
        sweep = self.plan.sweeps[place]
        people = f"r.person_id BETWEEN {low} AND {high}"
        told = statement(sweep, f"codes_{place}", self._seen, self.plan.reach(sweep), people)
        return from_arrow(sweep, self._connection.sql(told).to_arrow_table())

    def _settle(self, place: int, sweep: Sweep, low: int, high: int) -> None:
        used = self._connection.execute(
            f"SELECT DISTINCT system, code FROM {sweep.table} WHERE person_id BETWEEN {low} AND {high} ORDER BY ALL"
        ).fetchall()
        self._connection.register("settled_arrow", settled(sweep, used))
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE codes_{place} AS SELECT * FROM settled_arrow")
        self._connection.unregister("settled_arrow")


def from_arrow(sweep: Sweep, table: arrow.Table) -> Facts:
    """Facts of a table with the columns of :func:`features.engine.statement.columns`."""
    held = {name: _array(table.column(name)) for name in table.column_names}
    return Facts(
        person_id=held["person_id"],
        start=held["start"],
        end=held.get("end_day"),
        known_at=held["known_at"],
        known_until=held["known_until"],
        time=held["time"],
        row_id=held["row_id"],
        classes=tuple(held[f"class_{i}"] for i in range(len(sweep.lanes))),
        numbers=tuple(held.get(f"number_{i}") for i in range(len(sweep.lanes))),
    )


def _array(column: arrow.ChunkedArray) -> np.ndarray:
    whole = column.combine_chunks()
    if arrow.types.is_date32(whole.type):
        whole = whole.view(arrow.int32())
    array: np.ndarray = whole.to_numpy(zero_copy_only=False)
    return array
