"""Telling the overlay so that a restore cannot untell it: every word is in a journal beside the ledger of the forgotten, in no backup, before it is
in the store.

The journal holds ``person_id``, ground and source, a line each, and is only added to; whoever is forgotten is taken out of it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from features.errors import BadInput, MissingPart
from risk import copies
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import UNLINKED, Told

FILE = "told.jsonl"


def tell(settings: Settings, store: Store, rows: Sequence[Told]) -> dict[str, int]:
    """Tell the overlay ``rows``; counts as of :meth:`risk.store.telling.Telling.tell`. On disk in the journal before the store has them; downtime copies that
    this concerns are made anew before it returns.

    :class:`MissingPart` where the journal cannot be written: then nothing is told.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    with _open(settings) as file:
        whole = file.read().rfind(b"\n") + 1
        file.seek(whole)
        file.truncate()  # a last line without its end was cut off by a crash, before it was told
        file.write(b"".join(orjson.dumps({"at": at, **asdict(row)}) + b"\n" for row in rows))
        file.flush()
        os.fsync(file.fileno())
    counts = store.tell(rows)
    if counts["hidden"] or counts["lifted"]:
        copies.renew(settings, store, {row.person_id for row in rows})
    return counts


def separate(settings: Settings, store: Store, people: Sequence[int], source: str, by: str) -> int:
    """Show ``people``, who were read as one and are not, no more from any run that there is, until a later one has scored each anew; the
    number of the last of those runs."""
    day = datetime.now(UTC).date()
    tell(settings, store, [Told(person, UNLINKED, day, source, by) for person in people])
    return store.newest_run()


def again(settings: Settings, store: Store, since: datetime | None) -> dict[str, int]:
    """Tell a restored ``store`` what was told at ``since`` (when the backup was begun) or later, in the order in which it was told; without
    ``since``, everything. What stands already is left alone."""
    counts = {"hidden": 0, "lifted": 0, "unchanged": 0}
    if not (settings.forgotten_folder / FILE).is_file():
        return counts
    with _open(settings) as file:
        lines = _lines(file)
    for said in lines:
        at = datetime.fromisoformat(said.pop("at"))
        if since is None or at >= since.replace(microsecond=0):
            done = store.tell([Told(**{**said, "since": date.fromisoformat(said["since"])})])
            counts = {name: counts[name] + done[name] for name in counts}
    return counts


def last(settings: Settings) -> dict[tuple[int, str, str, str, str], Told]:
    """What was told last of each (person, ground, scheme, practice, source), by the journal, whose order no clock changes."""
    if not (settings.forgotten_folder / FILE).is_file():
        return {}
    with _open(settings) as file:
        lines = _lines(file)
    rows = [Told(**{**said, "since": date.fromisoformat(said["since"])}) for said in lines if said.pop("at")]
    return {row.key: row for row in rows}


def remove(settings: Settings, people: Collection[int]) -> int:
    """Take ``people`` out of the journal; how many lines went."""
    if not (settings.forgotten_folder / FILE).is_file():
        return 0
    with _open(settings) as file:
        lines = _lines(file)
        stay = [said for said in lines if said["person_id"] not in people]
        if len(stay) < len(lines):
            file.seek(0)
            file.write(b"".join(orjson.dumps(said) + b"\n" for said in stay))
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
    return len(lines) - len(stay)


@contextmanager
def _open(settings: Settings) -> Iterator[BinaryIO]:
    """The journal, held by one process at a time."""
    path: Path = settings.forgotten_folder / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
    except OSError as error:
        raise MissingPart(f"the journal {path} cannot be used, so nothing was told; check FRAILTY_FORGOTTEN") from error


def _lines(file: BinaryIO) -> list[dict[str, Any]]:
    file.seek(0)
    try:
        return [orjson.loads(line) for line in file.read().split(b"\n")[:-1]]
    except orjson.JSONDecodeError as error:
        raise BadInput("the journal of who is shown no more is not as it was written: restore it") from error
