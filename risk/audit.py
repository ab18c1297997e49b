"""The audit: who asked what about whom, when, and from which run. A row is on disk before its answer is sent.

Rows are numbered without gaps. The hash of each is HMAC-SHA-256, under a key kept apart from the database, of the hash
before it and everything that the row says: so a row that is changed, removed, added or moved breaks the chain at that place, and
nobody without the key can mend it. What a chain cannot show, that its end was cut off or all of it built anew, the signed
checkpoints show (:mod:`risk.checkpoints`), up to the last of them. Rows hold no name and no NHS number. A reason is free text, in
which somebody may have written one: it lies beside the chain, and the row holds a salted hash of it, so that it can be removed when
somebody is forgotten and the chain still holds.

Rows past their time go from the beginning, up to one that a checkpoint signed; a row of the chain says so first. What is left then begins
where that checkpoint ends, and a beginning that was cut off otherwise shows.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson

from features.errors import Refused
from risk.checkpoints import Checkpoint, Checkpoints
from risk.keys import Secret
from risk.settings import Settings
from risk.store import Store
from risk.store.appending import Appending
from risk.store.auditing import GENESIS, Seal

#: What a row's hash covers, in this order.
COVERED = ("seq", "at", "actor_kind", "actor", "role", "organisation", "action", "outcome", "person_id", "people", "run",
           "reason", "request_id", "detail")  # fmt: skip
#: Before the hash of a text that lies beside the chain; what has none is the text itself, written before texts lay apart.
BESIDE = "hmac-sha256:"
#: The action of a row that says that those before it were past their time.
AGED = "audit.aged"
#: The action of a row that says that a restore brought back no more rows than there are before it, and how many there had been.
RESTORED = "audit.restored"
#: Faults named one by one in a verdict; more are counted.
NAMED = 20


@dataclass(frozen=True)
class Event:
    """What an audit row says. ``actor_kind`` is client, user or system; ``outcome`` answered, unchanged, refused or done.

    ``people`` are the ``person_id`` of everyone in an answer about several, ``person_id`` the one person asked about.
    """

    actor_kind: str
    actor: str
    action: str
    outcome: str = "done"
    role: str | None = None
    organisation: str | None = None
    person_id: int | None = None
    people: Sequence[int] | None = None
    run: int | None = None
    reason: str | None = None
    request_id: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Verdict:
    """What checking the audit found: ``after`` is how many rows lie after the last checkpoint, which vouches for the rest;
    ``texts_removed`` how many rows no longer have the text that lay beside them."""

    rows: int
    checkpoints: int
    last_checkpoint: int
    after: int
    faults: tuple[str, ...]
    texts_removed: int = 0


class Audit:
    """Adds to the audit of a store, and checks it."""

    def __init__(self, store: Store, key: Secret, settings: Settings) -> None:
        self._store = store
        self._appending = Appending(store)
        self._key = key.derived("chain")
        self._checkpoints = Checkpoints(settings.checkpoints_folder, key)

    def record(self, *events: Event) -> int:
        """Add rows, in order and together; the number of the last. They are on disk when this returns."""
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        texts = [_texts(event) for event in events]
        seals: list[Seal] = [
            partial(self._sealed, _content(event, at, beside)) for event, beside in zip(events, texts, strict=True)
        ]
        return self._appending.add(seals, texts)

    def checkpoint(self) -> bool:
        """Sign how far the audit has come, if it has gone further since; whether a checkpoint was added."""
        head = self._store.audit_head()
        return head is not None and self._checkpoints.add(*head)

    def aged(self, before: str) -> int:
        """Number of the row up to which :meth:`age` would remove those before the moment ``before`` (ISO, UTC): the newest that a checkpoint
        signed and that no newer row precedes; 0 where none is to go."""
        last = self._store.audit_before(before)
        signed, faults = self._checkpoints.read()
        if faults:
            return 0
        through = max((checkpoint.seq for checkpoint in signed if checkpoint.seq <= last), default=0)
        return through if self._store.audit_count(through) else 0

    def age(self, before: str, actor: str) -> int:
        """Remove the rows before the moment, and say so in the chain first; how many went. :class:`Refused` where the audit is at fault: then
        nothing of it is removed."""
        if self.verify().faults:
            raise Refused(
                "the audit is not as it was written, so nothing of it is removed; `frailty audit verify` says where"
            )
        through = self.aged(before)
        if not through:
            return 0
        self.record(Event("system", actor, AGED, detail={"through": through, "before": before}))
        self.checkpoint()
        return self._store.remove_audit_rows(through)

    def verify(self, *, restoring: bool = False) -> Verdict:
        """Walk the whole chain and every checkpoint. ``restoring``: an end that is older than the last checkpoint is no fault yet."""
        signed, faults = self._checkpoints.read()
        rows = faulty = removed = 0
        texts = self._store.audit_texts()
        due = list(reversed(signed))
        previous, expected = GENESIS, 1
        named: list[str] = []
        cut, said_cut = None, {0}
        said_restored: set[tuple[int, int]] = set()
        for row in self._store.audit_rows():
            rows += 1
            if row["action"] == AGED:
                said_cut.add(int(orjson.loads(row["detail"])["through"]))
            if row["action"] == RESTORED:
                said_restored.add(lost(row))
            if rows == 1 and row["seq"] > 1:
                cut = row["seq"] - 1
                previous, expected = _signed_at(signed, cut), row["seq"]
            beside = texts.pop(row["seq"], [])
            removed += not beside and str(row["reason"] or "").startswith(BESIDE)
            found = [*self._faults_of(row, previous, expected), *_at_checkpoints(row, due), *_of_texts(row, beside)]
            faulty += bool(found)
            named += found[: max(0, NAMED - len(named))]
            previous, expected = bytes(row["hash"]), row["seq"] + 1
        last = signed[-1].seq if signed else 0
        if cut is not None and cut not in said_cut:
            named.append(
                f"rows 1 to {cut} are missing, and no row says that their time was over: its beginning was cut off"
            )
        if not restoring:
            named += [f"the checkpoints were taken back from row {had} to row {to}, and no row says that a backup was restored"
                      for to, had in self._checkpoints.rewinds() if (to, had) not in said_restored]  # fmt: skip
        if expected - 1 < last and not restoring:
            named.append(
                f"the audit ends at row {expected - 1}, and had {last} rows at the last checkpoint: its end was cut off"
            )
        if faulty > NAMED:
            named.append(f"{faulty:,} rows are at fault in all")
        return Verdict(rows, len(signed), last, max(0, expected - 1 - last), (*faults, *named), removed)

    def _sealed(self, content: dict[str, Any], seq: int, previous: bytes) -> dict[str, Any]:
        row = {**content, "seq": seq, "previous": previous}
        return {**row, "hash": self._hash(row, previous)}

    def _hash(self, row: Mapping[str, Any], previous: bytes) -> bytes:
        return hmac.digest(self._key, previous + orjson.dumps([row[name] for name in COVERED]), "sha256")

    def _faults_of(self, row: dict[str, Any], previous: bytes, expected: int) -> list[str]:
        faults = []
        if row["seq"] != expected:
            faults.append(f"rows {expected} to {row['seq'] - 1} are missing")
        elif bytes(row["previous"]) != previous:
            faults.append(f"row {row['seq']} does not follow the row before it: rows were moved, replaced or removed")
        if not hmac.compare_digest(self._hash(row, bytes(row["previous"])), bytes(row["hash"])):
            faults.append(f"row {row['seq']} is not as it was written")
        return faults


def lost(row: Mapping[str, Any]) -> tuple[int, int]:
    """What a row says that tells of a restore: rows restored, rows there had been."""
    detail = orjson.loads(row["detail"])
    return int(detail["to"]), int(detail["had"])


def _signed_at(signed: Sequence[Checkpoint], seq: int) -> bytes:
    """The hash that a checkpoint signed of a row; that of no row where none did, so that what follows it does not follow."""
    return next((bytes.fromhex(checkpoint.hash) for checkpoint in signed if checkpoint.seq == seq), GENESIS)


def _texts(event: Event) -> list[dict[str, Any]]:
    """What lies beside the event's row: its reason, with a salt of its own."""
    if event.reason is None:
        return []
    return [{"name": "reason", "salt": secrets.token_bytes(16), "text": event.reason}]


