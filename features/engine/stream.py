"""Stage A: DuckDB turns each table of the record, read once, into narrow facts sorted by person.

A fact is ``(person_id, start, end, known_at, known_until, group, value)``: days since 1970-01-01, ``NEVER`` for an end or a
``known_until`` that is not there, the group of the plan, and the number (1 where a group needs none). Which code belongs to which
group is settled once for each different code of a table, not for each row.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as arrow

from features.codelists import load
from features.engine.kernel import NEVER
from features.engine.language import Facts
from features.engine.plan import Plan
from features.record.tables import TABLES

SCHEMA = arrow.schema([
    ("person_id", arrow.int64()), ("start", arrow.int32()), ("end", arrow.int32()), ("known_at", arrow.int32()),
    ("known_until", arrow.int32()), ("group", arrow.int32()), ("value", arrow.float64()),
])  # fmt: skip
#: Text values become numbers that doubles hold exactly, so that the kernel can count different ones.
_EXACT = 2**52


def facts(
    connection: duckdb.DuckDBPyConnection, plan: Plan, dates: list[date], batch: int = 500_000
) -> Iterator[arrow.RecordBatch]:
    """The facts of everybody in the table ``asked_person`` (``person_id``) of ``connection`` that any of ``dates`` can
    see, sorted by person, start, time of day, ``known_at`` and ``row_id``."""
    steps = [_table(connection, plan, table, dates) for table in plan.tables]
    union = "\nUNION ALL\n".join(steps)
    sql = (
        'SELECT person_id, start, "end", known_at, known_until, "group", value '
        f'FROM ({union}) ORDER BY person_id, start, time, arrived, row_id, "group"'
    )
    yield from connection.sql(sql).to_arrow_reader(batch)


def _table(connection: duckdb.DuckDBPyConnection, plan: Plan, table: str, dates: list[date]) -> str:
    groups = plan.of_table(table)
    coded = [(number, of) for number, of in groups if of.codes]
    matched = _matched(connection, table, coded) if coded else None
    conditions = ", ".join(f"CASE WHEN {_test(of, 'r.')} THEN {number} END" for number, of in groups if not of.codes)
    extra = {number: _test(of) for number, of in coded if of.where}
    listed = f"[{conditions}]" if conditions else "CAST([] AS INTEGER[])"
    if matched:
        listed = f"list_concat(coalesce(m.groups, CAST([] AS INTEGER[])), {listed})"
    join = f"LEFT JOIN {matched} m ON m.system = r.system AND m.code = r.code" if matched else ""
    columns = TABLES[table].columns
    time = "coalesce(event_time, -1)" if "event_time" in columns else "-1"
    first = _oldest(plan, table, dates)
    since = f"AND r.event_date >= DATE '{first}'" if first and "event_date" in columns else ""
    kept = " AND ".join(["g IS NOT NULL", *(f"(g <> {number} OR {test})" for number, test in extra.items())])
    return f"""
    SELECT person_id, fact_start AS start, fact_end AS "end", {_day("known_at")} AS known_at,
        coalesce({_day("known_until")}, {NEVER}) AS known_until, g AS "group", fact_value AS value, {time} AS time,
        known_at AS arrived, row_id
    FROM (
        SELECT *, {_cases(groups, _start)} AS fact_start, {_cases(groups, _end)} AS fact_end,
            {_cases(groups, _value)} AS fact_value
        FROM (SELECT r.*, unnest({listed}) AS g FROM {table} r {join}
              WHERE r.known_at < DATE '{max(dates)}' {since}
                AND r.person_id IN (SELECT person_id FROM asked_person))
        WHERE {kept}
    ) WHERE fact_start IS NOT NULL AND fact_value IS NOT NULL"""


def _oldest(plan: Plan, table: str, dates: list[date]) -> date | None:
    lookback = plan.lookback(table)
    dated_otherwise = any(of.date != "event_date" for _, of in plan.of_table(table))
    return None if lookback is None or dated_otherwise else min(dates) - timedelta(days=lookback)


def _matched(connection: duckdb.DuckDBPyConnection, table: str, coded: list[tuple[int, Facts]]) -> str:
    """A small table of each different code of ``table`` with the groups that it belongs to."""
    name = f"codes_of_{table}"
    pairs = connection.execute(f"SELECT DISTINCT system, code FROM {table}").fetchall()
    sets = [(number, load(of.codes or "")) for number, of in coded]
    rows = [(system, code, [number for number, held in sets if held.holds(system, code)]) for system, code in pairs]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} (system VARCHAR, code VARCHAR, groups INTEGER[])")
    matching = [row for row in rows if row[2]]
    if matching:
        connection.executemany(f"INSERT INTO {name} VALUES (?, ?, ?)", matching)
    return name


def _test(of: Facts, row: str = "") -> str:
    return (
        " AND ".join(f"{row}{column} IN ({', '.join(map(_literal, values))})" for column, values in of.where) or "true"
    )


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"


def _day(column: str) -> str:
    return f"CAST({column} - DATE '1970-01-01' AS INTEGER)"


def _start(of: Facts) -> str:
    return _day(of.date)


def _end(of: Facts) -> str:
    if TABLES[of.table].interval and of.date == "event_date":
        return f"coalesce({_day('end_date')}, {NEVER})"
    return _day(of.date)


def _value(of: Facts) -> str:
    if of.value:
        return f"CAST({of.value} AS DOUBLE)"
    if of.distinct:
        text = f"left({of.distinct}, {of.prefix})" if of.prefix else of.distinct
        return f"CAST(hash({text}) % {_EXACT} AS DOUBLE) + CASE WHEN {text} IS NULL THEN NULL ELSE 0 END"
    return "1.0::DOUBLE"


def _cases(groups: list[tuple[int, Facts]], of: Any) -> str:
    """One expression for every group: a plain one when all agree, else a CASE by group."""
    by_expression: dict[str, list[int]] = {}
    for number, group in groups:
        by_expression.setdefault(of(group), []).append(number)
    if len(by_expression) == 1:
        return next(iter(by_expression))
    whens = " ".join(f"WHEN g IN ({', '.join(map(str, numbers))}) THEN {expression}"
                     for expression, numbers in by_expression.items())  # fmt: skip
    return f"CASE {whens} END"
