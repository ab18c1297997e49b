"""The query of each rule: what became of every row of a batch, and the native rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date

import duckdb
import pyarrow as arrow
import pyarrow.compute as pc

from features.sources.delivered.declared import AS_DAY, RawFile, Rule, day, read_day
from features.sources.files import Rows, literal

#: Column that says which of a rule's tests refuses a row, by its place among :func:`refusals`; null where none does.
FAULT = "its_fault"
_REASONS = {"isin": "not_allowed", "str_matches": "malformed"}


def put(
    connection: duckdb.DuckDBPyConnection, file: RawFile, rows: Rows, received: date, only: Container[str] | None = None
) -> None:
    """Register a batch as the table ``rows``: the contract's columns by their own names (``only`` those named), text, null where the
    file lacks them, and beside each column of dates the days that they read as."""
    columns: dict[str, arrow.Array | arrow.ChunkedArray] = {"source_row": arrow.array(rows.numbers, arrow.int64())}
    count = rows.frame.num_rows
    for name in file.columns:
        if only is not None and name not in only:
            continue
        own = file.called(name, rows.frame.column_names)
        text = rows.frame[own].cast(arrow.string()) if own else arrow.nulls(count, arrow.string())
        text = pc.utf8_trim_whitespace(text)
        columns[name] = pc.if_else(
            pc.is_in(text, arrow.array(["", "NULL", "null"])), arrow.scalar(None, arrow.string()), text
        )
    connection.register("batch", arrow.table(columns))
    days = "".join(f", {read_day(name)} AS {name}{AS_DAY}" for name in columns if name in file.dates)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE rows AS SELECT *{days}, DATE '{received}' AS received FROM batch ORDER BY source_row"
    )
    connection.unregister("batch")


def contract_tests(file: RawFile, names: Iterable[str]) -> Sequence[tuple[str, str, str]]:
    """Column, reason and SQL test of each way in which a row can break the contract in the columns named."""
    tests = []
    for name, column in file.columns.items():
        if name not in names:
            continue
        value = f"r.{name}"
        if not column.nullable:
            tests.append((name, "missing", f"{value} IS NULL"))
        if (column.metadata or {}).get("date"):
            tests.append((name, "not_a_date", f"{value} IS NOT NULL AND {_undated(value)}"))
            continue
        for check in column.checks:
            said = check.statistics
            if check.name == "isin":
                allowed = ", ".join(literal(one) for one in said["allowed_values"])
                tests.append((name, _REASONS["isin"], f"{value} NOT IN ({allowed})"))
            elif check.name == "str_matches":
                pattern = getattr(said["pattern"], "pattern", said["pattern"])
                tests.append((name, _REASONS["str_matches"], f"NOT regexp_full_match({value}, {literal(pattern)})"))
    return tests


def _undated(value: str) -> str:
    """The text reads as no date (one that stands for none reads as one)."""
    return f"{day(value)} IS NULL AND left({value}, 4) NOT IN ('1800', '1801', '1900')"


def refusals(rule: Rule, file: RawFile) -> Sequence[tuple[str, str, str]]:
    """Column, reason and SQL test of everything that refuses a row of the rule, in the order in which they are tried."""
    return (*rule.refusals, *contract_tests(file, rule.reads))


def dropped(rule: Rule) -> str | None:
    """The SELECT of how many rows each named rule drops; None where there is no such rule."""
    if not rule.drops:
        return None
    fates = f"SELECT {_drop(rule)} AS its_drop FROM rows r {rule.joins}"
    return f"SELECT its_drop, count(*) FROM ({fates}) WHERE its_drop IS NOT NULL GROUP BY ALL ORDER BY ALL"


def query(rule: Rule, file: RawFile, feed: str, received: date, lag: int, first: bool) -> str:
    """The SELECT of one rule over the rows that it does not drop: ``source_row``, :data:`FAULT`, and the native columns. ``feed`` is
    SQL of the delivery's key; ``first`` says that no delivery came before."""
    known = f"DATE '{received}'"
    if rule.entered is not None and first:
        # The least takes no notice of null: what says nothing of its entry was known on receipt.
        known = f"least(({rule.entered}) + {lag}, {known})"
    when = " ".join(f"WHEN {test} THEN {place}" for place, (*_, test) in enumerate(refusals(rule, file)))
    said = {
        FAULT: f"CAST({f'CASE {when} END' if when else 'NULL'} AS INTEGER)",
        **({"row_key": rule.key} if rule.key else {}),
        **({} if "known_at" in rule.columns else {"known_at": known}),
        **rule.columns,
        "feed": feed,
    }
    chosen = ", ".join(f"{sql} AS {name}" for name, sql in said.items())
    if not rule.drops:
        return f"SELECT r.source_row, {chosen} FROM rows r {rule.joins} ORDER BY r.source_row"
    # Not in a WHERE of its own: some drop by a row's place among others.
    of_all = f"SELECT r.source_row, {_drop(rule)} AS its_drop, {chosen} FROM rows r {rule.joins}"
    return f"SELECT * EXCLUDE (its_drop) FROM ({of_all}) WHERE its_drop IS NULL ORDER BY source_row"


def _drop(rule: Rule) -> str:
    return f"(CASE {' '.join(f'WHEN {test} THEN {literal(name)}' for name, test in rule.drops)} END)"
