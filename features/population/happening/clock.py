"""Time in half-months: steps begin on the 1st and 16th, so that every first of a month is a step's edge."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

EPOCH = date(1970, 1, 1)


def day_of(when: date) -> int:
    """Days since 1970-01-01."""
    return (when - EPOCH).days


def date_of(day: int) -> date:
    return EPOCH + timedelta(days=int(day))


def steps(start: date, end: date) -> list[tuple[int, int]]:
    """Half-open steps from ``start`` to ``end``; the first and last may be short."""
    edges = [start]
    when = start
    while True:
        when = when.replace(day=16) if when.day < 16 else date(when.year + when.month // 12, when.month % 12 + 1, 1)
        if when >= end:
            break
        edges.append(when)
    edges.append(end)
    return [(day_of(a), day_of(b)) for a, b in itertools.pairwise(edges)]


def years_before(when: date, years: int) -> date:
    """The same day of an earlier year (28 February for 29 February)."""
    try:
        return when.replace(year=when.year - years)
    except ValueError:
        return when.replace(year=when.year - years, day=28)
