"""Files of rows, whatever they are written in, read alike: batches of columns with the number of each row.

A :class:`DataFile` knows how to tell what keeps it from being read, which columns it has, and how to give its rows a batch at a
time. Text comes as text; what Parquet or a database holds keeps its types.
"""

from __future__ import annotations

import difflib
import hashlib
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.sources import text
from features.sources.contract import Fault, InputFile, Rejected

BATCH_ROWS = 100_000
ENDINGS = (".csv", ".csv.gz", ".txt", ".txt.gz", ".parquet")
#: What a damaged compressed or Parquet file raises.
_BROKEN = (OSError, EOFError, zlib.error, arrow.ArrowInvalid)


@dataclass(frozen=True)
class Rows:
    """Some rows of a file: ``frame`` (its columns), ``numbers`` of the rows in the file, and rows that could not be read."""

    frame: arrow.Table
    numbers: np.ndarray
    unread: Sequence[Rejected] = ()


@dataclass(frozen=True)
class DataFile:
    """One CSV (plain or gzipped) or Parquet file. ``name`` is what it is called within the extract; ``remedy`` what to do
    where its bytes are not of the encoding of ``dialect``."""

    path: Path
    name: str
    dialect: text.Dialect = text.USUAL
    remedy: str = "save the file as UTF-8"

    @property
    def is_text(self) -> bool:
        return not self.path.name.endswith(".parquet")

    @cached_property
    def scan(self) -> text.Scan:
        return text.scan(self.path, self.is_text, self.dialect)

    @property
    def input(self) -> InputFile:
        return InputFile(self.name, self.scan.sha256, self.scan.size)

    @cached_property
    def columns(self) -> list[str]:
        if self.is_text:
            return text.column_names(self.path, self.dialect)
        return list(parquet.read_schema(self.path).names)

    @cached_property
    def rows(self) -> int:
        return self.scan.lines if self.is_text else int(parquet.read_metadata(self.path).num_rows)

    def fault(self) -> Fault | None:
        """What keeps the file from being read at all, if anything does."""
        kind = "a CSV file" if self.is_text else "a Parquet file"
        try:
            if self.is_text and self.scan.not_utf8_at is not None:
                expected = f"text in {self.dialect.encoding.upper()}"
                return Fault(self.name, f"byte {self.scan.not_utf8_at:,}", expected, "bytes of another encoding", self.remedy)  # fmt: skip
            if not self.columns:
                return Fault(self.name, "line 1", "the names of the columns", "nothing", "check that the file is whole")
            _ = self.rows
        except PermissionError:
            return Fault(self.name, "", kind, "no permission to read", "check who owns the file")
        except _BROKEN:
            return Fault(self.name, "", kind, "something that cannot be read as one", "export it again")
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            return Fault(self.name, f"column {twice[0]}", "each column once", "the same name twice", "rename or drop one")  # fmt: skip
        return None

    def batches(self) -> Iterator[Rows]:
        """The rows. Text that is blank is null."""
        if self.is_text:
            for frame, numbers, unread in text.batches(self.path, self.dialect):
                yield from _sliced(frame, numbers, unread)
            return
        first = 1
        with parquet.ParquetFile(self.path) as opened:
            for batch in opened.iter_batches(BATCH_ROWS):
                yield Rows(arrow.Table.from_batches([batch]), np.arange(first, first + batch.num_rows))
                first += batch.num_rows


@dataclass(frozen=True)
class DatabaseTable:
    """One table of a DuckDB file, read as if it were a file called ``name``."""

    path: Path
    table: str
    name: str
    _held: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def input(self) -> InputFile:
        if "sha256" not in self._held:
            with self.path.open("rb") as file:
                self._held["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
        return InputFile(self.name, self._held["sha256"], self.path.stat().st_size)

    @cached_property
    def columns(self) -> list[str]:
        with duckdb.connect(str(self.path), read_only=True) as held:
            return list(held.table(quoted(self.table)).columns)

    @cached_property
    def rows(self) -> int:
        with duckdb.connect(str(self.path), read_only=True) as held:
            counted = held.execute(f"SELECT count(*) FROM {quoted(self.table)}").fetchall()
        return int(counted[0][0])

    def fault(self) -> Fault | None:
        """None: the database was opened to find the table."""
        return None

    def batches(self) -> Iterator[Rows]:
        first = 1
        with duckdb.connect(str(self.path), read_only=True) as held:
            for batch in held.table(quoted(self.table)).to_arrow_reader(BATCH_ROWS):
                yield Rows(arrow.Table.from_batches([batch]), np.arange(first, first + batch.num_rows))
                first += batch.num_rows


def quoted(name: str) -> str:
    """A column's or table's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def nearest(name: str, known: Iterable[str]) -> str:
    """ " (did you mean X?)" for the known name that is nearest to ``name``; nothing where none is near."""
    by_folded = {one.casefold(): one for one in known}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return f" (did you mean {by_folded[close[0]]}?)" if close else ""


def _sliced(frame: arrow.Table, numbers: np.ndarray, unread: Sequence[Rejected]) -> Iterator[Rows]:
    for first in range(0, max(frame.num_rows, 1), BATCH_ROWS):
        part = slice(first, first + BATCH_ROWS)
        yield Rows(frame.slice(first, BATCH_ROWS), numbers[part], unread if first == 0 else ())
