"""Making a backup: the database of one moment, what its runs need, the linked record, the identity store and the models; sealed, hashed, and named only when it is whole.

Never in it: keys, the audit's checkpoints, and the journals of whom to forget and to hide (:mod:`risk.telling`), which must outlive it. The linked
record is in it where the setting `record` or the command names its folder (:mod:`risk.backup.of_record`); where neither does, the backup says that it is not.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from features.errors import MissingPart, Refused, WrongUsage
from features.linkage.vault import FILE as IDENTITY
from features.progress import SILENT, Progress
from features.record.manifest import sync_folder
from risk import keys, operator, telling
from risk import store as stores
from risk.backup import database, kept, of_record, of_runs
from risk.backup.manifest import PART, Manifest
from risk.backup.writing import Writing, sweep
from risk.checkpoints import Checkpoints
from risk.forgetting.ledger import ForgottenLedger
from risk.learnt import FOLDER as LEARNT
from risk.settings import Settings

#: Names within a backup.
MODELS, OF_LEARNING, OF_IDENTITY, PERMISSIONS = (
    "models",
    "learnt",
    f"identity/{IDENTITY}",
    "permissions.toml",
)
#: Kinds of run whose files are kept.
KEPT = ("published", "shadow", "withdrawn")
SCRATCH = ".backing-up"


def backup(
    settings: Settings,
    into: Path | None = None,
    *,
    record: Path | None = None,
    new_key: bool = False,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Back the installation up into a new folder of ``into`` (else of the setting), with the linked ``record`` (else of the setting); what it says of
    itself, ready for JSON.

    :class:`WrongUsage` without a folder, :class:`MissingPart` without the key or where it cannot be written, :class:`Refused` while another backup is
    being made and where the current run is not as it was published. Whatever is raised, no backup is left that could be taken for one.
    """
    where = into or settings.backups
    if where is None:
        raise WrongUsage(
            "expected a folder of backups: --out DIR, or the setting `backups`; best on another machine's disk"
        )
    key = keys.of_backups(settings, make=new_key)
    operator.ready(settings)
    store = stores.open(settings)
    try:
        with _alone(settings, where) as scratch:
            begun = datetime.now(UTC)
            name, backup_id, expires = kept.new_name(begun, settings.backups_days)
            part = where / f"{PART}{name}"
            part.mkdir(mode=0o700)
            copied = database.copy(store, scratch, progress)
            runs = sorted(int(run["number"]) for run in store.runs(*KEPT))
            current = store.current_run()
            writing = Writing(key, backup_id, part, where)
            writing.add(copied.file.name, copied.file)
            number = None if current is None else int(current["number"])
            gone = of_runs.add(settings, runs, number, writing, scratch, progress)
            linked = record or settings.record
            of = None if linked is None else of_record.add(linked, writing, scratch, progress)
            _others(settings, writing, scratch, progress)
            made = Manifest(
                backup=backup_id, begun=begun, ended=datetime.now(UTC), expires=expires, version=version("frailty-risk"),
                database=copied.database, how=copied.how, schema=copied.schema, current_run=number,
                runs=tuple(runs), without_files=tuple(gone), rows=copied.rows, newest=copied.newest, files=writing.files, record=of,
                **outside(settings),
            )  # fmt: skip
            made.write(part, key)
            _settle(part)
            os.rename(part, where / name)
            sync_folder(where)
        said = summary(made, where / name)
        operator.record(
            settings,
            store,
            "backup.made",
            detail={"backup": backup_id, "expires": str(expires), "files": len(made.files)},
        )
    except (OSError, sqlite3.Error) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise MissingPart(
            f"the backup in {where} was not finished, and is none: {why}; free or check the disks of both places"
        ) from error
    finally:
        store.close()
    return said


def outside(settings: Settings) -> dict[str, Any]:
    """What is in the journals and checkpoints that are in no backup."""
    return {
        "forgotten": len(ForgottenLedger(settings.forgotten_folder).entries()), "told": bool(telling.last(settings)),
        "checkpoints": len(Checkpoints(settings.checkpoints_folder, keys.held(settings).audit).read()[0]),
    }  # fmt: skip


def summary(made: Manifest, place: Path) -> dict[str, Any]:
    """What a command prints of a backup."""
    return {
        "backup": made.backup, "folder": str(place), "begun": made.begun.isoformat(timespec="seconds"), "expires": str(made.expires),
        "database": made.database, "how": made.how, "schema": made.schema, "current_run": made.current_run, "runs": list(made.runs),
        "runs_without_files": list(made.without_files), "rows": sum(made.rows.values()), "files": len(made.files),
        "bytes": sum(one.bytes for one in made.files.values()), "sealed_bytes": sum(one.sealed_bytes for one in made.files.values()),
        "newest": None if made.newest is None else made.newest.isoformat(timespec="seconds"),
        "record": None if made.record is None else dict(made.record),
    }  # fmt: skip


def _others(settings: Settings, writing: Writing, scratch: Path, progress: Progress) -> None:
    progress.stage("identity store and models")
    if (settings.identity_folder / IDENTITY).is_file():
        copied = scratch / IDENTITY
        database.copy_sqlite(settings.identity_folder / IDENTITY, copied)
        writing.add(OF_IDENTITY, copied)
    for under, source in ((MODELS, settings.bundles), (OF_LEARNING, settings.home / LEARNT)):
        for path in sorted(source.rglob("*")):
            if path.is_file() and not any(piece.startswith(".") for piece in path.relative_to(source).parts):
                writing.add(f"{under}/{path.relative_to(source).as_posix()}", path)
    if settings.permissions_file.is_file():
        writing.add(PERMISSIONS, settings.permissions_file)


@contextmanager
def _alone(settings: Settings, where: Path) -> Iterator[Path]:
    """A scratch folder on the store's own disk, for one backup at a time; what killed ones left, here and in ``where``, is swept."""
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.home / f"{SCRATCH}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused("a backup is being made already; wait for it to end") from error
        scratch = settings.home / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        for left in kept.torn(where):
            sweep(left)
        scratch.mkdir(mode=0o700)
        try:
            yield scratch
        finally:
            for left in (scratch, *kept.torn(where)):
                shutil.rmtree(left, ignore_errors=True)


def _settle(part: Path) -> None:
    """Everything of a backup on disk for good, before it takes its name."""
    for path in sorted(part.rglob("*"), reverse=True):
        if path.is_dir():
            path.chmod(0o700)
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
    sync_folder(part)
