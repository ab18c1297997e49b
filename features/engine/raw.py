"""What is worked out of a row's columns before it is a fact: the bits of its conditions, and the numbers that it carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
from pyarrow import compute

from features.engine.lanes import Lane, Sweep
from features.engine.language import OF_THE_DAY, Between
from features.engine.statement import numbers
from features.record.tables import TABLES

Array = npt.NDArray[Any]
#: Columns of some rows, by name: text as a dictionary.
Columns = Mapping[str, arrow.Array]


def wanted(sweep: Sweep) -> list[str]:
    """Columns of the sweep's table that its facts are made of."""
    table = TABLES[sweep.table]
    looked = [column for lane in sweep.lanes for column, _ in lane.conditions if column not in OF_THE_DAY]
    carried = [column for lane in sweep.lanes for column in (lane.value, lane.distinct) if column]
    ends = ["end_date"] if table.interval else []
    ordered = ["event_time"] if sweep.tied and "event_time" in table.columns else []
    coded = ["system", "code"] if sweep.coded else []
    return list(dict.fromkeys(["person_id", "row_id", "known_at", "known_until", sweep.date, *ends, *ordered, *coded, *looked,
                               *carried]))  # fmt: skip


def flags(sweep: Sweep, columns: Columns, start: Array) -> Array:
    """A bit for each condition of each lane that a row meets (int64, rows); of rows whose day is missing, anything."""
    found = np.zeros(len(start), dtype=np.int64)
    bits = [condition for lane in sweep.lanes for condition in lane.conditions]
    for name in dict.fromkeys(column for column, _ in bits):
        asked = [(place, values) for place, (column, values) in enumerate(bits) if column == name]
        if name in OF_THE_DAY:
            found |= _bits(arrow.array(range(13)), asked)[OF_THE_DAY_VALUES[name](start)]
        elif isinstance(columns[name], arrow.DictionaryArray):
            column = columns[name]
            meant = np.append(_bits(column.dictionary, asked), 0)
            found |= meant[column.indices.fill_null(len(column.dictionary)).to_numpy()]
        else:
            found |= _bits(columns[name], asked)
    return found


def _bits(column: arrow.Array, asked: Sequence[tuple[int, Any]]) -> Array:
    bits = np.zeros(len(column), dtype=np.int64)
    for place, values in asked:
        bits |= _meets(column, values).astype(np.int64) << place
    return bits


def _meets(column: arrow.Array, values: Any) -> Array:
    if isinstance(values, Between):
        numbers = as_doubles(column)
        low, high = values.bounds
        return (numbers >= low) & (numbers < high)
    met: Array = compute.is_in(column, arrow.array(list(values), column.type)).to_numpy(zero_copy_only=False)
    return met


def _weekday(start: Array) -> Array:
    # 1970-01-01 was a Thursday.
    return (start.astype(np.int64) + 3) % 7 + 1


def _month(start: Array) -> Array:
    return start.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1


OF_THE_DAY_VALUES = {"weekday": _weekday, "month": _month}


class Numbering:
    """The numbers that rows carry: of text, equal numbers for equal text, whichever rows it is met in."""

    def __init__(self, sweep: Sweep) -> None:
        self._lanes = numbers(sweep)
        self._known: dict[str, dict[str, int]] = {name: {} for name in self._lanes}

    def of(self, columns: Columns) -> dict[str, Array]:
        """Numbers (float64, rows; NaN where there is none) by the name of :func:`features.engine.statement.numbers`."""
        return {name: as_doubles(columns[lane.value]) if lane.value else self._of_text(name, lane, columns)
                for name, lane in self._lanes.items()}  # fmt: skip

    def _of_text(self, name: str, lane: Lane, columns: Columns) -> Array:
        column, known = columns[str(lane.distinct)], self._known[name]
        texts = [text[: lane.prefix] for text in column.dictionary.to_pylist()]
        table = np.array([*(known.setdefault(text, len(known)) for text in texts), np.nan], dtype=np.float64)
        numbered: Array = table[column.indices.fill_null(len(texts)).to_numpy()]
        return numbered


def as_doubles(column: arrow.Array) -> Array:
    """A column of numbers as float64, NaN where there is none."""
    if arrow.types.is_boolean(column.type):
        column = column.cast(arrow.int8())
    doubles: Array = column.cast(arrow.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    return doubles


def as_days(column: arrow.Array, missing: int) -> Array:
    """A column of days as int32 from 1970-01-01, ``missing`` where there is none."""
    days = column.view(arrow.int32()) if arrow.types.is_date32(column.type) else column.cast(arrow.int32())
    if days.null_count == len(days):
        return np.full(len(days), missing, dtype=np.int32)
    numbered: Array = (days.fill_null(missing) if days.null_count else days).to_numpy()
    return numbered
