"""Links of the area's own making, as rows of ``person_link``: those made by probability, and what people decided."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as arrow

from features.linkage.identity import IdentityStore
from features.record.ingest import OtherIdentityStore
from features.record.ledger import Ledger
from features.record.reader import Record
from features.record.tables import TABLES
from features.record.writer import Transaction

SOURCE = "linkage"


@dataclass(frozen=True)
class Link:
    """``person_id`` and ``other_person_id`` are one (``same``), or two after all, for a ``reason`` of
    :mod:`features.record.one_person`."""

    person_id: int
    other_person_id: int
    same: bool
    reason: str
    probability: float | None = None


def add(record: Path, identity: IdentityStore, links: Sequence[Link], day: date) -> None:
    """Add ``links`` to the record, known from ``day``, all or none. Every one is a thing of its own and ends no other: which word
    counts is for the reader.

    :class:`~features.errors.Refused` where another writer has the record, or it belongs to another identity store.
    """
    if not links:
        return
    feeds = _feeds(record, [link.other_person_id for link in links] + [link.person_id for link in links])
    with Transaction(record) as transaction:
        if transaction.held.notes.get("identity", identity.store_id) != identity.store_id:
            raise OtherIdentityStore(
                f"the record in {record} was made with another identity store; give the store and key that made it "
                "(settings `identity` and `identity_key`)"
            )
        ledger = Ledger(transaction.batch, SOURCE)
        for link in links:
            entry = ledger.entries[ledger.number_of("identity store", "person_link", link.reason)]
            entry.read += 1
            entry.accepted += 1
        people = sorted(links, key=lambda link: (link.person_id, link.other_person_id))
        columns = {
            "row_id": [secrets.randbits(63) for _ in people],
            "person_id": [link.person_id for link in people],
            "feed_id": [feeds.get(link.other_person_id) or feeds.get(link.person_id, 0) for link in people],
            "known_at": [day] * len(people),
            "known_until": [None] * len(people),
            "other_person_id": [link.other_person_id for link in people],
            "same": [link.same for link in people],
            "reason": [link.reason for link in people],
            "probability": [link.probability for link in people],
        }
        schema = TABLES["person_link"].arrow
        rows = arrow.table([arrow.array(columns[field.name], field.type) for field in schema], schema=schema)
        ledger.check({"person_link": transaction.add("person_link", rows)})
        ledger.write(transaction.path)
        transaction.commit()


def _feeds(record: Path, people: Sequence[int]) -> dict[int, int]:
    """The feed that described each of ``people``: a link made from what it said may be read where that feed may."""
    with Record(record, purpose="ingest") as held:
        rows = held.connection.execute(
            "SELECT person_id, arg_max(feed_id, known_at) FROM person WHERE person_id IN (SELECT unnest($1::BIGINT[])) GROUP BY 1",
            [list(people)],
        ).fetchall()
    return dict(rows)
