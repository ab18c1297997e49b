"""What the record's feeds had delivered by an index date: printed with a run, and kept with it."""

from __future__ import annotations

import datetime
from typing import Any

from features.record.reader import Record

#: The delivery in force of each permitted feed: known before the index date, and not yet replaced by then.
IN_FORCE = """
SELECT source, table_name, organisation, covers, known_at, period_to
FROM feed
WHERE known_at < $at AND (known_until IS NULL OR known_until >= $at)
  AND feed_id NOT IN (SELECT id FROM refused_feed)
ORDER BY ALL
"""


def in_force(record: Record, at: datetime.date) -> list[dict[str, Any]]:
    """Each feed with the delivery in force at ``at``: source, table, organisation, covers, received, up_to."""
    rows = record.connection.execute(IN_FORCE, {"at": at}).fetchall()
    names = ("source", "table", "organisation", "covers", "received", "up_to")
    return [dict(zip(names, row, strict=True)) for row in rows]


def newest(deliveries: list[dict[str, Any]]) -> datetime.date | None:
    """The day of the newest delivery; None where nothing had been delivered."""
    return max((row["received"] for row in deliveries), default=None)


def by_table(deliveries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """For each table: how many feeds, the newest delivery of any, and the days up to which the oldest and the freshest of them reach."""
    tables: dict[str, dict[str, Any]] = {}
    for row in deliveries:
        held = tables.setdefault(row["table"], {"feeds": 0, "received": row["received"], "up_to": row["up_to"], "freshest": row["up_to"]})  # fmt: skip
        held["feeds"] += 1
        held["received"] = max(held["received"], row["received"])
        held["up_to"] = min(held["up_to"], row["up_to"])
        held["freshest"] = max(held["freshest"], row["up_to"])
    return tables


def refused(record: Record) -> list[dict[str, str]]:
    """The feeds that were not read, and why."""
    return [
        {"source": r.feed.source, "table": r.feed.table, "organisation": r.feed.organisation, "why": r.why}
        for r in record.refused
    ]
