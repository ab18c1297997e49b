"""Rows as they lie in the record's files, and what stands between them and what may be read: for whoever reads a whole table and can
do in passing what the views of :mod:`features.record.reader` do by joins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.record.reader import Record
from features.record.tables import TABLES, Table

Days = npt.NDArray[np.int32]
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ended:
    """Versions that ended after they were written: that of ``row_id`` known from ``known_at`` ended on ``known_until`` (days from
    1970-01-01). Sorted, each version once, with the earliest end that any file gives."""

    row_id: Ids
    known_at: Days
    known_until: Days


@dataclass(frozen=True)
class Lying:
    """What a view of ``table`` shows is the rows of ``files``, but for those of a feed among ``refused`` and those of a person among
    ``apart``, with the versions in ``ended`` ended; and ``followed``: the rows of people whom links concern, given to whom they
    are about. ``files`` hold rows sorted by person, and may lack columns that the table has been given since; ``refused`` and
    ``apart`` are sorted."""

    table: Table
    files: tuple[Path, ...]
    ended: Ended
    refused: Ids
    apart: Ids
    followed: arrow.Table | None


def lying(record: Record, table: str, columns: list[str]) -> Lying:
    """The rows of ``table`` as they lie, ``followed`` with ``columns`` alone, sorted by person."""
    connection = record.connection
    refused = _ids(record, "SELECT id FROM refused_feed")
    apart, followed = _ids(record, "SELECT id FROM barred_person"), None
    if record.same:
        apart = np.union1d(apart, _ids(record, "SELECT DISTINCT person_id FROM same_person"))
        shown = ", ".join(columns)
        followed = connection.sql(f"SELECT {shown} FROM followed.{table} ORDER BY person_id").to_arrow_table()
    files = tuple(record.path / file.path for file in record.manifest.of(table))
    return Lying(TABLES[table], files, _ended(record, table), refused, apart, followed)


def _ids(record: Record, query: str) -> Ids:
    found = record.connection.execute(query).fetchnumpy()
    return np.unique(np.ma.getdata(next(iter(found.values()))).astype(np.int64))


def _ended(record: Record, table: str) -> Ended:
    closures = [str(record.path / file.path) for file in record.manifest.closed(table)]
    if not closures:
        return Ended(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))
    held = record.connection.sql(
        "SELECT row_id, known_at - DATE '1970-01-01' AS known_at, min(known_until) - DATE '1970-01-01' AS known_until"
        f" FROM read_parquet({closures!r}) WHERE known_until IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ).fetchnumpy()
    days = {name: np.ma.getdata(held[name]).astype(np.int32) for name in ("known_at", "known_until")}
    return Ended(np.ma.getdata(held["row_id"]).astype(np.int64), **days)
