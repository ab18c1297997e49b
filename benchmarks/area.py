"""A record of any number of people, generated: every table and column filled, of about a hundred events a person over six years.

    python -m benchmarks.area --people 100000 [--seed 1] [--out DIR]

Made for measuring: its rows are well formed, come in the proportions in which they are usual, carry both clocks and lie as
``frailty ingest`` lays them, but nothing in them has to do with anything else. It is generated, not simulated: it says nothing
about anybody's health, and no accuracy is to be measured on it. Equal people and seed give equal bytes.

The record is of two deliveries: what was known by the second is in the first's files, and the second brings new rows and later
versions, whose predecessors' ends lie beside them as after any second ingest.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.compute as pc

from benchmarks import people, telling
from features.record import manifest
from features.record.tables import PERSON_TABLES, TABLES
from features.record.writer import CLOSURE, Transaction

#: The day of the second delivery; rows known from then on are its own.
SECOND = date(2024, 11, 18)
#: Rows of a row group, one after the other: so DuckDB hands them to ingest, and so ingest writes them.
ROW_GROUPS = (100_000, 22_880)
#: Changed with anything that changes what is generated.
VERSION = 1


def generated(count: int, seed: int, folder: Path) -> Path:
    """A record of ``count`` people in ``folder``, made unless it is there already; its path."""
    path, notes = folder / f"area-{count}-{seed}", _notes(count, seed)
    if (path / manifest.NAME).exists():
        if manifest.load(path).notes == notes:
            return path
        raise SystemExit(f"{path} holds another record; remove it, or name another folder")
    later = {name: Later() for name in PERSON_TABLES}
    with Transaction(path) as first:
        first.add("feed", _feeds()[0])
        for name, of in later.items():
            first.add(name, grouped(_first(name, count, seed, of)))
        first.commit(inputs=[_hash("first", notes)], notes=notes)
    with Transaction(path) as second:
        fresh, ended = _feeds()[1:]
        second.add("feed", fresh)
        second.close_versions("feed", ended)
        for name, of in later.items():
            second.add(name, grouped(iter(of.rows)))
            second.close_versions(
                name, arrow.concat_tables(of.ends).sort_by([("row_id", "ascending"), ("known_at", "ascending")])
            )
        second.commit(inputs=[_hash("second", notes)])
    return path


@dataclass
class Later:
    """What the second delivery brings of a table: new ``rows``, and ``ends`` of versions that the first brought."""

    rows: list[arrow.Table] = field(default_factory=list)
    ends: list[arrow.Table] = field(default_factory=list)


def _first(name: str, count: int, seed: int, later: Later) -> Iterator[arrow.Table]:
    """What the first delivery brings of a table, slice by slice; what the second brings goes to ``later``. A slice is made while
    the one before is written."""
    table, second = TABLES[name], arrow.scalar(SECOND)

    def made(number: int) -> arrow.Table:
        return telling.rows(table, people.of_slice(count, seed, number), seed, number)

    with ThreadPoolExecutor(1) as maker:
        waiting = maker.submit(made, 0)
        for number in range(people.slices(count)):
            rows = waiting.result()
            if number + 1 < people.slices(count):
                waiting = maker.submit(made, number + 1)
            late = pc.greater_equal(rows["known_at"], second)
            later.rows.append(rows.filter(late).combine_chunks())
            rows = rows.filter(pc.invert(late))
            # The first delivery did not know what the second would end.
            ended = pc.fill_null(pc.greater_equal(rows["known_until"], second), False)
            later.ends.append(rows.filter(ended).select(CLOSURE.names).cast(CLOSURE).combine_chunks())
            until = pc.if_else(ended, arrow.scalar(None, arrow.date32()), rows["known_until"])
            yield rows.set_column(rows.column_names.index("known_until"), table.arrow.field("known_until"), until)


def grouped(tables: Iterator[arrow.Table]) -> Iterator[arrow.RecordBatch]:
    """Rows in batches of the sizes of :data:`ROW_GROUPS`."""
    held: list[arrow.Table] = []
    there = turn = 0
    for table in tables:
        held.append(table)
        there += table.num_rows
        while there >= ROW_GROUPS[turn % 2]:
            size = ROW_GROUPS[turn % 2]
            whole = arrow.concat_tables(held)
            yield whole.slice(0, size).combine_chunks().to_batches()[0]
            held, there, turn = [whole.slice(size)], there - size, turn + 1
    if there:
        yield arrow.concat_tables(held).combine_chunks().to_batches()[0]


def _feeds() -> tuple[arrow.Table, arrow.Table, arrow.Table]:
    """Deliveries of every table at the beginning of every month: those of the record's first, those of its second, and the ends that
    the second gives to versions of the first."""
    months = [date(year, month, 1) for year in range(2019, 2026) for month in range(1, 13)][1:73]
    said: list[dict[str, Any]] = []
    for name in PERSON_TABLES:
        for day, following in zip(months, [*months[1:], None], strict=True):
            said.append({
                "feed_id": telling.feed(name), "known_at": day, "known_until": following, "source": "native", "table_name": name,
                "organisation": "area", "organisation_scheme": "local", "covers": "*", "period_from": date(2019, 1, 1),
                "period_to": day, "purposes": "*",
            })  # fmt: skip
    said.sort(key=lambda row: (row["known_at"], row["feed_id"]))
    before, after = ([row for row in said if (row["known_at"] < SECOND) is first] for first in (True, False))
    cut = [row for row in before if row["known_until"] is not None and row["known_until"] >= SECOND]
    ends = [{"row_id": row["feed_id"], "known_at": row["known_at"], "known_until": row["known_until"]} for row in cut]
    before = [{**row, "known_until": None} if row in cut else row for row in before]
    schema = TABLES["feed"].arrow
    return (
        *(arrow.Table.from_pylist(rows, schema) for rows in (before, after)),
        arrow.Table.from_pylist(ends, CLOSURE),
    )


def _notes(count: int, seed: int) -> dict[str, str]:
    """What the record says of itself; equal notes mean equal rows."""
    about = {"kind": "simulated", "title": f"Generated, not simulated: {count:,} people for measuring, seed {seed}"}
    columns = {name: {column: str(type_) for column, type_ in table.columns.items()} for name, table in TABLES.items()}
    laid = hashlib.sha256(json.dumps([VERSION, columns]).encode()).hexdigest()
    return {"about": json.dumps(about), "identity": "generated", "generated": f"{count} people, seed {seed}, {laid}"}


def _hash(which: str, notes: dict[str, str]) -> str:
    return hashlib.sha256(f"{which} {notes['generated']}".encode()).hexdigest()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=100_000)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--out", type=Path, default=Path(".bench"))
    given = asked.parse_args()
    began = time.perf_counter()
    path = generated(given.people, given.seed, given.out)
    held = manifest.load(path)
    size = sum(file.stat().st_size for file in path.rglob("*.parquet"))
    print(f"{path}: {sum(file.rows for file in held.files):,} rows of {given.people:,} people, {size / 1e6:,.0f} MB, "
          f"{time.perf_counter() - began:.0f} s, generated, not simulated")  # fmt: skip


if __name__ == "__main__":
    main()
