"""A list or register as one file: made whole first, so that its hash and its people stand in the audit before its first byte goes out.

It is made in a file without a name, readable by this process alone, which is gone however the request ends; what an Excel file is put together from lies in a
folder of this process in the installation's own, and goes with the call, or with the next after a crash. So memory does not grow with the rows, the store is read in
one view and not for as long as somebody reads slowly, and a hash that is known only at the end still stands before the answer (``Content-Digest``, RFC 9530).
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import IO, Any

import anyio
from fastapi import Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from features.errors import Refused
from risk.export.columns import COLUMNS, EXPORTS, NUMBER, Reader, Row
from risk.export.writing import FORMATS
from serving import answers
from serving.problems import Problem
from serving.security import identity
from serving.security.caller import Caller

ACTION, CUT = "export", "export.cut_short"
#: Files made at once in a process; and bytes that go out, or are hashed, at a time.
AT_ONCE, PIECE = 2, 64 * 1024
_TURNS = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True)
class Counts:
    """People of what was drawn: ``withheld`` are not shown any more, ``not_permitted`` not the caller's; the others are rows."""

    drawn: int
    withheld: int
    not_permitted: int = 0


@dataclass(frozen=True)
class Source:
    """What is exported: a kind of :data:`~risk.export.columns.EXPORTS`, of whom (``organisation``; ``practice`` where it is one practice's), from which run;
    its ``rows`` and, read in the same view, its ``counts``."""

    kind: str
    run: Mapping[str, Any]
    organisation: str
    rows: Iterator[Row]
    counts: Counts
    practice: Mapping[str, Any] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """How: the format, the columns (None: the usual), and why people are to be identified."""

    format: str
    columns: Sequence[str] | None = None
    reason: str | None = None


def columns(kind: str, wanted: Sequence[str] | None) -> tuple[str, ...]:
    """The columns of a file; :class:`Problem` with those that there are, where one is none or is named twice. What was sent is not repeated."""
    export = EXPORTS[kind]
    named = export.usual if wanted is None else tuple(wanted)
    if not set(named) <= set(export.known) or len(set(named)) < len(named):
        raise Problem("unfit-parameter", errors=[{"where": "body.columns", "why": "expected columns of `known`, each once"}], known=list(export.known))  # fmt: skip
    return named


def made(caller: Caller, source: Source, wanted: Wanted) -> Response:
    """The file. Whoever calls has asked for the scope already, and is inside the view in which ``source`` is read."""
    named = columns(source.kind, wanted.columns)
    reason = _reason(caller, source, named, wanted)
    provenance = answers.provenance(source.run, caller.installation.settings)
    numbers = identity.numbers(caller) if reason is not None else None
    reader = Reader(caller.pseudonyms, caller.access, _beside(provenance), numbers)
    people: list[int] = []
    at = datetime.now(UTC).isoformat(timespec="seconds")

    def rows() -> Iterator[list[Any]]:
        for row in source.rows:
            people.append(row["person_id"])
            yield [COLUMNS[name].of(row, reader) for name in named]

    def watermark() -> list[tuple[str, str | int]]:
        counts = source.counts
        if counts.drawn != len(people) + counts.withheld + counts.not_permitted:
            raise Refused("the rows of an export do not add up to the people drawn, so it is not given; ask again")
        return _watermark(caller, source, provenance, at, len(people))

    media, write = FORMATS[wanted.format]
    with _turn(), _folder(caller.installation.settings.home) as folder:
        file: IO[bytes] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (the answer closes it)
        try:
            write(file, folder, named, rows(), watermark)
            digest, size = _digest(file)
            about: dict[str, Any] = {"organisation": source.organisation, "run": source.run["number"]}
            detail = {"what": source.kind, **source.more, "format": wanted.format, "columns": list(named), "sha256": digest.hex(), "bytes": size,
                      "drawn": source.counts.drawn, "rows": len(people), "withheld": source.counts.withheld,
                      "not_permitted": source.counts.not_permitted}  # fmt: skip
            told = [caller.event(identity.IDENTIFIED, "answered", person_id=one, reason=reason, **about) for one in people if reason is not None]  # fmt: skip
            caller.installation.audit.record(*told, caller.event(ACTION, "answered", people=people, detail=detail, reason=reason, **about))  # fmt: skip
        except BaseException:
            file.close()
            raise
    headers = {
        "Content-Disposition": f'attachment; filename="{_name(source, wanted.format)}"',
        "Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:",
        "Content-Length": str(size),
    }
    cut = caller.event(CUT, "failed", detail={"what": source.kind, "sha256": digest.hex()}, **about)
    return _Sent(file, size, headers, media, lambda: caller.installation.audit.record(cut))


