"""The query of each rule: what became of every row of a batch, and the native rows."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import date

import duckdb
import pyarrow as arrow
import pyarrow.compute as pc

from features.sources.delivered.declared import RawFile, Rule, day
from features.sources.files import Rows, literal

#: Columns that say what became of a row.
FATES = ("its_drop", "its_field", "its_reason", "its_value")
_REASONS = {"isin": "not_allowed", "str_matches": "malformed"}


def put(
    connection: duckdb.DuckDBPyConnection, file: RawFile, rows: Rows, received: date, only: Container[str] | None = None
) -> None:
    """Register a batch as the table ``rows``: the contract's columns by their own names (``only`` those named), text, null where the
    file lacks them."""
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
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE rows AS SELECT *, DATE '{received}' AS received FROM batch ORDER BY source_row"
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


def query(rule: Rule, file: RawFile, feed: str, received: date, lag: int, first: bool) -> str:
    """The SELECT of one rule: ``source_row``, the fates, and the native columns. ``feed`` is SQL of the delivery's key; ``first``
    says that no delivery came before."""
    drops = " ".join(f"WHEN {test} THEN {literal(name)}" for name, test in rule.drops)
    checks = (*rule.refusals, *contract_tests(file, rule.reads))
    known = f"DATE '{received}'"
    if rule.entered is not None and first:
        # The least takes no notice of null: what says nothing of its entry was known on receipt.
        known = f"least(({rule.entered}) + {lag}, {known})"

    def fate(of: str) -> str:
        when = " ".join(f"WHEN {test} THEN {value}" for test, value in (
            (test, {"field": literal(name), "reason": literal(reason), "value": f"r.{name}"}[of]) for name, reason, test in checks))  # fmt: skip
        return f"CASE {when} END" if when else "NULL"

    said = {
        "its_drop": f"CASE {drops} END" if drops else "NULL",
        "its_field": fate("field"), "its_reason": fate("reason"), "its_value": fate("value"),
        **({"row_key": rule.key} if rule.key else {}),
        **({} if "known_at" in rule.columns else {"known_at": known}),
        **rule.columns,
        "feed": feed,
    }  # fmt: skip
    chosen = ", ".join(
        f"CAST({sql} AS VARCHAR) AS {name}" if name in FATES else f"{sql} AS {name}" for name, sql in said.items()
    )
    return f"SELECT r.source_row, {chosen} FROM rows r {rule.joins}"
