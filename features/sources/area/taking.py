"""The feeds of an area taken in one after the other: each whole or not at all, each in its own ledger.

What a run took in stays in when the next feed is refused or the run is killed: a feed that is in the record already is known by the
hash of all that decides its rows, and is not read again.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow

from features.errors import BadInput
from features.linkage.identity import IdentityStore
from features.progress import SILENT, Progress
from features.record import manifest
from features.record.ingest import fingerprint, ingest
from features.record.ledger import Ledger
from features.sources.area import shape
from features.sources.area.config import Opened
from features.sources.contract import Source

#: What reading a damaged file raises that no source foresaw. The record is as it was: nothing is committed but at the end.
_BROKEN = (OSError, EOFError, UnicodeError, zlib.error, arrow.ArrowException, duckdb.Error)


@dataclass(frozen=True)
class Told:
    """What became of a feed: ``outcome`` is ``taken in``, ``unchanged`` or ``refused``, with why."""

    name: str
    source: str
    path: str
    outcome: str
    ledger: Ledger | None = None
    why: str = ""
    changes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        held = self.ledger.as_dict() if self.ledger else {}
        return {"name": self.name, "source": self.source, "path": self.path, "outcome": self.outcome, "why": self.why,
                "changes": list(self.changes), **{key: held[key] for key in ("batch", "totals", "entries", "warnings") if key in held}}  # fmt: skip


@dataclass
class Taker:
    """Takes feeds into ``record``. ``changed`` names the feeds whose new shape is accepted; ``options`` go to each ingest."""

    record: Path
    identity: IdentityStore
    today: date
    changed: Collection[str] = ()
    progress: Progress = SILENT
    options: dict[str, Any] = field(default_factory=dict)

    def take(self, feeds: Sequence[Opened]) -> list[Told]:
        """All the feeds, in their order. What is wrong with one (:class:`BadInput`, a file that cannot be read) does not keep the
        others out; what is wrong with the record or the machine stops everything."""
        return [
            self._take(feed, _Named(self.progress, f"{feed.name} ({place} of {len(feeds)})"))
            for place, feed in enumerate(feeds, 1)
        ]

    def _take(self, feed: Opened, progress: Progress) -> Told:
        said = (feed.name, feed.kind, str(feed.path))
        if feed.source is None:
            return Told(*said, "refused", why=feed.fault)
        progress.stage("looking at its files")
        now = shape.shape_of(feed.path)
        try:
            if self._held(feed.source):
                shape.accept(self.record, feed.name, now)
                return Told(*said, "unchanged")
        except _BROKEN:
            pass  # Its files are not whole: the source says how, below.
        changes = shape.changes(shape.accepted(self.record, feed.name), now)
        if changes and feed.name not in self.changed:
            return Told(*said, "refused", why=_reshaped(feed.name), changes=changes)
        try:
            ledger = ingest(
                feed.source, self.record, self.identity, progress=progress, today=self.today, **self.options
            )
        except BadInput as error:
            return Told(*said, "refused", why=str(error), changes=changes)
        except _BROKEN as error:
            why = f"a file of it could not be read ({type(error).__name__}); nothing was written; have it sent again"
            return Told(*said, "refused", why=why, changes=changes)
        shape.accept(self.record, feed.name, now)
        return Told(*said, "taken in", ledger=ledger, changes=changes)

    def _held(self, source: Source) -> bool:
        """Whether the record holds this very delivery."""
        return fingerprint(source) in manifest.load_or_empty(self.record).inputs


def _reshaped(name: str) -> str:
    return (
        "expected the columns of the delivery that was last accepted, found others; nothing of it was written; ask the sender "
        f"what changed, and where it was meant, take it in with --accept-shape {name}"
    )


@dataclass(frozen=True)
class _Named:
    """A progress that says which feed it is about."""

    inner: Progress
    name: str

    def stage(self, name: str, total: int | None = None) -> None:
        self.inner.stage(f"{self.name}: {name}", total)

    def advance(self, by: int = 1) -> None:
        self.inner.advance(by)
