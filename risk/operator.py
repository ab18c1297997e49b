"""Whoever works the command line: a name for ledgers, and rows of the audit for what they do and read there."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from typing import Any

from risk import keys
from risk.audit import Audit, Event
from risk.settings import Settings
from risk.store import Store


def name() -> str:
    """The operating system's name of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "a user without a name"


def ready(settings: Settings) -> None:
    """Whether what is about to be done could be recorded: its key is there and nobody else's to read. Asked first, so that
    nothing is done that the audit then cannot say. The keys of a new installation are made."""
    keys.held(settings, make=True)


def record(
    settings: Settings,
    store: Store,
    action: str,
    *,
    outcome: str = "done",
    organisation: str | None = None,
    people: Sequence[int] | None = None,
    run: int | None = None,
    reason: str | None = None,
    detail: dict[str, Any] | None = None,
    vouched: bool = True,
) -> None:
    """Add a row to the audit, on disk when this returns, and ``vouched`` for by a checkpoint; where it is not, the checkpoint is whoever asks's to make, once for
    their many rows (:func:`vouch`)."""
    audit = Audit(store, keys.held(settings, make=True).audit, settings)
    audit.record(
        Event("system", name(), action, outcome, organisation=organisation, people=people, run=run, reason=reason, detail=detail)
    )  # fmt: skip
    if vouched:
        audit.checkpoint()


def vouch(settings: Settings, store: Store) -> None:
    """Make a checkpoint of the audit as it stands."""
    Audit(store, keys.held(settings, make=True).audit, settings).checkpoint()
