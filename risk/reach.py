"""Whom a reader of practices reaches on a list wider than one: people of the practices that are the reader's on the day, and of no other.

A list was drawn by the relationships of its run's date. It is the reader's where every practice that still belongs to it is; a practice that left it
since may be another's, and its people are then not shown. A reader of some of a list's practices alone is shown none of it: its numbers would
tell of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

Practice = tuple[str, str]


def reached(
    drawn: Collection[Practice], now: Collection[Practice] | None, may: Callable[[Practice], bool]
) -> tuple[Practice, ...] | None:
    """Of the practices over which a list was ``drawn``, those whose people the reader is shown; None where the list is not the reader's. ``now`` are the
    practices of the same team or organisation today: None or empty where there is none such any more."""
    mine = tuple(sorted(one for one in drawn if may(one)))
    needed = set(drawn) & set(now) if now else set(drawn)
    return mine if mine and needed <= set(mine) else None
