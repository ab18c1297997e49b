"""Where an export lies while it is made and waited for: a folder of its own under the installation's home (0700, its files 0600), for :data:`KEPT` at the most.

The folder is all there is of it, so any process of the installation tells how it stands. Whoever makes it holds a lock of the system's on it: one that says it is
being made and that nobody holds was cut off. A line of a file begins with the opaque id of whom it is about, as its client has it, so that who is hidden
by the time it is fetched can be left out.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import orjson

from risk.fetching import waiting

#: From when it was asked for, however often it is fetched.
KEPT = timedelta(hours=24)
WORKING, DONE, FAILED = "working", "done", "failed"
_SAID, _LOCK = "job.json", "lock"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Job:
    """An export: ``said`` has its ``client``, ``group``, ``practice``, ``scheme``, ``run``, ``request``, ``types``, ``changed`` (whether anything did since the
    moment asked for), ``begun`` (ISO), ``state``, ``of`` and ``done`` (people), and ``lines`` by the name of its file."""

    folder: Path
    said: dict[str, Any]

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def begun(self) -> datetime:
        return datetime.fromisoformat(self.said["begun"])

    @property
    def until(self) -> datetime:
        """When it goes."""
        return self.begun + KEPT

    @property
    def state(self) -> str:
        """``working`` only while somebody is at work."""
        return str(self.said["state"])

    def saying(self, **changed: Any) -> Job:
        """The same, saying otherwise from now on. :class:`FileNotFoundError` where it was deleted meanwhile."""
        said = {**self.said, **changed}
        written = self.folder / f"{_SAID}.new"
        with made(written, again=True) as out:
            out.write(orjson.dumps(said))
        os.replace(written, self.folder / _SAID)
        return Job(self.folder, said)


class Jobs:
    """The exports of an installation."""

    def __init__(self, home: Path) -> None:
        self._over = waiting(home)

    def begin(self, **said: Any) -> tuple[Job, IO[bytes]]:
        """A new one, and the lock on it, which is let go by closing it."""
        self._over.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = self._over / secrets.token_hex(16)
        folder.mkdir(mode=0o700)
        lock = made(folder / _LOCK)
        fcntl.flock(lock, fcntl.LOCK_EX)
        job = Job(
            folder,
            {
                **said,
                "begun": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "state": WORKING,
                "done": 0,
                "lines": {},
            },
        )
        return job.saying(), lock  # fmt: skip

    def of(self, client: str, job: str) -> Job | None:
        """One of a client's own by its id; None for another's, one that is gone, and what is no id."""
        found = _standing(self._over / job) if _ID.fullmatch(job) else None
        return found if found and found.said["client"] == client and datetime.now(UTC) < found.until else None

    def every(self, client: str) -> list[Job]:
        """A client's."""
        found = (_standing(folder) for folder in self._folders())
        return [job for job in found if job and job.said["client"] == client]

    def remove(self, job: Job) -> None:
        """All of it; whoever is making it meets that there is nothing left."""
        shutil.rmtree(job.folder, ignore_errors=True)

    def sweep(self, now: datetime) -> int:
        """Remove those past their time, and folders of that age that say nothing; how many."""
        gone = 0
        for folder in self._folders():
            job = _read(folder)
            try:
                since = job.begun if job else datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            except OSError:
                continue  # another process was quicker
            if now >= since + KEPT:
                shutil.rmtree(folder, ignore_errors=True)
                gone += 1
        return gone

    def _folders(self) -> Iterator[Path]:
        if self._over.exists():
            yield from [folder for folder in self._over.iterdir() if _ID.fullmatch(folder.name)]


def made(path: Path, *, again: bool = False) -> IO[bytes]:
    """A new file that its owner alone may read; one that is there is a fault unless it is made ``again``."""
    how = os.O_TRUNC if again else os.O_EXCL
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "wb")


def _read(folder: Path) -> Job | None:
    try:
        return Job(folder, orjson.loads((folder / _SAID).read_bytes()))
    except (OSError, orjson.JSONDecodeError):
        return None


def _standing(folder: Path) -> Job | None:
    """A job as it stands: failed where it says that it is being made and nobody is at it, also when looked at again, for it may have ended in between."""
    job = _read(folder)
    if job and job.state == WORKING and not _locked(folder / _LOCK):
        job = _read(folder)
        if job and job.state == WORKING:
            return Job(folder, {**job.said, "state": FAILED})
    return job


def _locked(lock: Path) -> bool:
    try:
        with lock.open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
