"""Stage A: the statement that turns a table of the record into the facts of a sweep, in DuckDB's SQL or Spark's.

It gives the columns of :func:`columns`: what :class:`features.engine.arrange.Facts` holds. What a code means is settled once for each
different code of a table, not for each row: a row gives the code's number in a small table.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from features.engine.lanes import Lane, Sweep, conditions_of
from features.engine.language import Between, Condition
from features.record.tables import TABLES

#: What stands for no end.
NO_END = "DATE '9999-12-31'"
#: Text becomes whole numbers that doubles hold exactly, so that the kernel can count different ones.
_EXACT = 2**52


@dataclass(frozen=True)
class Dialect:
    """Where DuckDB and Spark differ. ``{}`` stands for the column."""

    weekday: str
    text_number: str


DUCKDB = Dialect("isodow({})", f"CAST(hash({{}}) % {_EXACT} AS DOUBLE)")
SPARK = Dialect("(weekday({}) + 1)", f"CAST(pmod(xxhash64({{}}), {_EXACT}) AS DOUBLE)")


@dataclass(frozen=True)
class Wanted:
    """Of what a statement tells: what happened and was known before ``latest``, no further back from ``earliest`` than ``reach`` days
    (None: any number); of people whom the condition ``people`` picks (of ``r.person_id``; empty: everybody). ``codes`` names the
    table of codes, which says how far back each matters; ``apart`` says that a code's text is enough to find it."""

    earliest: date
    latest: date
    reach: int | None
    people: str = ""
    codes: str = ""
    apart: bool = False


def columns(sweep: Sweep) -> list[str]:
    """The columns of the statement, in order."""
    ends = ["end_day"] if TABLES[sweep.table].interval else []
    coded = ["code_id"] if sweep.coded else []
    flags = ["flags"] if any(lane.conditions for lane in sweep.lanes) else []
    return [
        "person_id",
        "start",
        *ends,
        "known_at",
        "known_until",
        "time",
        "row_id",
        *coded,
        *flags,
        *dict(numbers(sweep)),
    ]


def numbers(sweep: Sweep) -> dict[str, Lane]:
    """Columns that carry numbers of rows, each with a lane that uses it."""
    return {number_column(lane): lane for lane in sweep.lanes if lane.numbered and lane.distinct != "code"}


def number_column(lane: Lane) -> str:
    """The column that carries the number of the lane's facts."""
    return f"of_{lane.value or lane.distinct}" + (f"_{lane.prefix}" if lane.prefix else "")


def statement(sweep: Sweep, wanted: Wanted, dialect: Dialect = DUCKDB) -> str:
    """Facts of the sweep."""
    table, day = TABLES[sweep.table], f"r.{sweep.date}"
    kept = [f"{day} IS NOT NULL", f"{day} < DATE '{wanted.latest}'", f"r.known_at < DATE '{wanted.latest}'"]
    kept += [wanted.people] if wanted.people else []
    if wanted.reach is not None:
        kept.append(f"{day} >= DATE '{wanted.earliest - timedelta(days=wanted.reach)}'")
    told = {
        "person_id": "r.person_id", "start": day, "end_day": f"coalesce(r.end_date, {NO_END})", "known_at": "r.known_at",
        "known_until": f"coalesce(r.known_until, {NO_END})",
        "time": "coalesce(r.event_time, -1)" if "event_time" in table.columns else "-1", "row_id": "r.row_id", "code_id": "c.id",
    }  # fmt: skip
    bits = [_meets(sweep, condition, dialect) for lane in sweep.lanes for condition in lane.conditions]
    flags = " + ".join(
        f"CASE WHEN {bit} THEN CAST({1 << place} AS BIGINT) ELSE 0 END" for place, bit in enumerate(bits)
    )
    told["flags"] = f"CAST({flags} AS BIGINT)"
    told |= {column: _number(lane, dialect) for column, lane in numbers(sweep).items()}
    join = ""
    if sweep.coded:
        join = f"JOIN {wanted.codes} c ON c.code = r.code" + ("" if wanted.apart else " AND c.system = r.system")
        kept.append(f"{day} >= c.since")
    shown = ", ".join(f"{told[column]} AS {column}" for column in columns(sweep))
    # Where every group has a condition, a row that meets none is of no use.
    outer = " WHERE flags <> 0" if bits and all(conditions_of(of) for lane in sweep.lanes for of in lane.groups) else ""
    return f"SELECT * FROM (SELECT {shown} FROM {sweep.table} r {join} WHERE {' AND '.join(kept)}) f{outer}"


def _meets(sweep: Sweep, condition: Condition, dialect: Dialect) -> str:
    column, values = condition
    if isinstance(values, Between):
        low, high = values.low, values.high
        tests = [f"r.{column} >= {float(low)!r}"] if low is not None else []
        return " AND ".join([*tests, *([f"r.{column} < {float(high)!r}"] if high is not None else [])])
    day = f"r.{sweep.date}"
    of = {"weekday": dialect.weekday.format(day), "month": f"month({day})"}.get(column, f"r.{column}")
    return f"{of} IN ({', '.join(map(_literal, values))})"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else f"'{value}'"


def _number(lane: Lane, dialect: Dialect) -> str:
    """The number of a row; not a number where there is none."""
    if lane.value:
        return f"coalesce(CAST(r.{lane.value} AS DOUBLE), CAST('NaN' AS DOUBLE))"
    text = f"left(r.{lane.distinct}, {lane.prefix})" if lane.prefix else f"r.{lane.distinct}"
    return f"CASE WHEN r.{lane.distinct} IS NOT NULL THEN {dialect.text_number.format(text)} ELSE CAST('NaN' AS DOUBLE) END"
