"""An extract tried against the record's tables, nothing written and nobody named: what an ingest would make of its rows.

What only an ingest can know is left out: whose rows are the same person's, and which rows the record holds already.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.coding import NHS_NUMBER
from features.progress import SILENT, Progress
from features.record.casting import cast, reason
from features.record.quarantine import Faults
from features.record.tables import TABLES, Table
from features.record.validation import validate
from features.record.versioned import KEYS
from features.sources.contract import IDENTIFIERS, Batch, Source

#: Keys that only an ingest can fill.
_NOT_YET = (*KEYS, "spell_id", "other_person_id")


@dataclass
class Tried:
    """The rows of one file for one table by one rule. ``refused`` counts them by column and reason, ``filled`` the values
    that each column has among those offered."""

    file: str
    table: str
    rule: str
    read: int = 0
    fit: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        refused = [
            {"column": column, "reason": why, "rows": rows} for (column, why), rows in sorted(self.refused.items())
        ]
        return {"file": self.file, "table": self.table, "rule": self.rule, "read": self.read, "fit": self.fit,
                "dropped": dict(sorted(self.dropped.items())), "refused": refused, "filled": dict(self.filled)}  # fmt: skip


def trial(source: Source, progress: Progress = SILENT) -> list[Tried]:
    """Try every row of ``source``, whose structure must fit (see :meth:`Source.check`)."""
    tried: dict[tuple[str, str, str], Tried] = {}
    for batch in source.batches(progress):
        key = (batch.file, batch.table, batch.rule)
        one = tried.setdefault(key, Tried(*key))
        one.read += batch.frame.num_rows + sum(batch.dropped.values()) + len(batch.refused)
        one.dropped.update(batch.dropped)
        one.refused.update((row.field, row.reason) for row in batch.refused)
        faults = _faults(TABLES[batch.table], batch)
        one.refused.update(_first(faults, batch.frame.num_rows))
        one.fit += int((~faults.bad).sum())
        one.filled.update({name: batch.frame.num_rows - batch.frame[name].null_count for name in batch.frame.column_names if name not in ("source_row", "feed")})  # fmt: skip
    return list(tried.values())


def _faults(table: Table, batch: Batch) -> Faults:
    frame = batch.frame
    faults = Faults(frame.num_rows)
    typed = {}
    for name, type_ in table.columns.items():
        if name in _NOT_YET:
            typed[name] = arrow.array(np.zeros(frame.num_rows, dtype=np.int64))
        elif name in frame.column_names:
            typed[name], bad = cast(frame[name], type_)
            if bad is not None:
                faults.add(bad, name, reason(type_))
        else:
            typed[name] = arrow.nulls(frame.num_rows, type_)
    faults.add(_nobody(frame), "nhs_number", "no_identifier")
    validate(table, arrow.table(typed), faults)
    return faults


def _nobody(frame: arrow.Table) -> np.ndarray:
    """A flag a row: neither a well-formed NHS number nor a local id."""
    nhs, local = (_texts(frame, name) for name in IDENTIFIERS)
    return np.array(
        [not other and not (one and NHS_NUMBER.well_formed(one)) for one, other in zip(nhs, local, strict=True)],
        dtype=bool,
    )


def _texts(frame: arrow.Table, name: str) -> list[str | None]:
    if name not in frame.column_names:
        return [None] * frame.num_rows
    held = cast(frame[name], arrow.string())[0]
    texts: list[str | None] = pc.replace_substring_regex(held, r"[\s-]", "").to_pylist()
    return texts


def _first(faults: Faults, count: int) -> Counter[tuple[str, str]]:
    """Rows by the column and reason of their first fault."""
    lines = faults.lines("", "", np.arange(count), arrow.table({}))
    seen: dict[int, tuple[str, str]] = {}
    for row, column, why in zip(*(lines[name].to_pylist() for name in ("row", "field", "reason")), strict=True):
        seen.setdefault(row, (column, why))
    return Counter(seen.values())