def _hash_of(text: Mapping[str, Any]) -> str:
    return BESIDE + hmac.digest(bytes(text["salt"]), text["text"].encode(), "sha256").hex()


def _of_texts(row: Mapping[str, Any], beside: Sequence[Mapping[str, Any]]) -> list[str]:
    wrong = [text["name"] for text in beside if row.get(text["name"]) != _hash_of(text)]
    return [f"the {name} beside row {row['seq']} is not the one that was written" for name in wrong]


def _content(event: Event, at: str, beside: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "at": at,
        "actor_kind": event.actor_kind,
        "actor": event.actor,
        "role": event.role,
        "organisation": event.organisation,
        "action": event.action,
        "outcome": event.outcome,
        "person_id": event.person_id,
        "people": _json(None if event.people is None else list(event.people)),
        "run": event.run,
        "reason": _hash_of(beside[0]) if beside else None,
        "request_id": event.request_id,
        "detail": _json(None if event.detail is None else dict(sorted(event.detail.items()))),
    }


def _json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _at_checkpoints(row: dict[str, Any], due: list[Checkpoint]) -> list[str]:
    """Faults against the checkpoints up to this row; ``due`` (newest first) loses those passed."""
    faults = []
    while due and due[-1].seq <= row["seq"]:
        checkpoint = due.pop()
        if checkpoint.seq == row["seq"] and checkpoint.hash != bytes(row["hash"]).hex():
            faults.append(
                f"row {row['seq']} is not the one signed at the checkpoint of {checkpoint.at}: the chain was rebuilt"
            )
    return faults
