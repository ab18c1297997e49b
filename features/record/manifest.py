"""What the record consists of: one small file that names every data file, replaced in one step.

A record is a folder. Readers see exactly the files that ``manifest.json`` names, so a file that a killed ingest left
behind is never read, and two readers of one manifest read the same rows.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from features.errors import BadInput

NAME = "manifest.json"
FORMAT = 1


class NotARecord(BadInput):
    """The folder holds no record, or one that this version cannot read."""


@dataclass(frozen=True)
class DataFile:
    """A Parquet file of rows of ``table`` (or of ends of versions of them), sorted by person."""

    table: str
    path: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """``files`` hold rows; ``closures`` say when earlier versions ended (``row_id, known_at, known_until``);
    ``inputs`` are fingerprints of what was ingested, so that the same input again changes nothing; ``batches`` names the
    ingests, in order: each has a folder of data, a ledger and perhaps quarantined rows by that name."""

    version: int = 0
    files: tuple[DataFile, ...] = ()
    closures: tuple[DataFile, ...] = ()
    inputs: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Hash of all that the record holds: equal fingerprints read the same rows."""
        named = sorted((f.table, f.sha256) for f in (*self.files, *self.closures))
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()

    def of(self, table: str) -> list[DataFile]:
        return [f for f in self.files if f.table == table]

    def closed(self, table: str) -> list[DataFile]:
        return [f for f in self.closures if f.table == table]


def load(record: Path) -> Manifest:
    """The manifest of the record in ``record``; :class:`NotARecord` where there is none."""
    path = record / NAME
    if not path.is_file():
        raise NotARecord(f"expected a record in {record}, found no {NAME}; make one with `frailty ingest`")
    try:
        held = json.loads(path.read_text())
    except ValueError as error:
        raise NotARecord(f"{path} is not readable as JSON; restore it from a backup") from error
    if held.get("format") != FORMAT:
        raise NotARecord(f"{path} has format {held.get('format')}; this version reads format {FORMAT}")
    return Manifest(
        version=held["version"],
        files=tuple(DataFile(**f) for f in held["files"]),
        closures=tuple(DataFile(**f) for f in held["closures"]),
        inputs=tuple(held["inputs"]),
        batches=tuple(held.get("batches", ())),
        notes=held["notes"],
    )


def load_or_empty(record: Path) -> Manifest:
    return load(record) if (record / NAME).exists() else Manifest()


def replace(record: Path, manifest: Manifest) -> None:
    """Make ``manifest`` the record's, in one step that a crash leaves either done or not done."""
    text = json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1, sort_keys=True)
    fresh = record / f".{NAME}.new"
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, record / NAME)
    sync_folder(record)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
