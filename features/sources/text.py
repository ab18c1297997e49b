"""CSV files, plain or gzipped, read as text: what is wrong with their bytes, and their rows in batches, bad rows told apart.

Rows are numbered as a spreadsheet shows them: the line of column names is 1. Blank lines are not counted.
"""

from __future__ import annotations

import codecs
import csv as plain
import gzip
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as arrow
import pyarrow.csv as csv

from features.sources.contract import Rejected

_CHUNK = 1 << 22
_BLOCK = 1 << 24


@dataclass(frozen=True)
class Dialect:
    """How a file is written: what parts its columns, and its encoding (one that writes a line's end as one byte)."""

    delimiter: str = ","
    encoding: str = "utf-8"


USUAL = Dialect()


@dataclass(frozen=True)
class Scan:
    """What one pass over a file's bytes finds: their hash and number, how many lines there are after the first, and the
    position (in the text, where the file is compressed) of the first byte that is not of the file's encoding, if any."""

    sha256: str
    size: int
    lines: int
    not_utf8_at: int | None


def scan(path: Path, text: bool = True, dialect: Dialect = USUAL) -> Scan:
    """Read ``path`` once. Unless ``text``, bytes are only hashed. :class:`OSError` or :class:`EOFError` where a compressed
    file is broken."""
    lines, read, bad, last = 0, 0, None, b"\n"
    decoder = codecs.getincrementaldecoder(dialect.encoding)()
    with path.open("rb") as raw, _Hashed(raw) as hashed, _text_of(path, hashed) as file:
        while chunk := file.read(_CHUNK):
            if text and bad is None:
                lines += chunk.count(b"\n")
                pending = len(decoder.getstate()[0])
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    bad = read - pending + error.start
            read, last = read + len(chunk), chunk[-1:]
        hashed.read_out()
    if text and bad is None and decoder.getstate()[0]:
        bad = read - len(decoder.getstate()[0])
    lines += last != b"\n"
    return Scan(hashed.digest.hexdigest(), hashed.size, max(lines - 1, 0), bad)


class _Hashed(io.RawIOBase):
    """A file that hashes and counts the bytes that are read from it."""

    def __init__(self, raw: IO[bytes]) -> None:
        super().__init__()
        self.raw, self.digest, self.size = raw, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self.raw.readinto(buffer)  # type: ignore[attr-defined]
        self.digest.update(memoryview(buffer)[:count])
        self.size += count
        return int(count)

    def read_out(self) -> None:
        """Read to the end."""
        while self.readinto(bytearray(_CHUNK)):
            pass


def _text_of(path: Path, raw: Any) -> IO[bytes]:
    return gzip.open(raw) if path.suffix == ".gz" else io.BufferedReader(raw)  # type: ignore[return-value]


def column_names(path: Path, dialect: Dialect = USUAL) -> list[str]:
    """The names on the first line, without spaces at their ends; none where the file is empty."""
    with path.open("rb") as raw, _text_of(path, raw) as file:
        first = file.readline().decode(dialect.encoding, errors="replace").removeprefix("\ufeff")
    return [name.strip() for name in next(plain.reader([first], delimiter=dialect.delimiter), [])]


def batches(path: Path, dialect: Dialect = USUAL) -> Iterator[tuple[arrow.Table, np.ndarray, list[Rejected]]]:
    """The rows as text, with their numbers, and the rows that have more or fewer columns than the first line."""
    names = column_names(path, dialect)
    rejected: list[Rejected] = []
    skipped: set[int] = set()

    def unread(row: csv.InvalidRow) -> str:
        skipped.add(row.number)
        rejected.append(Rejected(row.number, "", "wrong_number_of_columns", row.text))
        return "skip"

    reader = csv.open_csv(
        path,
        read_options=csv.ReadOptions(
            use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=1, encoding=dialect.encoding
        ),
        parse_options=csv.ParseOptions(
            delimiter=dialect.delimiter, newlines_in_values=True, invalid_row_handler=unread
        ),
        convert_options=csv.ConvertOptions(
            column_types={name: arrow.string() for name in names}, strings_can_be_null=True, null_values=[""]
        ),
    )
    first = 2
    for batch in reader:
        numbers = _numbers(first, batch.num_rows, skipped)
        first = int(numbers[-1]) + 1 if len(numbers) else first
        told, rejected[:] = list(rejected), []
        yield arrow.Table.from_batches([batch]), numbers, told
    if rejected:
        yield (
            arrow.table({name: arrow.nulls(0, arrow.string()) for name in names}),
            np.array([], dtype=np.int64),
            rejected,
        )


def _numbers(first: int, count: int, skipped: set[int]) -> np.ndarray:
    """``count`` numbers from ``first`` on, without those skipped."""
    numbers = np.arange(first, first + count + len(skipped), dtype=np.int64)
    if skipped:
        numbers = numbers[~np.isin(numbers, list(skipped))]
    return numbers[:count]
