"""Work on a store in a process of its own whose files may not grow: as on a disk that is full."""

from __future__ import annotations

import multiprocessing
import resource
import signal
from pathlib import Path
from typing import Any

from features.errors import FrailtyError
from risk import keys
from risk import store as stores
from risk.audit import Audit, Event
from risk.backup.making import backup
from risk.settings import Settings


def ended(work: Any, *given: Any) -> int | None:
    """How the process ended that did ``work``."""
    process = multiprocessing.get_context("fork").Process(target=work, args=given)
    process.start()
    process.join(60)
    return process.exitcode


def full(limit: int) -> None:
    """No file may be written beyond so many bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


def writing(settings: str, limit: int, acknowledged: str) -> None:
    """Write rows of the audit until the disk is full; a letter into a file for each that was acknowledged."""
    held = Settings.model_validate_json(settings)
    store = stores.open(held)
    audit = Audit(store, keys.held(held).audit, held)
    full(limit)
    with Path(acknowledged).open("ab", buffering=0) as told:
        try:
            for number in range(10_000):
                audit.record(Event("system", "a test", f"row {number}"))
                told.write(b".")
        except FrailtyError as error:
            raise SystemExit(5) from error


def backing_up(settings: str, backups: str, limit: int) -> None:
    """Back up onto a disk that is full before it is done."""
    full(limit)
    try:
        backup(Settings.model_validate_json(settings), Path(backups))
    except FrailtyError as error:
        raise SystemExit(5) from error
