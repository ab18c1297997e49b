"""Small extracts of deliveries for tests: rows as plain dicts in, files of declared columns out, and a record made of them.

    Sent(tmp_path, "gdppr", organisation="X26").file("gdppr", "2024-11-30", {"CODE": "73211009"}).take()

Columns that a row leaves out are empty, unless ``usual`` says what they hold; every column of the contract is written.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from features.record.ingest import ingest
from features.record.ledger import Ledger
from features.sources import SOURCES, open_source
from features.sources.delivered import Delivered
from tests.extracts import Place


class Sent(Place):
    """Deliveries of the extract ``kind`` in a folder, a record and an identity store."""

    def __init__(self, folder: Path, kind: str, usual: dict[str, dict[str, Any]] | None = None, **options: Any) -> None:
        super().__init__(folder)
        assert kind in SOURCES
        self.kind, self.usual, self.options = kind, usual or {}, {"kind": "demonstration", **options}
        self.sent = folder / kind
        self.sent.mkdir(parents=True, exist_ok=True)

    @property
    def source(self) -> Delivered:
        made = open_source(self.kind, self.sent, **self.options)
        assert isinstance(made, Delivered)
        return made

    def file(self, name: str, received: str, *rows: dict[str, Any], without: tuple[str, ...] = ()) -> Sent:
        """Write the file ``name`` received on a day."""
        layout = open_source(self.kind, self.sent, **self.options).layout  # type: ignore[attr-defined]
        columns = [column for column in layout.file(name).columns if column not in without]
        with (self.sent / f"{name}_{received}.csv").open("w", newline="") as out:
            writer = csv.DictWriter(out, columns)
            writer.writeheader()
            writer.writerows({**self.usual.get(name, {}), **row} for row in rows)
        return self

    def take(self, *_: Path) -> Ledger:
        """Ingest every delivery there is; the ledger, whose entries add up."""
        with self.identity() as identity:
            made = ingest(self.source, self.record, identity)
        for entry in made.entries:
            assert entry.read == entry.accepted + sum(entry.dropped.values()) + sum(entry.quarantined.values())
        return made

    def fates(self, ledger: Ledger, rule: str) -> dict[str, int]:
        """What became of the rows that a rule read: accepted, and by the name of each drop or fault."""
        found: dict[str, int] = {}
        for entry in ledger.entries:
            if entry.rule == rule:
                for name, rows in {"accepted": entry.accepted, **entry.dropped, **entry.quarantined}.items():
                    found[name] = found.get(name, 0) + rows
        return {name: rows for name, rows in found.items() if rows}
