"""An extract into the record: every row accepted, quarantined or dropped by a named rule, all of it or nothing.

The rows are streamed through checks into a staging folder, settled as versions against what the record holds, sorted by
person and committed by one replacement of the manifest. Whatever stops it before that leaves the record as it was.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import numpy as np

from features.errors import BadInput, Refused
from features.governance.permissions import turned_away
from features.linkage.identity import IdentityStore
from features.progress import SILENT, Progress
from features.record.accounts import Accounts
from features.record.delivery import Deliveries, read_feeds
from features.record.intake import Intake
from features.record.ledger import Ledger
from features.record.links import REASON, Links
from features.record.quarantine import Quarantine
from features.record.reader import view
from features.record.staging import Staging
from features.record.tables import TABLES
from features.record.trouble import said_plainly
from features.record.versions import Versions
from features.record.writer import Transaction
from features.sources.contract import MayBeEmpty, Source, refuse


class OtherIdentityStore(Refused):
    """The record's people were named by another identity store."""


class OtherKindOfData(Refused):
    """Real, simulated and demonstration data do not go into one record."""


def ingest(
    source: Source,
    record: Path,
    identity: IdentityStore,
    *,
    progress: Progress = SILENT,
    today: date | None = None,
    memory: str = "1GB",
    threads: int | None = None,
    rules: Path | None = None,
) -> Ledger:
    """Take the extract ``source`` into the record at ``record`` (made where there is none), all of it or nothing.

    Gives the ledger; ``ledger.unchanged`` where the very same extract had been taken in before. ``today`` dates the
    expiry of quarantined originals; ``memory`` and ``threads`` limit the embedded database. Of people who are known
    to object to every use nothing is taken in but what they say of their objection; ``rules`` is the area's file of rules.

    :class:`BadInput` where the extract does not fit in structure, or has no rows and its kind must have some; :class:`Refused` where another writer
    has the record, or it belongs to another identity store or kind of data; :class:`MissingPart` where the disk is full.
    """
    progress.stage("checking the extract")
    refuse(source.name, source.check())
    with said_plainly(record), Transaction(record) as transaction:
        try:
            today = today or today_in_london()
            work = _Ingest(source, transaction, identity, today, turned_away(transaction.path, rules, today))
            if work.fingerprint in transaction.held.inputs:
                return work.unchanged()
            work.refuse_strangers()
            with database(transaction.staging, memory, threads) as connection:
                with Staging(transaction.staging) as staging:
                    work.read(staging, connection, progress)
                work.settle(staging, connection, progress)
            progress.stage("committing")
            return work.commit()
        except BaseException:
            identity.rollback()
            raise


def fingerprint(source: Source) -> str:
    """Hash of everything that decides the extract's rows: what the record's manifest holds of each that was taken in."""
    return _fingerprint(source.name, {file.file: file.sha256 for file in source.inputs()})


def _fingerprint(name: str, inputs: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps([name, sorted(inputs.items())]).encode()).hexdigest()


