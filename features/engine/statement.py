"""Stage A: the statement that turns a table of the record into the facts of a sweep, in DuckDB's SQL or Spark's.

It gives ``person_id, start, end_day, known_at, known_until, time, row_id`` and a ``class_i`` (and ``number_i``) a lane: see
:class:`features.engine.arrange.Facts`. Which class a code belongs to is settled once for each different code of a table, not for
each row, and comes from a small table of codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from features.engine.lanes import Lane, Sweep
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
    bare: str


DUCKDB = Dialect("isodow({})", f"CAST(hash({{}}) % {_EXACT} AS DOUBLE)", "{}")
SPARK = Dialect("(weekday({}) + 1)", f"CAST(pmod(xxhash64({{}}), {_EXACT}) AS DOUBLE)", "{}")


@dataclass(frozen=True)
class Seen:
    """What any of the dates can see: what happened and was known before ``latest``, and no further back from ``earliest`` than the
    predictors look."""

    earliest: date
    latest: date

    @classmethod
    def of(cls, dates: Sequence[date]) -> Seen:
        return cls(min(dates), max(dates))


def columns(sweep: Sweep) -> list[str]:
    """The columns of the statement, in order."""
    ends = ["end_day"] if TABLES[sweep.table].interval else []
    lanes = [
        name
        for i, lane in enumerate(sweep.lanes)
        for name in ([f"class_{i}", f"number_{i}"] if lane.numbered else [f"class_{i}"])
    ]
    return ["person_id", "start", *ends, "known_at", "known_until", "time", "row_id", *lanes]


def statement(sweep: Sweep, codes: str, seen: Seen, reach: int | None, people: str, dialect: Dialect = DUCKDB) -> str:
    """Facts of the sweep. ``codes`` names the table of codes (``system, code, class_i, number_i``), ``people`` is a condition
    that picks people (``r.person_id …``)."""
    table = TABLES[sweep.table]
    kept = [
        f"r.{sweep.date} IS NOT NULL",
        f"r.{sweep.date} < DATE '{seen.latest}'",
        f"r.known_at < DATE '{seen.latest}'",
    ]
    if people:
        kept.append(people)
    if reach is not None:
        kept.append(f"r.{sweep.date} >= DATE '{seen.earliest - timedelta(days=reach)}'")
    told = [
        "r.person_id", f"r.{sweep.date} AS start", *(["coalesce(r.end_date, " + NO_END + ") AS end_day"] if table.interval else []),
        "r.known_at AS known_at", f"coalesce(r.known_until, {NO_END}) AS known_until",
        ("coalesce(r.event_time, -1)" if "event_time" in table.columns else "-1") + " AS time", "r.row_id AS row_id",
    ]  # fmt: skip
    for i, lane in enumerate(sweep.lanes):
        told += _lane(sweep, i, lane, dialect)
    # A row that no group wants gives no fact.
    wanted = [f"class_{i} <> 0" if not lane.members_of(0) else "TRUE" for i, lane in enumerate(sweep.lanes)]
    some = "" if "TRUE" in wanted else f" WHERE {' OR '.join(wanted)}"
    join = f"JOIN {codes} c ON c.code = r.code AND c.system = r.system" if sweep.coded else ""
    return f"SELECT * FROM (SELECT {', '.join(told)} FROM {sweep.table} r {join} WHERE {' AND '.join(kept)}) f{some}"


def _lane(sweep: Sweep, i: int, lane: Lane, dialect: Dialect) -> list[str]:
    bits = [_meets(sweep, condition, dialect) for condition in lane.conditions]
    number = _number(i, lane, dialect) if lane.numbered else ""
    bits += [f"{number} IS NOT NULL"] if lane.numbered else []
    terms = [f"c.class_{i}"] if lane.coded else []
    terms += [f"CASE WHEN {bit} THEN {1 << place} ELSE 0 END" for place, bit in enumerate(bits)]
    told = [f"CAST({' + '.join(terms) or '0'} AS INTEGER) AS class_{i}"]
    return [*told, f"coalesce({number}, 0) AS number_{i}"] if lane.numbered else told


def _meets(sweep: Sweep, condition: Condition, dialect: Dialect) -> str:
    column, values = condition
    if isinstance(values, Between):
        low, high = values.bounds
        return f"(r.{column} >= {_bound(low)} AND r.{column} < {_bound(high)})"
    of = {"weekday": dialect.weekday.format(f"r.{sweep.date}"), "month": f"month(r.{sweep.date})"}.get(
        column, f"r.{column}"
    )
    return f"{of} IN ({', '.join(map(_literal, values))})"


def _bound(number: float) -> str:
    return f"CAST('{number!r}' AS DOUBLE)".replace("inf", "Infinity")


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else f"'{value}'"


def _number(i: int, lane: Lane, dialect: Dialect) -> str:
    if lane.value:
        return f"CAST(r.{lane.value} AS DOUBLE)"
    if lane.distinct == "code":
        return f"c.number_{i}"
    text = f"left(r.{lane.distinct}, {lane.prefix})" if lane.prefix else f"r.{lane.distinct}"
    return f"CASE WHEN r.{lane.distinct} IS NOT NULL THEN {dialect.text_number.format(text)} END"
