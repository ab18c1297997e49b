"""What became of every row of an extract: its entry in the ledger, and the bad ones in quarantine, their originals sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.linkage.identity import IdentityStore
from features.record.intake import Taken
from features.record.ledger import Ledger
from features.record.quarantine import Faults, Quarantine, mask
from features.record.versions import Versions
from features.sources.contract import Batch

#: Days for which a quarantined row is kept, sealed, in the identity store.
ORIGINALS_KEPT = 90


class Accounts:
    """The books of one ingest, the ``batch`` begun on the day ``today``."""

    def __init__(
        self, ledger: Ledger, quarantine: Quarantine, identity: IdentityStore, batch: str, today: date
    ) -> None:
        self.ledger, self.quarantine, self.identity, self.batch = ledger, quarantine, identity, batch
        self.expires = today + timedelta(days=ORIGINALS_KEPT)

    def enter(self, batch: Batch, taken: Taken) -> int:
        """Enter a batch into the ledger and its bad rows into quarantine; the entry's number."""
        number = self.ledger.number_of(batch.file, batch.table, batch.rule)
        entry = self.ledger.entries[number]
        entry.read += batch.frame.num_rows + sum(batch.dropped.values()) + len(batch.refused)
        entry.dropped.update(batch.dropped)
        entry.dropped.update(taken.dropped)
        entry.quarantined.update(taken.faults.by_reason())
        entry.noted.update(taken.noted)
        bad = taken.faults.bad
        if bad.any():
            self.quarantine.add(taken.faults.lines(batch.file, batch.table, taken.all_numbers, taken.frame))
            self._keep(batch.file, batch.table, taken.all_numbers[bad], taken.frame.filter(bad))
        for one in batch.refused:
            entry.quarantined[one.reason] += 1
            self.quarantine.add_rows(
                batch.file, batch.table, [one.source_row], one.field, one.reason, [mask(one.value)]
            )
        unread = arrow.table({one: [getattr(row, one) for row in batch.refused] for one in ("field", "value")})
        self._keep(batch.file, batch.table, np.array([one.source_row for one in batch.refused]), unread)
        return number

    def settle(self, counts: Mapping[int, int], versions: Versions, table: str) -> None:
        """Enter what became of the rows staged for ``table`` (``counts`` by entry), once they are versions."""
        for number, rows in counts.items():
            self.ledger.entries[number].accepted += rows
        for fate in versions.fates():
            entry = self.ledger.entries[fate.entry]
            entry.accepted -= fate.rows
            (entry.quarantined if fate.rule == "version_conflict" else entry.dropped)[fate.rule] += fate.rows
        conflicts = versions.conflicts()
        for number in np.unique(conflicts["entry"].to_numpy()):
            of_entry = conflicts.filter(pc.equal(conflicts["entry"], number))
            rows, file = of_entry["source_row"].to_numpy(), self.ledger.entries[number].file
            faults = Faults(len(rows))
            faults.add(np.ones(len(rows), dtype=bool), "known_at", "version_conflict")
            self.quarantine.add(faults.lines(file, table, rows, of_entry))
            self._keep(file, table, rows, of_entry)

    def _keep(self, file: str, table: str, rows: np.ndarray, values: arrow.Table) -> None:
        if len(rows):
            self.identity.held.keep_originals(self.batch, file, table, rows.tolist(), values, self.expires)
