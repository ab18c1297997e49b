"""The state of every feed of a record on a day, as data: for the page of feeds, and for whoever guards a run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from features.health.coding import Coverage, coverage
from features.health.practices import PracticeFeed, practices, silent
from features.health.volumes import Week, by_week
from features.record.reader import Record
from features.record.tables import TABLES


@dataclass(frozen=True)
class FeedState:
    """A table as one source sends it, all its senders together. ``gap`` is the usual number of days between a sender's deliveries,
    ``lag`` (and ``lag_most``) the median (and 95th centile) of days from a thing to the day it was known, over the last year."""

    source: str
    table: str
    senders: int
    deliveries: int
    period_from: date
    period_to: date
    received: date
    days_since: int
    gap: float | None
    lag: int | None
    lag_most: int | None
    rows: int
    silent: Sequence[str]
    weeks: Sequence[Week]

    @property
    def unusual(self) -> list[Week]:
        """The unusual weeks among the last eight whole ones."""
        return [week for week in [week for week in self.weeks if week.whole][-8:] if week.unusual]


@dataclass(frozen=True)
class Health:
    """Everything known of a record's feeds on the day ``at``."""

    at: date
    feeds: Sequence[FeedState]
    practices: Sequence[PracticeFeed]
    codes: Sequence[Coverage]

    @property
    def troubles(self) -> list[str]:
        """What somebody should look at, a sentence each."""
        told = []
        stopped: dict[tuple[str, str], list[str]] = {}
        for one in self.practices:
            if one.state == "stopped":
                stopped.setdefault((one.practice, one.received.isoformat()), []).append(one.table)
        for (practice, received), tables in stopped.items():
            told.append(f"practice {practice} has sent nothing since {received} ({', '.join(sorted(set(tables)))})")
        for one in self.practices:
            if one.state == "thin":
                told.append(
                    f"practice {one.practice} sends {one.rate:.0f} rows of {one.table} for each 1,000 people, {one.before:.0f} a year before"
                )
        for feed in self.feeds:
            told += [f"{feed.source} from {sender} has sent no {feed.table} since it was due" for sender in feed.silent]
            if feed.unusual:
                week = feed.unusual[-1]
                told.append(f"{feed.source} brought {week.rows:,} rows of {feed.table} for the week of {week.begins}, "
                            f"expected {week.low:,.0f} to {week.high:,.0f}")  # fmt: skip
        for code in self.codes:
            if code.lost:
                told.append(
                    f"{code.source} brought {code.rows:,} rows of {code.table} with codes of {code.code_set}, {code.before:,} a year before"
                )
        return told

    def as_dict(self) -> dict[str, Any]:
        return {"at": str(self.at), "troubles": self.troubles, "feeds": [asdict(one) for one in self.feeds],
                "practices": [asdict(one) for one in self.practices], "codes": [asdict(one) for one in self.codes]}  # fmt: skip


def health(record: Record, at: date) -> Health:
    """The state of the feeds of ``record`` as known on ``at``; feeds that may not be read for its purpose are left out."""
    return Health(at, _feeds(record, at), practices(record, at), coverage(record, at))


def _feeds(record: Record, at: date) -> list[FeedState]:
    senders = record.connection.execute("""
        WITH came AS (
            SELECT feed_id, source, table_name, organisation, covers, known_at, period_from, period_to,
                date_diff('day', lag(known_at) OVER (PARTITION BY feed_id ORDER BY known_at), known_at) AS gap
            FROM feed WHERE known_at <= $at AND feed_id NOT IN (SELECT id FROM refused_feed))
        SELECT source, table_name, feed_id, any_value(organisation), any_value(covers), count(*), min(period_from), max(period_to),
            max(known_at), median(gap) FROM came GROUP BY source, table_name, feed_id ORDER BY ALL""", {"at": at}).fetchall()  # fmt: skip
    out = []
    for source, table in dict.fromkeys((row[0], row[1]) for row in senders):
        mine = [row for row in senders if (row[0], row[1]) == (source, table)]
        ids = [row[2] for row in mine]
        gaps = sorted(row[9] for row in mine if row[9] is not None)
        gap = gaps[len(gaps) // 2] if gaps else None
        received, reaches = max(row[8] for row in mine), max(row[7] for row in mine)
        rows, lag, most = _rows_and_lag(record, table, ids, at)
        weeks = by_week(record, table, ids, at, min(row[7] for row in mine if not silent((at - row[8]).days, row[9]) or row[8] == received),
                        most or 0) if TABLES[table].dated else []  # fmt: skip
        out.append(FeedState(
            source, table, len(mine), sum(row[5] for row in mine), min(row[6] for row in mine), reaches, received,
            (at - received).days, gap, lag, most, rows,
            [row[3] for row in mine if row[4] == "*" and silent((at - row[8]).days, row[9])], weeks,
        ))  # fmt: skip
    return out


def _rows_and_lag(record: Record, table: str, feeds: Sequence[int], at: date) -> tuple[int, int | None, int | None]:
    """Rows in force, and days from a thing to its first being known."""
    params = {"feeds": list(feeds), "at": at}
    mine = "feed_id IN (SELECT unnest($feeds::BIGINT[])) AND known_at <= $at"
    rows = record.connection.execute(
        f"SELECT count(*) FROM {table} WHERE {mine} AND (known_until IS NULL OR known_until > $at)", params
    ).fetchall()[0][0]
    if not TABLES[table].dated:
        return int(rows), None, None
    lag, most = record.connection.execute(f"""
        SELECT median(days), quantile_cont(days, 0.95) FROM (
            SELECT date_diff('day', event_date, min(known_at)) AS days FROM {table}
            WHERE {mine} AND event_date >= $since GROUP BY row_id, event_date)""", {**params, "since": at - timedelta(days=365)}).fetchall()[0]  # fmt: skip
    return int(rows), None if lag is None else round(lag), None if most is None else round(most)
