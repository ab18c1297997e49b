"""Whether a feed may be read for a purpose, and whose rows may not be read at all.

The record's reader asks a :class:`Permissions` before it shows a row; nothing else reads the record's files. The default
allows everything that the record holds. An area's own rules plug in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from features.standing import OBJECTIONS

Purpose = Literal["case_finding", "training", "evaluation", "planning", "ingest"]


@dataclass(frozen=True)
class FeedInfo:
    """A feed as the reader asks about it. ``purposes`` are those that the sender permits (``*``: all)."""

    feed_id: int
    source: str
    table: str
    organisation: str
    purposes: tuple[str, ...]


class Permissions(Protocol):
    """What the reader asks."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        """Why the feed may not be read for the purpose; None where it may."""
        ...

    def barred_people(self, purpose: Purpose) -> Sequence[int]:
        """``person_id`` of everyone whose rows may not be read for the purpose."""
        ...

    def objections(self, purpose: Purpose) -> frozenset[str]:
        """Kinds of objection that leave a person out of what is done for the purpose."""
        ...


class AllowAll:
    """Every feed, every purpose, everyone: the default."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        return None

    def barred_people(self, purpose: Purpose) -> Sequence[int]:
        return ()

    def objections(self, purpose: Purpose) -> frozenset[str]:
        return frozenset(OBJECTIONS)


class AsSent(AllowAll):
    """Only the purposes that each feed's sender permits."""

    def refuses_feed(self, feed: FeedInfo, purpose: Purpose) -> str | None:
        if "*" in feed.purposes or purpose in feed.purposes:
            return None
        return f"its sender permits {' '.join(feed.purposes) or 'nothing'}, not {purpose}"
