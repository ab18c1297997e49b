"""How a kind of extract is opened: the options that all have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Protocol

from features.coding import SCHEMES
from features.errors import WrongUsage
from features.sources.delivered.declared import Layout
from features.sources.delivered.extract import Delivered


class Opener(Protocol):
    """What ``open_source`` of such a kind is."""

    def __call__(self, path: Path, *, organisation: str | None = None, scheme: str = "local", title: str | None = None,
                 kind: str = "real", purposes: str = "*", lag_days: int | None = None, history: str | None = None) -> Delivered: ...  # fmt: skip


def opener(layout: Layout, made: Callable[..., Delivered] = Delivered) -> Opener:
    """``open_source`` of ``layout``, as a source that ``made`` makes."""

    def open_source(path: Path, *, organisation: str | None = None, scheme: str = "local", title: str | None = None,
                    kind: str = "real", purposes: str = "*", lag_days: int | None = None, history: str | None = None) -> Delivered:  # fmt: skip
        """The extract at ``path``: a folder of deliveries, or one file. ``organisation`` (a code in ``scheme``) is who sends it, by
        default the kind of extract itself; ``kind`` what data it is (``real``, ``simulated``, ``demonstration``);
        ``purposes`` what the sender permits; ``lag_days`` replaces the declared lag; ``history`` is the day from
        which the first delivery stands for weekly ones. :class:`WrongUsage` where one of them is malformed."""
        sender = organisation or layout.name
        if scheme not in SCHEMES or not SCHEMES[scheme].well_formed(sender):
            raise WrongUsage(f"expected a code of who sends the {layout.name} extract in the scheme {' or '.join(SCHEMES)}, found another; see `organisation` and `scheme`")  # fmt: skip
        if lag_days is not None and not 0 <= int(lag_days) <= 3650:
            raise WrongUsage(f"expected a lag of 0 to 3650 days for the {layout.name} extract, found {lag_days}")
        about = {"kind": kind, "title": title or layout.title}
        try:
            since = date.fromisoformat(str(history)) if history else None
        except ValueError:
            raise WrongUsage(
                f"expected the first day of the {layout.name} extract's history as 2020-01-31, found something else"
            ) from None
        return made(layout, Path(path), sender, scheme, about, purposes, lag_days, since)

    return open_source
