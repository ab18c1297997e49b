"""The linked record in a backup: the files that its manifest names at one moment, with the ledgers of what was taken in.

It is in the backup because nothing else makes it again: extracts are kept for weeks, and a record that is newer or older than the identity store would give
people who were known new numbers. So the record is read before the identity store is copied: whoever is in the one is known to the other.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.errors import Refused
from features.progress import Progress
from features.record import manifest
from features.record.permission import AllowAll
from features.record.reader import Record
from risk.backup.of_runs import TRIES
from risk.backup.writing import RECORD, Writing

#: Folders of a record beside its data, whose files the manifest names by batch alone.
BESIDE = ("ledger", "quarantine")


def add(record: Path, writing: Writing, scratch: Path, progress: Progress) -> dict[str, Any]:
    """Seal the record in the folder ``record``; what the backup says of it: its ``version`` and ``fingerprint``, ``files`` and ``rows``, and how many
    files an earlier backup had ``linked``. :class:`Refused` where a file is not as it was written, :class:`features.record.manifest.NotARecord`
    where there is no record."""
    for _ in range(TRIES):
        held, told = manifest.load(record), (record / manifest.NAME).read_bytes()
        progress.stage("linked record", len(held.files) + len(held.closures))
        if _sealed(record, held, told, writing, scratch, progress):
            rows = sum(file.rows for file in held.files)
            own = [name for name in writing.files if name.startswith(f"{RECORD}/")]
            return {"version": held.version, "fingerprint": held.fingerprint, "files": len(own), "rows": rows, "linked": writing.linked}  # fmt: skip
        writing.drop(f"{RECORD}/")
    raise Refused(
        f"the record in {record} is not as its own hashes say, so it is not backed up as if it were; restore it first"
    )


def proved(record: Path, said: dict[str, Any]) -> int:
    """People of a restored record, read as a run reads it. :class:`Refused` where it is not the one that was backed up."""
    if manifest.load(record).fingerprint != said["fingerprint"]:
        raise Refused("the record that was restored is not the one that was backed up; take an older backup")
    return people(record)


def people(record: Path) -> int:
    """Everybody of whom the record holds a row of their own."""
    with Record(record, purpose="ingest", permissions=AllowAll()) as held:
        (found,) = held.connection.execute("SELECT count(DISTINCT person_id) FROM person").fetchone() or (0,)
    return int(found)


def _sealed(
    record: Path, held: manifest.Manifest, told: bytes, writing: Writing, scratch: Path, progress: Progress
) -> bool:
    """Whether every file was there and is what the manifest says; not so where somebody was forgotten in it meanwhile."""
    if manifest.load(record) != held:
        return False
    try:
        for file in (*held.files, *held.closures):
            if writing.take(f"{RECORD}/{file.path}", record / file.path, file.sha256).sha256 != file.sha256:
                return False
            progress.advance()
        for under in BESIDE:
            for path in sorted((record / under).rglob("*")):
                if path.is_file():
                    writing.add(f"{RECORD}/{path.relative_to(record).as_posix()}", path)
    except FileNotFoundError:
        return False
    copied = scratch / manifest.NAME
    copied.write_bytes(told)
    writing.add(f"{RECORD}/{manifest.NAME}", copied)
    return True
