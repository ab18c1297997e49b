"""Rows by week of a table from one source, against the same feed's own history.

A week counts by the day on which things happened. Weeks that the newest deliveries do not wholly reach, or that the feed's usual lag
leaves incomplete, are not judged. A week is unusual where it lies further from the median of the year before than three times
1.4826 times the median absolute deviation (Leys and others, J Exp Soc Psychol 2013;49:764-6), and by a fifth of the median at least.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from features.record.reader import Record

WEEKS, HISTORY, FEWEST = 104, 52, 12
SPREAD, DEVIATIONS, AT_LEAST = 1.4826, 3.0, 0.2


@dataclass(frozen=True)
class Week:
    """``begins`` is a Monday. ``low`` and ``high`` are what its own history leads one to expect (None: too little of it);
    ``unusual`` is ``low``, ``high`` or empty; ``whole`` says whether all of it can have come."""

    begins: date
    rows: int
    low: float | None
    high: float | None
    whole: bool
    unusual: str


def by_week(record: Record, table: str, feeds: Iterable[int], at: date, reaches: date, lag: int) -> list[Week]:
    """The weeks of the two years before ``at`` in which ``feeds`` had rows of ``table``, from the first on. ``reaches`` is the day up
    to which they deliver, ``lag`` the days by which most of what happens is late."""
    first = at - timedelta(days=7 * WEEKS + at.weekday())
    found = record.connection.execute(
        f"""SELECT date_trunc('week', event_date)::DATE AS week, count(*) FROM {table}
        WHERE feed_id IN (SELECT unnest($feeds::BIGINT[])) AND event_date >= $first AND event_date < $at
            AND (known_until IS NULL OR known_until > $at) AND known_at <= $at
        GROUP BY 1 ORDER BY 1""",
        {"feeds": list(feeds), "first": first, "at": at},
    ).fetchall()
    if not found:
        return []
    counts = dict(found)
    whole_until = min(reaches, at - timedelta(days=lag))
    weeks = [found[0][0] + timedelta(days=7 * i) for i in range((at - found[0][0]).days // 7 + 1)]
    return judged([(week, counts.get(week, 0), week + timedelta(days=7) <= whole_until) for week in weeks])


def judged(weeks: list[tuple[date, int, bool]]) -> list[Week]:
    """Each week (its Monday, its rows, whether it is whole) against the whole weeks of the year before it."""
    out = []
    for place, (begins, rows, whole) in enumerate(weeks):
        before = np.array([count for _, count, done in weeks[max(0, place - HISTORY) : place] if done], dtype=float)
        low = high = None
        unusual = ""
        if len(before) >= FEWEST:
            middle = float(np.median(before))
            reach = max(DEVIATIONS * SPREAD * float(np.median(np.abs(before - middle))), AT_LEAST * middle)
            low, high = max(0.0, middle - reach), middle + reach
            if whole and middle > 0:
                unusual = "low" if rows < low else "high" if rows > high else ""
        out.append(Week(begins, rows, low, high, whole, unusual))
    return out
