"""Columns as an extract has them, made over to the types of the record's tables; values that do not read as the type are
found row by row.

Text reads as a date where it is ISO 8601 (``2024-03-31``), as a number where it is finite, as a flag where it is ``true``,
``false``, ``1`` or ``0``. Empty text and not-a-number are null.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

#: What a value is called that does not read as the type, and the pattern and type that text must satisfy to read as it.
_READS = {
    arrow.date32(): ("not_a_date", r"\d{4}-\d{2}-\d{2}", "DATE"),
    arrow.int32(): ("not_a_whole_number", r"[+-]?\d{1,10}(\.0*)?", "INTEGER"),
    arrow.int64(): ("not_a_whole_number", r"[+-]?\d{1,19}(\.0*)?", "BIGINT"),
    arrow.float64(): ("not_a_number", r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", "DOUBLE"),
    arrow.bool_(): ("not_a_flag", r"(?i:true|false|1|0)", "BOOLEAN"),
}


def reason(to: arrow.DataType) -> str:
    """What to call a value that does not read as ``to``."""
    return _READS[to][0]


def castable(held: arrow.DataType, to: arrow.DataType) -> bool:
    """Whether a column of type ``held`` can be read as ``to`` at all, whatever its values."""
    held = held.value_type if arrow.types.is_dictionary(held) else held
    if _is_text(held) or held == to or arrow.types.is_null(held):
        return True
    if to == arrow.date32():
        return arrow.types.is_timestamp(held) or arrow.types.is_date(held)
    if to == arrow.string():
        return arrow.types.is_integer(held)
    if to == arrow.bool_():
        return False
    return arrow.types.is_integer(held) or arrow.types.is_floating(held)


def cast(column: arrow.ChunkedArray, to: arrow.DataType) -> tuple[arrow.Array, np.ndarray | None]:
    """The column as ``to``, and which rows held something that does not read as it (None: no row). Their value is null
    in what is given back."""
    held = _plain(column)
    if arrow.types.is_floating(held.type):
        held = pc.if_else(pc.is_nan(held), arrow.scalar(None, held.type), held)
    if held.type == to:
        return held, None
    if arrow.types.is_timestamp(held.type) and held.type.tz:
        held = pc.local_timestamp(held.cast(arrow.timestamp("us", "Europe/London")))
    try:
        return _quickly(held, to), None
    except arrow.ArrowInvalid:
        made = _row_by_row(held, to)
    return made, _flags(pc.and_(pc.is_valid(held), pc.is_null(made)))


def _quickly(held: arrow.Array, to: arrow.DataType) -> arrow.Array:
    """Arrow's own cast, which gives up at the first value that does not fit. It reads ``inf`` and ``nan`` as numbers, and
    cuts the time off a day: the first is refused here, the second is wanted."""
    made = pc.cast(held, to, safe=not arrow.types.is_timestamp(held.type))
    if to == arrow.float64() and not pc.all(pc.fill_null(pc.is_finite(made), True)).as_py():
        raise arrow.ArrowInvalid("not finite")
    return made


def _row_by_row(held: arrow.Array, to: arrow.DataType) -> arrow.Array:
    _, pattern, sql = _READS[to]
    held = held if _is_text(held.type) else held.cast(arrow.string())
    with duckdb.connect() as connection:
        connection.register("held", arrow.table({"value": held}))
        read = connection.sql(
            f"SELECT CASE WHEN regexp_full_match(value, $1) THEN try_cast(value AS {sql}) END AS value FROM held",
            params=[pattern],
        ).to_arrow_table()
    made = read["value"].combine_chunks().cast(to)
    return pc.if_else(pc.is_finite(made), made, None) if to == arrow.float64() else made


def _plain(column: arrow.ChunkedArray) -> arrow.Array:
    held = column.combine_chunks() if isinstance(column, arrow.ChunkedArray) else column
    if isinstance(held, arrow.ChunkedArray):
        held = arrow.concat_arrays(held.chunks) if held.num_chunks else arrow.array([], held.type)
    if arrow.types.is_dictionary(held.type):
        held = held.dictionary_decode()
    if _is_text(held.type):
        held = held if held.type == arrow.string() else held.cast(arrow.string())
        blank = pc.equal(held, "")
        held = pc.if_else(blank, arrow.scalar(None, arrow.string()), held) if pc.any(blank).as_py() else held
    return held


def _is_text(held: arrow.DataType) -> bool:
    return arrow.types.is_string(held) or arrow.types.is_large_string(held) or arrow.types.is_string_view(held)


def _flags(marks: arrow.Array) -> np.ndarray:
    return pc.fill_null(marks, False).to_numpy(zero_copy_only=False).astype(bool)
