"""Where downtime copies lie: every folder into which one was made, so that each is made anew as soon as somebody on it is shown no more.

The list of folders is the installation's own. A sheet is read from the store and written by one process at a time: what is read later is written later, so
no copy of before a death takes the place of one of after it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

from features.record.manifest import sync_folder
from risk.settings import Settings

FILE, LOCK = "downtime-copies.json", ".downtime.lock"


@dataclass(frozen=True)
class Place:
    """A folder of copies, and the API's client by whose ids people are on them (None: the terminal's)."""

    out: str
    client: str | None


def known(settings: Settings) -> list[Place]:
    """Every folder that a copy was made in and that is still there."""
    try:
        rows = orjson.loads((settings.home / FILE).read_bytes())
    except (OSError, ValueError):
        return []
    return [Place(**row) for row in rows if Path(row["out"]).is_dir()]


def remember(settings: Settings, place: Place) -> None:
    """Keep a folder's name: of one folder the last client counts."""
    with alone(settings):
        before = known(settings)
        if place not in before:
            held = [one for one in before if one.out != place.out] + [place]
            write(settings.home / FILE, orjson.dumps([asdict(one) for one in held]))


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the copies, for the time of one sheet."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(settings.home / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, readable by its owner alone from its first moment."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