class _Sent(StreamingResponse):
    """A file that goes out and is gone; where not all of it went, the audit says so."""

    def __init__(self, file: IO[bytes], size: int, headers: Mapping[str, str], media: str, cut: Any) -> None:
        self._file, self._left, self._cut = file, size, cut
        super().__init__(self._pieces(), 200, headers, media)

    async def _pieces(self) -> AsyncIterator[bytes]:
        while piece := await run_in_threadpool(self._file.read, PIECE):
            yield piece
            self._left -= len(piece)  # whoever takes pieces has come back for the next

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await run_in_threadpool(self._file.close)
                if self._left:
                    await run_in_threadpool(self._cut)


def _reason(caller: Caller, source: Source, named: Sequence[str], wanted: Wanted) -> str | None:
    """Why people are identified; None where they are not. A reason alone identifies nobody."""
    if NUMBER not in named:
        return None
    if source.practice is None or not identity.may_identify(caller.access, source.practice):
        caller.audit(
            ACTION, "refused", organisation=source.organisation, run=source.run["number"], detail={"column": NUMBER}
        )
        raise Problem("insufficient-scope", f"the column {NUMBER} needs the scope {identity.IDENTIFY} at the practice itself")  # fmt: skip
    return identity.fit_reason(caller, wanted.reason or "", "body.reason")


def _beside(provenance: Mapping[str, Any]) -> dict[str, Any]:
    days = {
        name: None if provenance[name] is None else str(provenance[name])
        for name in ("index_date", "data_as_at", "valid_until")
    }
    return {"run": provenance["run"], **days, "marking": provenance["marking"], "not_for": answers.NOT_FOR}


def _watermark(
    caller: Caller, source: Source, provenance: Mapping[str, Any], at: str, rows: int
) -> list[tuple[str, str | int]]:
    """Who took it, when, what it is from and holds, and what it is not for."""
    counts, model = source.counts, provenance["model"]
    lines = [
        ("exported by", f"{caller.access.client_id}{f' ({caller.access.role} of {caller.access.selected})' if caller.access.role else ''}"),
        ("at", at),
        ("of", source.organisation),
        ("run", provenance["run"]),
        ("index date", str(provenance["index_date"])),
        ("model", f"{model['name']} version {model['version']}, {model['sha256']}"),
        ("data as at", str(provenance["data_as_at"])),
        ("valid until", str(provenance["valid_until"])),
        ("people", f"{counts.drawn} drawn = {rows} rows + {counts.withheld} not shown any more + {counts.not_permitted} not permitted"),
        ("marking", provenance["marking"]),
        ("stale", provenance["stale_says"]),
        ("not for", answers.NOT_FOR),
        ("caution", answers.LOW),
    ]  # fmt: skip
    return [
        (name, said) for name, said in lines if said is not None and not (source.kind == "register" and name == "model")
    ]


def _digest(file: IO[bytes]) -> tuple[bytes, int]:
    """SHA-256 of a whole file and its bytes; what is read of it next is its beginning."""
    held = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        held.update(piece)
    size = file.tell()
    file.seek(0)
    return held.digest(), size


def _name(source: Source, form: str) -> str:
    """Of the kind, the organisation and the run; letters, digits and hyphens."""
    parts = (
        EXPORTS[source.kind].title,
        *map(str, source.more.values()),
        source.organisation,
        f"run-{source.run['number']}",
    )
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "-", part) for part in parts) + f".{form}"


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(blocking=False):
        raise Problem("busy")
    try:
        yield
    finally:
        _TURNS.release()


@contextmanager
def _folder(home: Path) -> Iterator[Path]:
    """A folder of this call alone (0700), removed at its end. Those of processes that are gone go first."""
    over = home / "exporting"
    over.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in over.iterdir():
        if not _lives(left.name.partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=over) as folder:
        yield Path(folder)


def _lives(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
