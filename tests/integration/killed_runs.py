"""A run in a process of its own that is killed, or whose disk fills, at a stated place: run by a server that has all imported already."""

from __future__ import annotations

import datetime
import importlib
import multiprocessing
import os
import resource
import signal
from pathlib import Path
from typing import Any

from risk.run import stages, weekly
from risk.settings import Settings
from risk.store import writing

AT = datetime.date(2024, 11, 30)
#: People a part, and rows a transaction: so few that a small run has several of each.
PART, BATCH = 40, 50
#: Where a run is killed: the object and its attribute, which of its calls, whether the call is still done; and the stages whole by then.
MATRIX = ["begun", "matrix 0", "matrix 1", "matrix 2"]
REASONS = [*MATRIX, "scores", "reasons 0", "reasons 1", "reasons 2"]
TOLD = [*REASONS, "flags and leavers", "frailty register", "criteria", "practices"]
PLACES: dict[str, tuple[str, str, int, bool, list[str]]] = {
    "in the matrix": ("numpy", "save", 2, False, MATRIX[:2]),
    "in the scores": ("risk.run.scoring", "score", 1, False, MATRIX),
    "in the reasons": ("risk.run.stages", "_save", 2, False, [*MATRIX, "scores", "reasons 0"]),
    "beside the names": ("risk.run.leaving", "leavers", 1, False, REASONS),
    "in the frailty register": ("risk.frailty_register.proposing", "proposals", 1, False, TOLD[:-3]),
    "when it has its number": ("risk.store.Store", "begin_run", 1, True, TOLD),
    "in the files": ("risk.run.folder", "close", 1, False, [*TOLD, "number"]),
    "when the folder is sealed": ("risk.run.folder.Staged", "seal", 1, True, [*TOLD, "number"]),
    "in the rows": ("risk.store.writing", "insert_rows", 2, True, [*TOLD, "number"]),
    "in the list": ("risk.store.Store", "write_list", 1, True, [*TOLD, "number"]),
    "before it is published": ("risk.store.Store", "publish", 1, False, [*TOLD, "number"]),
}
AFTER = ("risk.store.Store", "publish", 1, True)


def asked(record: Path, **changed: Any) -> weekly.Asked:
    given = {
        "record": record,
        "outcome": "unplanned_admission",
        "horizon": 365,
        "minimum_age": 18,
        "fraction": 0.02,
        "at": AT,
        **changed,
    }
    return weekly.Asked(**given)


def small() -> None:
    """Parts and transactions as small as the tests need them."""
    stages.PART, writing.BATCH = PART, BATCH


def die(owner: str, name: str, call: int, done: bool) -> None:
    """Be killed in the stated call, before or after it is done."""
    held, place = _of(owner), [0]
    original = getattr(held, name)

    def deadly(*given: Any, **named: Any) -> Any:
        place[0] += 1
        found = original(*given, **named) if place[0] < call or done else None
        if place[0] >= call:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    setattr(held, name, deadly)


def killed(settings: str, record: str, where: tuple[str, str, int, bool]) -> None:
    small()
    die(*where)
    weekly.run(asked(Path(record)), Settings.model_validate_json(settings))


def full(settings: str, record: str, limit: int) -> None:
    """A run that may write no file beyond so many bytes."""
    small()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    weekly.run(asked(Path(record)), Settings.model_validate_json(settings))


def ended(work: Any, *given: Any) -> int:
    """How the process ended that did ``work``."""
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["tests.integration.killed_runs"])
    process = server.Process(target=work, args=given)
    process.start()
    process.join(120)
    assert process.exitcode is not None, "it hangs"
    return process.exitcode


def _of(path: str) -> Any:
    module, _, name = path.rpartition(".")
    if module and name[0].isupper():
        return getattr(importlib.import_module(module), name)
    return importlib.import_module(path)
