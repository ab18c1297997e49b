"""What a record's feeds have delivered, counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.record.reader import Record
from features.record.tables import PERSON_TABLES

_FEEDS = """
    SELECT feed_id, source, table_name AS "table", organisation, organisation_scheme, covers,
        min(period_from)::VARCHAR AS period_from, max(period_to)::VARCHAR AS period_to,
        max(known_at)::VARCHAR AS received, arg_max(purposes, known_at) AS purposes, count(*) AS deliveries
    FROM feed GROUP BY ALL ORDER BY source, "table", organisation, covers
"""


def held_feeds(record: Path) -> list[dict[str, Any]]:
    """One row a feed: identity (an opaque text), source, table, organisation, whom it covers, period, newest delivery,
    purposes, number of deliveries, and rows that it brought (all versions)."""
    with Record(record, purpose="planning") as held:
        found = held.connection.execute(_FEEDS)
        names = [column[0] for column in found.description or ()]
        feeds = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        counted = " UNION ALL ".join(f"SELECT feed_id FROM {table}" for table in PERSON_TABLES)
        rows = dict(held.connection.execute(f"SELECT feed_id, count(*) FROM ({counted}) GROUP BY feed_id").fetchall())
    return [{**feed, "feed_id": str(feed["feed_id"]), "rows": rows.get(feed["feed_id"], 0)} for feed in feeds]
