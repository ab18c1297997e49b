"""Whether each sender of a feed still sends, and as much as a year before: what a run asks before it trusts the record.

A sender that has sent but once has no usual gap, and is not judged by it. Volumes are of the :data:`SPAN` days up to where the sender's newest delivery
reaches, against the same days a year earlier as they were known then, so that what is late in coming is late in both.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from features.health.practices import SPAN, silent
from features.record.reader import Record
from features.record.tables import TABLES

#: A sender with so many rows a year before, and now fewer than this share of them, sends thinly: by chance that happens to nobody.
ENOUGH, FALLEN = 200, 0.5


@dataclass(frozen=True)
class Flow:
    """One sender's feed of a table as known on a day. ``covers`` is a practice, or ``*`` for all. ``gap`` is the usual number of
    days between deliveries (None: only one came); ``rows`` and ``rows_before`` None for what has no dates."""

    source: str
    table: str
    organisation: str
    covers: str
    received: date
    days_since: int
    gap: float | None
    rows: int | None = None
    rows_before: int | None = None

    @property
    def silent(self) -> bool:
        return self.gap is not None and silent(self.days_since, self.gap)

    @property
    def fell(self) -> bool:
        """Whether far less comes than did; a silent feed is silent, and not thin beside."""
        if self.rows is None or self.rows_before is None or self.silent:
            return False
        return self.rows_before >= ENOUGH and self.rows < FALLEN * self.rows_before


def flows(record: Record, at: date, tables: Collection[str]) -> list[Flow]:
    """Every permitted feed of ``tables`` as known on ``at``, by table, source and sender."""
    feeds = record.connection.execute(
        """
        WITH came AS (
            SELECT feed_id, source, table_name, organisation, covers, known_at,
                date_diff('day', lag(known_at) OVER (PARTITION BY feed_id ORDER BY known_at), known_at) AS gap
            FROM feed WHERE known_at <= $at AND covers <> 'NOBODY' AND list_contains($tables, table_name)
                AND feed_id NOT IN (SELECT id FROM refused_feed))
        SELECT feed_id, source, table_name, any_value(organisation), any_value(covers), max(known_at), median(gap)
        FROM came GROUP BY feed_id, source, table_name ORDER BY table_name, source, 4, 5, feed_id""",
        {"at": at, "tables": sorted(tables)},
    ).fetchall()
    counted = {
        table: _counts(record, table, at) for table in sorted({feed[2] for feed in feeds}) if TABLES[table].dated
    }
    return [
        Flow(source, table, organisation, covers, received, (at - received).days, gap,
             *(counted[table].get(feed, (0, 0)) if table in counted else (None, None)))
        for feed, source, table, organisation, covers, received, gap in feeds
    ]  # fmt: skip


def _counts(record: Record, table: str, at: date) -> dict[int, tuple[int, int]]:
    """Rows of the span and of the same days a year before, by feed."""
    found = record.connection.execute(
        f"""
        WITH reach AS (SELECT feed_id, least(max(period_to), $at::DATE) AS upto FROM feed
            WHERE known_at <= $at AND table_name = '{table}' GROUP BY feed_id)
        SELECT r.feed_id,
            count(*) FILTER (r.event_date >= upto - {SPAN} AND r.event_date < upto AND r.known_at <= $at
                AND (r.known_until IS NULL OR r.known_until > $at)),
            count(*) FILTER (r.event_date >= upto - {SPAN + 365} AND r.event_date < upto - 365 AND r.known_at <= $at::DATE - 365
                AND (r.known_until IS NULL OR r.known_until > $at::DATE - 365))
        FROM {table} r JOIN reach USING (feed_id)
        WHERE r.event_date >= (SELECT min(upto) FROM reach) - {SPAN + 365} GROUP BY r.feed_id""",
        {"at": at},
    ).fetchall()
    return {feed: (late, early) for feed, late, early in found}
