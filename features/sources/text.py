"""CSV files, read as text: what is wrong with their bytes, and their rows in batches, bad rows told apart.

Rows are numbered as a spreadsheet shows them: the line of column names is 1. Blank lines are not counted.
"""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.csv as csv

from features.sources.contract import Rejected

_CHUNK = 1 << 22
_BLOCK = 1 << 24


@dataclass(frozen=True)
class Scan:
    """What one pass over a file's bytes finds: their hash and number, how many lines there are after the first, and the
    position of the first byte that is not UTF-8, if any."""

    sha256: str
    size: int
    lines: int
    not_utf8_at: int | None


def scan(path: Path, text: bool = True) -> Scan:
    """Read ``path`` once. Unless ``text``, bytes are only hashed."""
    digest, size, lines, bad, last = hashlib.sha256(), 0, 0, None, b"\n"
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            if text and bad is None:
                lines += chunk.count(b"\n")
                pending = len(decoder.getstate()[0])
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    bad = size - pending + error.start
            size, last = size + len(chunk), chunk[-1:]
    if text and bad is None and decoder.getstate()[0]:
        bad = size - len(decoder.getstate()[0])
    lines += last != b"\n"
    return Scan(digest.hexdigest(), size, max(lines - 1, 0), bad)


def column_names(path: Path) -> list[str]:
    """The names on the first line; none where the file is empty."""
    with path.open("rb") as file:
        first = file.readline()
    if not first.strip():
        return []
    read = csv.read_csv(
        arrow.py_buffer(first), read_options=csv.ReadOptions(autogenerate_column_names=True), convert_options=_AS_TEXT
    )
    return [name.strip() for name in (str(read[i][0].as_py() or "") for i in range(read.num_columns))]


def batches(path: Path) -> Iterator[tuple[arrow.Table, np.ndarray, list[Rejected]]]:
    """The rows as text, with their numbers, and the rows that have more or fewer columns than the first line."""
    names = column_names(path)
    rejected: list[Rejected] = []
    skipped: set[int] = set()

    def unread(row: csv.InvalidRow) -> str:
        skipped.add(row.number)
        rejected.append(Rejected(row.number, "", "wrong_number_of_columns", row.text))
        return "skip"

    reader = csv.open_csv(
        path,
        read_options=csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, skip_rows=1),
        parse_options=csv.ParseOptions(newlines_in_values=True, invalid_row_handler=unread),
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


_AS_TEXT = csv.ConvertOptions(strings_can_be_null=True, null_values=[""])


def _numbers(first: int, count: int, skipped: set[int]) -> np.ndarray:
    """``count`` numbers from ``first`` on, without those skipped."""
    numbers = np.arange(first, first + count + len(skipped), dtype=np.int64)
    if skipped:
        numbers = numbers[~np.isin(numbers, list(skipped))]
    return numbers[:count]