def database(spill: Path, memory: str, threads: int | None) -> duckdb.DuckDBPyConnection:
    """An embedded database that puts into the folder ``spill`` what does not fit into ``memory``."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": memory,
        "temp_directory": str(spill / "spill"),
    }
    return duckdb.connect(config={**config, "threads": threads} if threads else config)


def today_in_london() -> date:
    return datetime.now(ZoneInfo("Europe/London")).date()


class _Ingest:
    """One ingest under way."""

    def __init__(
        self,
        source: Source,
        transaction: Transaction,
        identity: IdentityStore,
        today: date,
        turned_away: Sequence[int],
    ) -> None:
        self.source, self.transaction, self.identity = source, transaction, identity
        self.turned_away = turned_away
        self.inputs = {file.file: file.sha256 for file in source.inputs()}
        self.about = source.about()
        self.ledger = Ledger(transaction.batch, source.name, self.about, inputs=self.inputs)
        self.quarantine = Quarantine(transaction.path, transaction.batch)
        self.accounts = Accounts(self.ledger, self.quarantine, identity, transaction.batch, today)
        self.links = Links()

    @property
    def fingerprint(self) -> str:
        return _fingerprint(self.source.name, self.inputs)

    def unchanged(self) -> Ledger:
        return Ledger(source=self.source.name, about=self.about, inputs=self.inputs)

    def refuse_strangers(self) -> None:
        """Refuse another identity store than the record's own, and another kind of data."""
        notes = self.transaction.held.notes
        if notes.get("identity", self.identity.store_id) != self.identity.store_id:
            raise OtherIdentityStore(
                f"the record in {self.transaction.path} was made with another identity store: one person would get two "
                "person_ids; give the store and key that made it (settings `identity` and `identity_key`)"
            )
        kind = json.loads(notes["about"]).get("kind") if "about" in notes else self.about["kind"]
        if kind != self.about["kind"]:
            raise OtherKindOfData(
                f"the record in {self.transaction.path} holds {kind} data and the extract is {self.about['kind']}; "
                "take it into a record of its own"
            )

    def read(self, staging: Staging, connection: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        """Stage every row that passes its checks."""
        feeds = self._feeds(staging, connection)
        intake = Intake(self.source.name, feeds, self.identity, connection, self.turned_away)
        for batch in self.source.batches(progress):
            taken = intake.take(batch)
            number = self.accounts.enter(batch, taken)
            self.links.add(taken)
            staging.add(batch.table, taken.rows, number, taken.numbers)
        links = self.links.rows(intake.row_ids)
        if links.num_rows:
            number = self.ledger.number_of("identity store", "person_link", REASON)
            self.ledger.entries[number].read = links.num_rows
            staging.add("person_link", links, number, np.arange(links.num_rows))
        if isinstance(self.source, MayBeEmpty):
            self.ledger.warnings = self.source.warnings()
        elif not any(entry.read for entry in self.ledger.entries if entry.table != "feed"):
            raise BadInput(f"the {self.source.name} extract has no rows; nothing was written; check that it is whole")

    def settle(self, staging: Staging, connection: duckdb.DuckDBPyConnection, progress: Progress) -> None:
        """Write the staged rows as versions, sorted by person."""
        progress.stage("writing tables", len(staging.tables))
        written: dict[str, int] = {}
        connection.execute("SET preserve_insertion_order = false")
        for name in staging.tables:
            connection.execute(view(self.transaction.path, self.transaction.held, TABLES[name], name="held"))
            connection.execute(f"CREATE OR REPLACE VIEW staged AS SELECT * FROM read_parquet('{staging.path(name)}')")
            versions = Versions(connection, TABLES[name])
            self.accounts.settle(staging.counts(name), versions, name)
            written[name] = self.transaction.add(name, versions.accepted())
            self.transaction.close_versions(name, versions.ends())
            staging.path(name).unlink()
            progress.advance()
        self.ledger.check(written)

    def commit(self) -> Ledger:
        """Keep the ledger, the quarantined rows and the people met, and make the rows part of the record."""
        self.quarantine.write()
        self.ledger.write(self.transaction.path)
        self.identity.commit()
        notes = {"identity": self.identity.store_id}
        if "about" not in self.transaction.held.notes:
            notes["about"] = json.dumps(dict(self.about))
        self.transaction.commit(inputs=[self.fingerprint], notes=notes)
        return self.ledger

    def _feeds(self, staging: Staging, connection: duckdb.DuckDBPyConnection) -> Deliveries:
        frame = self.source.feeds()
        keys, rows, faults = read_feeds(frame)
        entry = self.ledger.entries[self.ledger.number_of("feed", "feed", "native")]
        entry.read, entry.quarantined = frame.num_rows, Counter(faults.by_reason())
        numbers = np.arange(1, frame.num_rows + 1)
        self.quarantine.add(faults.lines("feed", "feed", numbers, frame))
        staging.add("feed", rows, 0, numbers[~faults.bad])
        return Deliveries.of(keys, rows, self._held_feeds(connection))

    def _held_feeds(self, connection: duckdb.DuckDBPyConnection) -> Mapping[int, int]:
        connection.execute(view(self.transaction.path, self.transaction.held, TABLES["feed"]))
        rows = connection.execute(
            "SELECT feed_id, date_diff('day', DATE '1970-01-01', max(known_at)) FROM feed GROUP BY feed_id"
        ).fetchall()
        return dict(rows)
