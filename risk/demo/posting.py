"""One person's rows as a system would post them for an on-demand score, read out of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from features.record.posted import POSTED
from features.record.reader import Record

Posted = dict[str, list[dict[str, Any]]]
#: Deliveries of a table for the same people are told as one: the newest, over all that the earlier ones covered.
_FEEDS = """
SELECT source, table_name, organisation, organisation_scheme, covers, purposes, max(known_at) AS known_at,
    min(period_from) AS period_from, max(period_to) AS period_to
FROM feed WHERE known_at < $at AND covers IN ('*', $practice) AND feed_id NOT IN (SELECT id FROM refused_feed) GROUP BY ALL ORDER BY ALL
"""


def rows_of(record: Record, people: Mapping[int, str], at: date) -> dict[int, Posted]:
    """The rows of each of ``people`` (their practice by person), by table, as JSON has them: days as text, what is null left out. Permitted rows
    alone."""
    with record.connection.cursor() as cursor:
        feeds = {practice: _read(cursor, _FEEDS, {"at": at, "practice": practice}) for practice in set(people.values())}
        found: dict[int, Posted] = {person: {"feed": posted(feeds[practice])} for person, practice in people.items()}
        for name in POSTED:
            if name != "feed":
                rows = _read(
                    cursor, f"SELECT * FROM {name} WHERE person_id IN (SELECT unnest($1::BIGINT[]))", [list(people)]
                )
                for row in rows:
                    found[row["person_id"]].setdefault(name, []).extend(posted([row]))
    return found


def posted(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as they are posted, without the keys that a record fills itself."""
    left_out = ("person_id", "feed_id")
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items() if value is not None and name not in left_out}
        for row in rows
    ]  # fmt: skip


def _read(cursor: Any, sql: str, given: Any) -> list[dict[str, Any]]:
    cursor.execute(sql, given)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
