"""DuckDB makes the facts of a block of people from the reader's views, one statement a sweep."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.engine.arrange import Facts, Ordered, order
from features.engine.codes import Settled, settled
from features.engine.lanes import Sweep
from features.engine.plan import Plan
from features.engine.statement import Wanted, number_column, statement
from features.record.reader import Record


class Scan:
    """The record as far as ``dates`` can see it and ``plan`` wants it, through the views of the reader."""

    def __init__(self, record: Record, plan: Plan, dates: Sequence[date]) -> None:
        self.plan, self._connection = plan, record.connection.cursor()
        # Rows come as they lie in the files, sorted by person: what is in order need not be put in order.
        self._connection.execute("SET preserve_insertion_order = true")
        # A connection answers one at a time.
        self._asked = threading.Lock()
        self._wanted: list[Wanted] = []
        self._settled: list[Settled | None] = []
        for place, sweep in enumerate(plan.sweeps):
            held = self._settle(place, sweep, min(dates)) if sweep.coded else None
            self._settled.append(held)
            self._wanted.append(wanted(plan, sweep, dates, f"codes_{place}", held))

    def facts(self, sweep: int, people: npt.NDArray[np.int64]) -> Ordered:
        """Facts of a sweep about ``people`` (sorted, each once), in order."""
        of, among = self.plan.sweeps[sweep], f"r.person_id BETWEEN {people[0]} AND {people[-1]}"
        asked = dataclasses.replace(self._wanted[sweep], people=among)
        with self._asked:
            rows = self._connection.sql(statement(of, asked)).to_arrow_table()
        return order(from_arrow(of, rows, self._settled[sweep]), people)

    def _settle(self, place: int, sweep: Sweep, earliest: date) -> Settled:
        used = self._connection.execute(f"SELECT DISTINCT system, code FROM {sweep.table} ORDER BY ALL").fetchall()
        found = settled(sweep, self.plan.reaches(place), used)
        self._connection.register("settled_arrow", found.table(earliest))
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE codes_{place} AS SELECT * FROM settled_arrow")
        self._connection.unregister("settled_arrow")
        return found


def wanted(plan: Plan, sweep: Sweep, dates: Sequence[date], codes: str, held: Settled | None) -> Wanted:
    """What a statement of the sweep tells of, for everybody."""
    return Wanted(
        min(dates),
        max(dates),
        plan.reach(sweep),
        codes=codes,
        apart=held is not None and held.apart,
    )


def from_arrow(sweep: Sweep, table: arrow.Table, held: Settled | None) -> Facts:
    """Facts of a table with the columns of :func:`features.engine.statement.columns`."""
    columns = {name: _array(table.column(name)) for name in table.column_names}
    return Facts(
        person_id=columns["person_id"],
        start=columns["start"],
        end=columns.get("end_day"),
        known_at=columns["known_at"],
        known_until=columns["known_until"],
        time=columns.get("time"),
        row_id=columns.get("row_id"),
        code=columns.get("code_id"),
        settled=held,
        flags=columns.get("flags"),
        numbers=tuple(columns.get(number_column(lane)) if lane.numbered else None for lane in sweep.lanes),
    )


def _array(column: arrow.ChunkedArray) -> np.ndarray:
    whole = column.combine_chunks()
    if arrow.types.is_date32(whole.type):
        whole = whole.view(arrow.int32())
    array: np.ndarray = whole.to_numpy(zero_copy_only=False)
    return array
