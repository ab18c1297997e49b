"""Rows that cannot be taken in: where each was, which field, why, and what its value looked like, never what it was.

The values themselves go, sealed and for a limited time, to the identity store. What is written here names no person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet

FOLDER = "quarantine"
SCHEMA = arrow.schema([
    arrow.field("file", arrow.string()), arrow.field("row", arrow.int64()), arrow.field("table", arrow.string()),
    arrow.field("field", arrow.string()), arrow.field("reason", arrow.string()), arrow.field("masked", arrow.string()),
])  # fmt: skip

#: Why a row is refused, in words. Checks of a table's schema that are not here carry their own name.
REASONS: dict[str, str] = {
    "missing": "a field that must be filled is empty",
    "not_a_date": "expected a date written as 2024-03-31",
    "not_a_whole_number": "expected a whole number",
    "not_a_number": "expected a number",
    "not_a_flag": "expected true or false",
    "not_allowed": "not one of the values that the field may take",
    "malformed": "not written as the field must be",
    "malformed_code": "not a code of the system named beside it",
    "out_of_range": "outside the range that the field may take",
    "no_identifier": "neither an NHS number nor a local id",
    "malformed_nhs_number": "not an NHS number, and no local id beside it",
    "unknown_feed": "names no delivery of the feed file",
    "other_feed": "names a delivery of another table's feed",
    "future_date": "later than the day on which its feed was received",
    "end_before_start": "ends before it begins",
    "known_until_before_known_at": "held until before it was held",
    "birth_month_not_first_of_month": "not the first day of a month",
    "version_conflict": "differs from the version of the same day that the record holds",
    "wrong_number_of_columns": "has more or fewer columns than the file's first line",
}


def mask(value: str | None) -> str:
    """What a value looks like: kind and length."""
    if value is None or value == "":
        return "empty"
    count = len(value)
    for kind, fits in (("digit", str.isdecimal), ("letter", str.isalpha), ("letter and digit", str.isalnum)):
        if fits(value):
            kind = "letters and digits" if " " in kind else kind + ("s" if count > 1 else "")
            return f"{count} {kind}"
    return f"text of {count} characters"


@dataclass
class Faults:
    """Faults of the rows of one batch, one for each row and field. A row's first fault is the reason under which the
    ledger counts it."""

    count: int
    _rows: list[np.ndarray] = field(default_factory=list)
    _says: list[tuple[str, str]] = field(default_factory=list)

    def add(self, rows: np.ndarray, field: str, reason: str) -> None:
        """``rows``: positions, or a flag a row."""
        positions = np.flatnonzero(rows) if rows.dtype == bool else np.unique(rows)
        for earlier, (of, _) in zip(self._rows, self._says, strict=True):
            if of == field:
                positions = np.setdiff1d(positions, earlier)
        if len(positions):
            self._rows.append(positions)
            self._says.append((field, reason))

    @property
    def bad(self) -> np.ndarray:
        """A flag a row: whether it is refused."""
        bad = np.zeros(self.count, dtype=bool)
        for rows in self._rows:
            bad[rows] = True
        return bad

    def by_reason(self) -> dict[str, int]:
        """Rows by the reason of their first fault: the counts add up to the rows refused."""
        seen = np.zeros(self.count, dtype=bool)
        counts: dict[str, int] = {}
        for rows, (_, reason) in zip(self._rows, self._says, strict=True):
            first = rows[~seen[rows]]
            seen[first] = True
            if len(first):
                counts[reason] = counts.get(reason, 0) + len(first)
        return counts

    def lines(self, file: str, table: str, source_rows: np.ndarray, frame: arrow.Table) -> arrow.Table:
        """A line a fault, with the value masked."""
        parts = [
            _lines(file, table, source_rows[rows], field, reason, _masked(frame, field, rows))
            for rows, (field, reason) in zip(self._rows, self._says, strict=True)
        ]
        return arrow.concat_tables(parts) if parts else SCHEMA.empty_table()


class Quarantine:
    """Where the lines of one ingest are written: ``quarantine/<batch>/rows.parquet`` in the record, in order of file and
    row."""

    def __init__(self, record: Path, batch: str) -> None:
        self.path = record / FOLDER / batch / "rows.parquet"
        self._parts: list[arrow.Table] = []

    def add(self, lines: arrow.Table) -> None:
        if lines.num_rows:
            self._parts.append(lines)

    def add_rows(
        self, file: str, table: str, rows: Sequence[int], field: str, reason: str, masked: Sequence[str]
    ) -> None:
        self.add(_lines(file, table, np.asarray(rows, dtype=np.int64), field, reason, list(masked)))

    def write(self) -> None:
        if self._parts:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            lines = arrow.concat_tables(self._parts).sort_by([(name, "ascending") for name in ("file", "row", "table")])
            parquet.write_table(lines, self.path, compression="zstd")


def _lines(file: str, table: str, rows: np.ndarray, field: str, reason: str, masked: list[str]) -> arrow.Table:
    same = {"file": file, "table": table, "field": field, "reason": reason}
    columns = {name: arrow.repeat(text, len(rows)) for name, text in same.items()}
    return arrow.table({**columns, "row": arrow.array(rows, arrow.int64()), "masked": arrow.array(masked, arrow.string())}).select(SCHEMA.names).cast(SCHEMA)  # fmt: skip


def _masked(frame: arrow.Table, field: str, rows: np.ndarray) -> list[str]:
    if field not in frame.column_names:
        return ["empty"] * len(rows)
    held = frame[field].take(arrow.array(rows))
    if arrow.types.is_temporal(held.type):
        return ["a date" if there else "empty" for there in pc.is_valid(held).to_pylist()]
    return [mask(None if value is None else str(value)) for value in held.to_pylist()]
