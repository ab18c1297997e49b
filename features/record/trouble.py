"""What the machine runs out of while the record is written, said in a sentence."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as arrow

from features.errors import MissingPart

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FULL_WORDS = (
    "no space left",
    "file too large",
    "disk is full",
    "disk full",
    "disk quota",
    "could not write",
    "disk i/o error",
)


class DiskFull(MissingPart):
    """There is no room to write."""


class MemoryShort(MissingPart):
    """The embedded database was given too little memory."""


@contextmanager
def said_plainly(record: Path) -> Iterator[None]:
    """Turn a full disk, a folder that cannot be written and a lack of memory into sentences. The record is as it was."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError, arrow.ArrowMemoryError) as error:
        raise MemoryShort("memory ran out; nothing was written; raise the setting `memory`, or free some") from error
    except (OSError, duckdb.IOException, duckdb.FatalException, sqlite3.OperationalError) as error:
        if getattr(error, "errno", None) in _FULL or any(word in str(error).lower() for word in _FULL_WORDS):
            raise DiskFull(
                f"the disk that holds {record} (or the identity store) is full, or a limit on the size of files was met; "
                "nothing was written and the record is as it was; make room and ingest again"
            ) from error
        if isinstance(error, PermissionError):
            raise MissingPart(f"{record} cannot be written; nothing was written; check who owns the folder") from error
        raise
