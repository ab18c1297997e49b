"""Completeness by practice: whether each practice's own feeds still come, and bring as much for its patients as they did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from features.record.reader import Record
from features.record.tables import TABLES

#: Days of which the rows for each 1,000 registered people are compared with the same days of the year before.
SPAN = 90
#: Below this share of the year before, what comes is thin.
THIN = 0.5
#: A feed is silent when it has not come for so many of its usual gaps, and a week more.
GAPS = 2


@dataclass(frozen=True)
class PracticeFeed:
    """A practice's own feed of a table. ``rate`` is rows of the last :data:`SPAN` days before ``reaches`` for each 1,000 people
    registered, ``before`` the same a year earlier (None: nothing to compare). ``state`` is ``sending``, ``stopped`` or ``thin``."""

    practice: str
    source: str
    table: str
    received: date
    reaches: date
    days_since: int
    rate: float | None
    before: float | None
    state: str


def silent(days_since: int, gap: float | None) -> bool:
    """Whether a feed that usually comes every ``gap`` days has stopped."""
    return days_since > GAPS * (gap if gap else 7) + 7


def practices(record: Record, at: date) -> list[PracticeFeed]:
    """Every feed that speaks for one practice alone, the stopped ones first."""
    feeds = record.connection.execute("""
        WITH came AS (
            SELECT feed_id, source, table_name, covers, known_at, period_to,
                date_diff('day', lag(known_at) OVER (PARTITION BY feed_id ORDER BY known_at), known_at) AS gap
            FROM feed WHERE covers NOT IN ('*', 'NOBODY') AND known_at <= $at)
        SELECT source, table_name, covers, max(known_at), max(period_to), median(gap), list(DISTINCT feed_id) FROM came
        GROUP BY source, table_name, covers ORDER BY covers, table_name, source""", {"at": at}).fetchall()  # fmt: skip
    registered = dict(record.connection.execute("""
        SELECT practice, count(DISTINCT person_id) FROM registration
        WHERE known_at <= $at AND (known_until IS NULL OR known_until > $at) AND event_date < $at AND (end_date IS NULL OR end_date >= $at) GROUP BY practice""", {"at": at}).fetchall())  # fmt: skip
    counts: dict[str, Mapping[int, tuple[int, int]]] = {}
    out = []
    for source, table, practice, received, reaches, gap, ids in feeds:
        if table not in counts:
            counts[table] = _counts(record, table, at)
        late, early = (sum(counts[table].get(one, (0, 0))[which] for one in ids) for which in (0, 1))
        people = registered.get(practice, 0)
        rate, before = ((1000 * count / people if people and TABLES[table].dated else None) for count in (late, early))
        days = (at - received).days
        state = "sending"
        if silent(days, gap):
            state = "stopped"
        elif rate is not None and before and rate < THIN * before and early >= 20:
            state = "thin"
        out.append(PracticeFeed(practice, source, table, received, reaches, days, rate, before, state))
    order = ("stopped", "thin", "sending")
    return sorted(out, key=lambda one: (order.index(one.state), one.practice, one.table))


def _counts(record: Record, table: str, at: date) -> Mapping[int, tuple[int, int]]:
    """Rows of the last days, and of the same days a year before, by feed."""
    if not TABLES[table].dated:
        return {}
    span, year = timedelta(days=SPAN), timedelta(days=365)
    found = record.connection.execute(f"""
        SELECT feed_id, count(*) FILTER (event_date >= $late), count(*) FILTER (event_date < $early_to)
        FROM {table} WHERE (known_until IS NULL OR known_until > $at) AND known_at <= $at
            AND (event_date >= $late AND event_date < $at OR event_date >= $early AND event_date < $early_to)
        GROUP BY feed_id""", {"at": at, "late": at - span, "early": at - span - year, "early_to": at - year}).fetchall()  # fmt: skip
    return {feed: (late, early) for feed, late, early in found}
