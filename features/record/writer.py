"""Writing to the record: files are staged, then one manifest takes in all of them or none."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as arrow
import pyarrow.parquet as parquet

from features.errors import Refused
from features.record import manifest
from features.record.manifest import DataFile, Manifest
from features.record.tables import TABLES

CLOSURE = arrow.schema([
    arrow.field("row_id", arrow.int64(), nullable=False),
    arrow.field("known_at", arrow.date32(), nullable=False),
    arrow.field("known_until", arrow.date32(), nullable=False),
])  # fmt: skip

#: Folders of a record that hold something of each batch, named by it.
#: Where facts made ahead lie (:mod:`features.engine.prepared`).
PREPARED = "prepared"
BY_BATCH = ("data", "ledger", "quarantine")


class RecordBusy(Refused):
    """Another writer has the record."""


class Transaction:
    """One atomic addition to the record at ``path`` (made where there is none).

    Used as a context: ``add`` and ``close_versions`` write files into the transaction's own folder, ``commit`` makes
    them part of the record. Leaving without a commit, or dying, leaves the record as it was; what was staged is removed
    by the next writer.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.batch = uuid.uuid4().hex[:12]
        self._files: list[DataFile] = []
        self._closures: list[DataFile] = []
        self._gone: set[str] = set()
        self._lock: IO[str] | None = None
        self._committed = False

    def __enter__(self) -> Transaction:
        self._made_folder = not self.path.exists()
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = (self.path / ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise RecordBusy(f"another ingest is writing to {self.path}; wait for it to end") from error
        self.held: Manifest = manifest.load_or_empty(self.path)
        self._sweep()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._committed:
            self._leave_as_it_was()
        if self._lock is not None:
            self._lock.close()

    @property
    def staging(self) -> Path:
        """A folder for the writer's own use until it commits: rows before they are sorted, what does not fit in memory."""
        folder = self.path / "data" / f"{self.batch}-staging"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def _folder(self) -> Path:
        return self.path / "data" / self.batch

    def add(self, table: str, rows: arrow.Table | Iterable[arrow.RecordBatch]) -> int:
        """Stage rows of ``table`` (in the table's schema, sorted by person by the caller); how many there were."""
        return self._stage(self._files, table, f"{table}-{len(self._files)}", TABLES[table].arrow, rows)

    def close_versions(self, table: str, ends: arrow.Table) -> int:
        """Stage the ends of versions of ``table`` already in the record (``row_id, known_at, known_until``)."""
        return self._stage(self._closures, table, f"{table}-ends-{len(self._closures)}", CLOSURE, ends)

    def drop(self, file: DataFile) -> None:
        """Let a file be no part of the record after the commit. It stays on disk until :func:`remove_unnamed`."""
        self._gone.add(file.path)

    def commit(self, inputs: Iterable[str] = (), notes: dict[str, str] | None = None) -> Manifest:
        """Make everything staged part of the record, in one step."""
        shutil.rmtree(self.path / "data" / f"{self.batch}-staging", ignore_errors=True)
        if self._folder.exists():
            manifest.sync_folder(self._folder)
        fresh = Manifest(
            version=self.held.version + 1,
            files=(*(f for f in self.held.files if f.path not in self._gone), *self._files),
            closures=(*(f for f in self.held.closures if f.path not in self._gone), *self._closures),
            inputs=(*self.held.inputs, *inputs),
            batches=(*self.held.batches, self.batch),
            notes={**self.held.notes, **(notes or {})},
        )
        # What was made ahead of the rows as they were goes before they change: a kill leaves nothing of them in it.
        discard_prepared(self.path)
        manifest.replace(self.path, fresh)
        self._committed = True
        return fresh

    def _stage(
        self,
        staged: list[DataFile],
        table: str,
        name: str,
        schema: arrow.Schema,
        rows: arrow.Table | Iterable[arrow.RecordBatch],
    ) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.parquet"
        batches = rows.to_batches() if isinstance(rows, arrow.Table) else rows
        count = 0
        with parquet.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
            for batch in batches:
                writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
                count += batch.num_rows
        if count == 0:
            path.unlink()
            return 0
        staged.append(DataFile(table, str(path.relative_to(self.path)), count, _sha256(path)))
        return count

    def _sweep(self) -> None:
        """Remove what a killed writer left: the lock is ours, so nobody is using it."""
        kept = {*self.held.batches, *(Path(f.path).parts[1] for f in (*self.held.files, *self.held.closures))}
        for folder in BY_BATCH:
            held = self.path / folder
            for left in held.iterdir() if held.is_dir() else ():
                if left.name.split(".")[0] not in kept:
                    _remove(left)

    def _leave_as_it_was(self) -> None:
        for folder in BY_BATCH:
            for mine in (self.path / folder).glob(f"{self.batch}*"):
                _remove(mine)
        if self._made_folder:
            with suppress(OSError):
                for folder in BY_BATCH:
                    if (self.path / folder).is_dir():
                        (self.path / folder).rmdir()
                (self.path / ".lock").unlink()
                self.path.rmdir()


def discard_prepared(record: Path) -> None:
    """Remove facts made ahead, and what a killed maker of them left."""
    for left in (record / PREPARED, *record.glob(f".{PREPARED}.*")):
        shutil.rmtree(left, ignore_errors=True)


def remove_unnamed(record: Path, held: Manifest) -> int:
    """Remove every data file that the manifest does not name; how many. For the holder of the record's lock: a reader that opened
    an earlier manifest finds them gone."""
    named = {record / f.path for f in (*held.files, *held.closures)}
    left = [path for path in (record / "data").rglob("*.parquet") if path not in named]
    for path in left:
        path.unlink()
    for folder in {path.parent for path in left}:
        manifest.sync_folder(folder)
    return len(left)


def _remove(left: Path) -> None:
    if left.is_dir():
        shutil.rmtree(left, ignore_errors=True)
    else:
        left.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest
