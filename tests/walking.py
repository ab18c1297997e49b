"""A walk over every file under a folder, whatever its kind, for anything that holds somebody's number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

SQLITE = b"SQLite format 3\x00"


def holding(folder: Path, person_id: int, texts: Iterable[str] = ()) -> set[str]:
    """Places under ``folder`` that hold the ``person_id`` or any of ``texts``: a file, or a file and its table. Parquet and SQLite are read
    cell by cell, anything else byte by byte (the number in decimal)."""
    found: set[str] = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name, data = str(path.relative_to(folder)), path.read_bytes()
        if path.suffix == ".parquet":
            found |= {name} if _in_parquet(path, person_id, texts) else set()
        elif data.startswith(SQLITE):
            found |= {f"{name} {table}" for table in _in_sqlite(path, person_id, texts)}
        elif any(text.encode() in data for text in (str(person_id), *texts)):
            found.add(name)
    return found


def _in_parquet(path: Path, person_id: int, texts: Iterable[str]) -> bool:
    for column in parquet.read_table(path).columns:
        kind = column.type
        if arrow.types.is_integer(kind) and pc.any(pc.equal(column, arrow.scalar(person_id, arrow.int64()))).as_py():
            return True
        if arrow.types.is_string(kind) and any(
            pc.any(pc.match_substring(column, text)).as_py() for text in (str(person_id), *texts)
        ):
            return True
    return False


def _in_sqlite(path: Path, person_id: int, texts: Iterable[str]) -> set[str]:
    looked = (str(person_id), *texts)
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        tables = [name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table
            for table in tables
            for row in opened.execute(f'SELECT * FROM "{table}"')
            if any(_says(cell, looked) for cell in row)
        }


def _says(cell: object, looked: tuple[str, ...]) -> bool:
    told = cell if isinstance(cell, bytes) else str(cell).encode()
    return any(text.encode() in told for text in looked)
