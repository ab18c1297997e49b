"""Small extracts in the record's own shape for tests: rows as plain dicts in, a folder of files out.

    extract(tmp_path / "e", spell=[{"row_key": "S1", "event_date": "2024-03-01"}])

What a row leaves out is filled from the defaults of ``tests.records``, the first NHS number, the feed of its table, and a
``known_at`` on the day it happened. The feeds were received on 1 December 2024 unless said otherwise.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

from features.linkage.identity import IdentityStore
from features.record.ingest import ingest
from features.record.ledger import Ledger
from features.record.reader import Record
from features.sources import open_source
from tests.records import DEFAULTS

Row = Mapping[str, Any]
RECEIVED = "2024-12-01"


def nhs(number: int) -> str:
    """A well-formed NHS number of the range kept for tests (999…), a different one for each ``number`` up to 100,000."""
    for last in range(10):
        nine = f"999{number:05d}{last}"
        check = (11 - sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True)) % 11) % 11
        if check < 10:
            return f"{nine}{check}"
    raise AssertionError("one in ten has a check digit")


def feed(table: str, **row: Any) -> dict[str, Any]:
    return {"feed": table, "table_name": table, "source": "test", "known_at": RECEIVED, "organisation": "QHM",
            "organisation_scheme": "ods", "covers": "*", "period_from": "2020-01-01", "period_to": RECEIVED,
            "purposes": "*", **row}  # fmt: skip


def extract(folder: Path, *, suffix: str = "csv", about: str = "demonstration", feeds: Sequence[Row] = (), **tables: Sequence[Row]) -> Path:  # fmt: skip
    """The extract in ``folder``; the folder's path. A table given no rows has no file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "about.json").write_text(json.dumps({"kind": about, "title": "a test's few people"}))
    write(folder / f"feed.{suffix}", list(feeds) or [feed(table) for table in tables])
    for table, rows in tables.items():
        if rows:
            write(folder / f"{table}.{suffix}", [row(table, **given) for given in rows])
    return folder


def row(table: str, **given: Any) -> dict[str, Any]:
    """One native row of ``table``."""
    told = {name: value for name, value in DEFAULTS[table].items() if name not in ("spell_id", "other_person_id")}
    filled = {"nhs_number": nhs(1), "feed": table, **told, **given}
    if "known_at" not in filled:
        filled["known_at"] = filled["event_date"]
    return filled


def write(path: Path, rows: Sequence[Row]) -> None:
    names = list(dict.fromkeys(name for one in rows for name in one))
    if path.suffix == ".parquet":
        parquet.write_table(arrow.table({name: [one.get(name) for one in rows] for name in names}), path)
        return
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


class Place:
    """A record and an identity store in ``folder``, and what tests ask of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.record = folder, folder / "record"

    def identity(self) -> IdentityStore:
        return IdentityStore.open(self.folder / "identity", self.folder / "keys" / "identity.key", wait=0.1)

    def take(self, source: Path) -> Ledger:
        """Ingest one native extract."""
        with self.identity() as identity:
            return ingest(open_source("native", source), self.record, identity)

    def rows(self, table: str, columns: str, where: str = "true") -> list[tuple[Any, ...]]:
        """Rows of the record in the order of their columns, dates as text."""
        with Record(self.record, purpose="ingest") as held:
            asked = ", ".join(
                f"{name}::VARCHAR" if "date" in name or "known" in name else name for name in columns.split()
            )
            return held.connection.execute(f"SELECT {asked} FROM {table} WHERE {where} ORDER BY ALL").fetchall()

    def quarantined(self) -> list[dict[str, Any]]:
        """Every quarantined line, in order of file and row."""
        paths = sorted((self.record / "quarantine").rglob("*.parquet"))
        return [line for path in paths for line in parquet.read_table(path).to_pylist()]

    def contents(self) -> dict[str, bytes]:
        """Every file of the record but its lock."""
        return {str(path.relative_to(self.record)): path.read_bytes() for path in sorted(self.record.rglob("*")) if path.is_file() and path.name != ".lock"}  # fmt: skip
