"""Feed masks of tests."""

from __future__ import annotations

from features.record.tables import PERSON_TABLES


def without(*tables: str) -> int:
    """The mask of every feed but those of ``tables``."""
    gone = sum(1 << PERSON_TABLES.index(table) for table in tables)
    return 2 ** len(PERSON_TABLES) - 1 & ~gone
