"""What became of every row: read = accepted + quarantined (by reason) + dropped (by named rule), for each file and table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from features.errors import FrailtyError

FOLDER = "ledger"

#: Rules by which ingest itself drops a row. A source names its own.
DROPS: dict[str, str] = {
    "duplicate_row": "the same row again in the same extract",
    "restated": "a later row of the extract that says nothing new of the thing",
    "superseded_same_day": "a later row of the extract says otherwise of the same thing on the same day",
    "already_held": "the record holds it already",
    "followed_elsewhere": "it ends where the person was handed on, and another feed has followed them there",
    "legally_restricted": "says nothing but a code that the law keeps from being shared, or what gives one away",
    "objects": "about somebody whose objection bars every use, which the record knew before",
    "forgotten": "about somebody who was forgotten, and is not to come back",
    "ended_held_version": "the record holds it already; the day on which it ceased to hold is new, and is kept",
}


class RowsUnaccountedFor(FrailtyError):
    """The ledger does not add up: a fault of the product. Nothing was written."""


@dataclass
class Entry:
    """One file's rows bound for one table by one rule. ``noted`` counts accepted rows with something worth knowing."""

    file: str
    table: str
    rule: str
    read: int = 0
    accepted: int = 0
    quarantined: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)
    noted: Counter[str] = field(default_factory=Counter)

    @property
    def adds_up(self) -> bool:
        return self.read == self.accepted + self.quarantined.total() + self.dropped.total()

    def as_dict(self) -> dict[str, Any]:
        counts = {name: dict(sorted(getattr(self, name).items())) for name in ("quarantined", "dropped", "noted")}
        return {"file": self.file, "table": self.table, "rule": self.rule, "read": self.read,
                "accepted": self.accepted, **counts}  # fmt: skip


@dataclass
class Ledger:
    """The ledger of one ingest. ``batch`` names it; empty where the extract had been taken in before and nothing changed.
    ``warnings`` say what is suspicious about the extract, a sentence each."""

    batch: str = ""
    source: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    inputs: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[str] = ()

    @property
    def unchanged(self) -> bool:
        return not self.batch

    def number_of(self, file: str, table: str, rule: str) -> int:
        """Position of the entry of (file, table, rule), made where there is none."""
        for number, entry in enumerate(self.entries):
            if (entry.file, entry.table, entry.rule) == (file, table, rule):
                return number
        self.entries.append(Entry(file, table, rule))
        return len(self.entries) - 1

    def totals(self) -> dict[str, Any]:
        """The sums over all entries."""
        together = Entry("", "", "")
        for entry in self.entries:
            together.read += entry.read
            together.accepted += entry.accepted
            together.quarantined += entry.quarantined
            together.dropped += entry.dropped
            together.noted += entry.noted
        return {name: value for name, value in together.as_dict().items() if name not in ("file", "table", "rule")}

    def check(self, written: Mapping[str, int]) -> None:
        """:class:`RowsUnaccountedFor` unless every entry adds up and each table's accepted rows are those written."""
        wrong = [f"{entry.file} -> {entry.table} ({entry.rule})" for entry in self.entries if not entry.adds_up]
        accepted: Counter[str] = Counter()
        for entry in self.entries:
            accepted[entry.table] += entry.accepted
        wrong += [f"table {table}" for table in {*accepted, *written} if accepted[table] != written.get(table, 0)]
        if wrong:
            raise RowsUnaccountedFor(f"rows do not add up for {'; '.join(sorted(wrong))}; nothing was written")

    def as_dict(self) -> dict[str, Any]:
        return {"batch": self.batch, "unchanged": self.unchanged, "source": self.source, "about": dict(self.about),
                "totals": self.totals(), "entries": [entry.as_dict() for entry in self.entries],
                "inputs": dict(self.inputs), "warnings": list(self.warnings)}  # fmt: skip

    def write(self, record: Path) -> None:
        """Keep it in the record's folder, as ``ledger/<batch>.json``."""
        folder = record / FOLDER
        folder.mkdir(exist_ok=True)
        (folder / f"{self.batch}.json").write_text(json.dumps(self.as_dict(), indent=1))


def read(record: Path, batches: Iterable[str]) -> list[dict[str, Any]]:
    """The kept ledgers of ``batches``, in that order."""
    paths = [record / FOLDER / f"{batch}.json" for batch in batches]
    return [json.loads(path.read_text()) for path in paths if path.is_file()]
