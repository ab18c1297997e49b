"""Whom to forget, and the forgetting: from what was asked to the proof."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as arrow

from features.coding import NHS_NUMBER
from features.errors import BadInput, Refused, WrongUsage
from features.linkage.identity import NOBODY, IdentityStore
from features.progress import SILENT, Progress
from features.record import manifest
from features.record.one_person import with_linked
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import learnt, operator, telling
from risk import store as stores
from risk.forgetting.carrying_out import carry_out, found, is_record
from risk.forgetting.ledger import GROUNDS, Entry, ForgottenLedger, Ground
from risk.linkage.opening import Names
from risk.settings import Settings
from risk.store import Store


def forget(
    settings: Settings, records: Sequence[Path], person: str, ground: Ground, progress: Progress = SILENT
) -> dict[str, Any]:
    """Forget one person, and whoever they are one with by the record's links; the proof. What a kill left is finished first.

    ``person`` is an opaque id as `frailty list` shows it, or an NHS number. :class:`WrongUsage` where it is nobody's,
    :class:`Refused` where something of them is left after all.
    """
    if ground not in GROUNDS:
        raise WrongUsage(f"expected a ground among {', '.join(GROUNDS)}, found {ground!r}")
    operator.ready(settings)
    there = records_there(records)
    store, ledger = stores.open(settings), ForgottenLedger(settings.forgotten_folder)
    with ledger.alone():
        for entry in ledger.unfinished():
            finish(settings, store, ledger, entry, there, progress)
        people = one_with([whom(settings, there, person)], there)
        begun = datetime.now(UTC).isoformat(timespec="seconds")
        models = tuple(learnt.models_of(settings, people))
        entry = Entry(
            secrets.token_hex(8), ground, tuple(people), tuple(map(str, there)), operator.name(), begun, models
        )
        ledger.begin(entry)
        return finish(settings, store, ledger, entry, there, progress)


def resume(settings: Settings, records: Sequence[Path], progress: Progress = SILENT) -> list[dict[str, Any]]:
    """Finish every forgetting that was begun; their proofs."""
    return _again(settings, records, progress, everything=False)


def replay(settings: Settings, records: Sequence[Path], progress: Progress = SILENT) -> list[dict[str, Any]]:
    """Forget everybody again who was ever forgotten, as after a restore from a backup; the proofs. And tell the overlay again what was ever told."""
    proofs = _again(settings, records, progress, everything=True)
    telling.again(settings, stores.open(settings), None)
    return proofs


def one_with(people: Collection[int], records: Sequence[Path]) -> list[int]:
    """``people`` and everybody whom a record says, or ever said, to be one with any of them."""
    every = set(people)
    for record in records:
        with Record(record, purpose="ingest", permissions=AllowAll()) as held:
            every |= set(with_linked(held.connection, sorted(every)))
    return sorted(every)


def _again(
    settings: Settings, records: Sequence[Path], progress: Progress, *, everything: bool
) -> list[dict[str, Any]]:
    operator.ready(settings)
    there = records_there(records)
    store, ledger = stores.open(settings), ForgottenLedger(settings.forgotten_folder)
    with ledger.alone():
        wanted = ledger.entries() if everything else ledger.unfinished()
        return [finish(settings, store, ledger, entry, there, progress) for entry in wanted]


def finish(
    settings: Settings, store: Store, ledger: ForgottenLedger, entry: Entry, records: Sequence[Path], progress: Progress
) -> dict[str, Any]:
    """Carry out a forgetting and say so in the ledger; the proof. :class:`Refused` where something is left. For the holder of the ledger."""
    known = {Path(record) for record in entry.records if is_record(Path(record))}
    proof = carry_out(settings, store, entry, sorted({*known, *records}), progress)
    if proof["left"]:
        places = "; ".join(f"{rows:,} in {place}" for place, rows in proof["left"].items())
        raise Refused(
            f"rows about the person are left: {places}; run `frailty forget --resume` once nobody else writes there"
        )
    ledger.done(entry.forgetting, proof)
    return proof


def records_there(records: Sequence[Path]) -> list[Path]:
    """The folders, each once; :class:`~features.errors.BadInput` where one holds no record."""
    there = sorted({record.resolve() for record in records})
    for record in there:
        manifest.load(record)
    return there


def whom(settings: Settings, records: Sequence[Path], person: str) -> int:
    """Whom an opaque id as `frailty list` shows it, or an NHS number, stands for; :class:`WrongUsage` where it is nobody's."""
    bare = person.replace(" ", "").replace("-", "")
    if bare.isdecimal():
        return _by_number(settings, bare)
    among: set[int] = set()
    for record in records:
        with Record(record, purpose="ingest", permissions=AllowAll()) as held:
            for table in ("person", "registration"):
                rows = held.connection.execute(f"SELECT DISTINCT person_id FROM {table}").fetchall()
                among |= {number for (number,) in rows}
    return Names.of(settings).find(person, among)


def _by_number(settings: Settings, number: str) -> int:
    if not NHS_NUMBER.well_formed(number):
        raise BadInput("expected an NHS number or an opaque id, found a number that is no NHS number")
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        ids = identity.find(arrow.array([number]), "", arrow.nulls(1, arrow.string()))
    if int(ids[0]) == NOBODY:
        raise WrongUsage("nobody here has that NHS number: nothing is held")
    return int(ids[0])


__all__ = ["finish", "forget", "found", "one_with", "records_there", "replay", "resume", "whom"]
