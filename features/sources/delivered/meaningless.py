"""Files that have every column and say nothing in one that matters: dates of which none reads, or a word that no row has."""

from __future__ import annotations

import duckdb

from features.sources.contract import Fault
from features.sources.delivered import statements
from features.sources.delivered.declared import day
from features.sources.delivered.files import Delivery
from features.sources.files import Rows

#: Rows of each file of which the dates are tried.
TRIED_ROWS = 2_000


def faults(connection: duckdb.DuckDBPyConnection, one: Delivery) -> list[Fault]:
    """Why the file is to be refused whole, by column."""
    return [*_blank(connection, one), *_unread(connection, one)]


def _blank(connection: duckdb.DuckDBPyConnection, one: Delivery) -> list[Fault]:
    """Columns that must say something somewhere in the file, and are blank in every row of it."""
    names = one.kind.never_blank
    blank = set(names if one.file.rows else ())
    counts = ", ".join(f"count(r.{name})" for name in names)
    for rows in one.file.batches() if blank else ():
        statements.put(connection, one.kind, rows, one.received, names)
        said = connection.execute(f"SELECT {counts} FROM rows r").fetchall()[0]
        blank -= {name for name, values in zip(names, said, strict=True) if values}
    return [
        Fault(one.file.name, f"column {name}", one.kind.columns[name].description or "a word", "none in any row", "fill it in, or take the file out")
        for name in sorted(blank)
    ]  # fmt: skip


def _unread(connection: duckdb.DuckDBPyConnection, one: Delivery) -> list[Fault]:
    """Columns of dates of which the file's first rows hold values, and not one that reads: their shape has changed. (A few that
    do not read are quarantined one by one.)"""
    dates = [name for name in one.kind.columns if name in one.kind.dates]
    first = next((rows for rows in one.file.batches() if rows.frame.num_rows), None) if dates else None
    if first is None:
        return []
    tried = Rows(first.frame.slice(0, TRIED_ROWS), first.numbers[:TRIED_ROWS])
    statements.put(connection, one.kind, tried, one.received, dates)
    counts = ", ".join(
        f"count(r.{name}) FILTER ({some}), count({day(f'r.{name}')}) FILTER ({some})"
        for name, some in ((name, f"left(r.{name}, 4) NOT IN ('1800', '1801', '1900')") for name in dates)
    )
    counted = connection.execute(f"SELECT {counts} FROM rows r").fetchall()[0]
    return [
        Fault(one.file.name, f"column {name}", "dates as 2024-11-30, 30/11/2024 or 20241130", f"none in its first {said:,} values", "export it again")
        for name, said, read in zip(dates, counted[::2], counted[1::2], strict=True) if said and not read
    ]  # fmt: skip
