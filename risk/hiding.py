"""Who is shown no more, kept in the store as soon as the record knows that they object: lists of earlier runs too."""

from __future__ import annotations

from pathlib import Path

from features.governance.permissions import hidden
from risk.settings import Settings
from risk.store import Store
from risk.today import today


def refresh(settings: Settings, store: Store, record: Path) -> int:
    """Hide everybody whose objection, as ``record`` has it today, bars display; show again those of its people whose objection has
    ended. How many of its people are hidden."""
    people, everybody = hidden(record, settings.permissions_file, today(settings))
    store.hide(people, shown_again=everybody - set(people))
    return len(people)
