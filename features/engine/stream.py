"""Stage A: DuckDB turns each table of the record into narrow facts sorted by person.

A fact is ``(person_id, start, end, known_at, known_until, group, value)``: days since 1970-01-01, ``NEVER`` for an end or a
``known_until`` that is not there, its class (:mod:`features.engine.lanes`), and the number (1 where none is needed). Which class a
code belongs to is settled once for each different code of a table, not for each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow

from features.codelists import HIERARCHICAL
from features.engine.kernel import NEVER
from features.engine.lanes import Lane
from features.engine.plan import Plan
from features.record.tables import TABLES

SCHEMA = arrow.schema([
    ("person_id", arrow.int64()), ("start", arrow.int32()), ("end", arrow.int32()), ("known_at", arrow.int32()),
    ("known_until", arrow.int32()), ("group", arrow.int32()), ("value", arrow.float64()),
])  # fmt: skip
#: Text values become numbers that doubles hold exactly, so that the kernel can count different ones.
_EXACT = 2**52


def register_people(connection: duckdb.DuckDBPyConnection, person_id: np.ndarray) -> None:
    """Say of whom facts are wanted: fills the table ``asked_person`` of ``connection``."""
    connection.register("asked_arrow", arrow.table({"person_id": np.unique(person_id).astype(np.int64)}))
    connection.execute("CREATE OR REPLACE TEMP TABLE asked_person AS SELECT person_id FROM asked_arrow")
    connection.unregister("asked_arrow")


def facts(
    connection: duckdb.DuckDBPyConnection, plan: Plan, dates: Sequence[date], batch: int = 500_000
) -> Iterator[arrow.RecordBatch]:
    """The facts (``SCHEMA``) of everybody whom :func:`register_people` named, as far as any of ``dates`` can see them,
    sorted by person, start, time of day, ``known_at``, ``row_id`` and class."""
    for place, lane in enumerate(plan.lanes):
        if lane.coded:
            _settle_codes(connection, lane, f"codes_of_lane_{place}")
    yield from connection.sql(sql(plan, dates)).to_arrow_reader(batch)


def sql(plan: Plan, dates: Sequence[date]) -> str:
    """The statement behind :func:`facts`, one named step a lane."""
    names = [f"{lane.table}_{place}" for place, lane in enumerate(plan.lanes)]
    steps = ",\n".join(
        f"{name} AS ({_lane(lane, f'codes_of_lane_{place}', dates, plan.lookback(lane))})"
        for place, (name, lane) in enumerate(zip(names, plan.lanes, strict=True))
    )
    union = " UNION ALL ".join(f"FROM {name}" for name in names)
    return f"""WITH {steps},
fact AS ({union})
SELECT person_id, start, "end", {_day("known_at")} AS known_at, {_day_or_never("known_until")} AS known_until,
    "group", value
FROM fact ORDER BY person_id, start, time NULLS FIRST, known_at, row_id, "group" """


def _lane(lane: Lane, codes: str, dates: Sequence[date], lookback: int | None) -> str:
    """Facts of one lane, with the columns that order them."""
    columns = TABLES[lane.table].columns
    code_class = "0" if not lane.coded else "c.class" if lane.only_coded else "coalesce(c.class, 0)"
    join = "" if not lane.coded else ("" if lane.only_coded else "LEFT ") + (
        f"JOIN {codes} c ON c.system = r.system AND c.code = r.code")  # fmt: skip
    bits = [_meets(column, values) for column, values in lane.conditions]
    bits += [f"{_number(lane)} IS NOT NULL"] if lane.numbered else []
    flags = " + ".join(f"CASE WHEN {bit} THEN {1 << i} ELSE 0 END" for i, bit in enumerate(bits)) or "0"
    kept = [f"r.{lane.date} IS NOT NULL", f"r.{lane.date} < DATE '{max(dates)}'", f"r.known_at < DATE '{max(dates)}'",
            "r.person_id IN (SELECT person_id FROM asked_person)"]  # fmt: skip
    if lookback is not None:
        kept.append(f"r.{lane.date} >= DATE '{min(dates) - timedelta(days=lookback)}'")
    if lane.only_numbered:
        kept.append(f"{_number(lane)} IS NOT NULL")
    # A row of no group gives no fact: where no single bit is enough, the class says so.
    trivial = f'WHERE "group" <> {lane.base}' if not lane.members_of(0) else ""
    ends = TABLES[lane.table].interval and lane.date == "event_date"
    return f"""
    SELECT * FROM (
        SELECT r.person_id, {_day("r." + lane.date)} AS start,
            {_day_or_never("r.end_date") if ends else _day("r." + lane.date)} AS "end",
            r.known_at, r.known_until, {"r.event_time" if "event_time" in columns else "NULL::INTEGER"} AS time, r.row_id,
            CAST({lane.base} + {code_class} * {1 << lane.bits} + {flags} AS INTEGER) AS "group",
            {f"coalesce({_number(lane)}, 0)" if lane.numbered else "1.0::DOUBLE"} AS value
        FROM {lane.table} r {join}
        WHERE {" AND ".join(kept)}
    ) {trivial}"""


def _settle_codes(connection: duckdb.DuckDBPyConnection, lane: Lane, name: str) -> None:
    """A small table of the codes that are in some set of the lane, with their class."""
    rows = [(system, code, number) for system, codes in lane.codes.items() if system not in HIERARCHICAL
            for code, number in codes.items()]  # fmt: skip
    hierarchical = sorted(HIERARCHICAL & lane.codes.keys())
    if hierarchical:
        used = connection.execute(
            f"SELECT DISTINCT system, code FROM {lane.table} WHERE system IN (SELECT unnest($1::VARCHAR[]))",
            [hierarchical],
        ).fetchall()
        rows += [(system, code, number) for system, code in used if (number := lane.code_class(system, code))]
    systems, codes, numbers = zip(*rows, strict=True) if rows else ((), (), ())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT unnest($1::VARCHAR[]) AS system, unnest($2::VARCHAR[]) AS code,"
        " unnest($3::INTEGER[]) AS class",
        [list(systems), list(codes), list(numbers)],
    )


def _meets(column: str, values: Sequence[Any]) -> str:
    return f"r.{column} IN ({', '.join(map(_literal, values))})"


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def _day(column: str) -> str:
    return f"CAST({column} - DATE '1970-01-01' AS INTEGER)"


def _day_or_never(column: str) -> str:
    return f"coalesce({_day(column)}, {NEVER})"


def _number(lane: Lane) -> str:
    if lane.value:
        return f"CAST(r.{lane.value} AS DOUBLE)"
    text = f"left(r.{lane.distinct}, {lane.prefix})" if lane.prefix else f"r.{lane.distinct}"
    return f"CASE WHEN r.{lane.distinct} IS NOT NULL THEN CAST(hash({text}) % {_EXACT} AS DOUBLE) END"
