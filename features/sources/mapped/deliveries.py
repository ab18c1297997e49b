"""The deliveries that a mapping's feeds declare, as rows of the feed file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pyarrow as arrow

from features.sources.contract import FEED_COLUMNS
from features.sources.mapped.declared import Feed
from features.sources.mapped.templates import day, fill

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Delivered:
    """One feed of one table: its identity, and its deliveries as (received, period_to), earliest first."""

    table: str
    organisation: str
    scheme: str
    covers: str
    purposes: str
    period_from: date
    deliveries: tuple[tuple[date, date], ...]

    @property
    def key(self) -> str:
        """What rows call it by: its newest delivery."""
        return self.key_of(self.deliveries[-1][0])

    def key_of(self, received: date) -> str:
        return "/".join((self.table, self.organisation, self.covers, received.isoformat()))


def delivered(feed: Feed, table: str, values: Mapping[str, str]) -> Delivered:
    """The feed with braces filled. :class:`ValueError` where a day or a number of days does not read, or days run
    backwards."""
    lag, stands = int(fill(feed.lag_days, values)), int(fill(feed.stands_days, values))
    if feed.every:
        asked = [(on, on) for on in _regular(feed, values)]
    else:
        asked = [(day(one.received, values), day(one.period_to or one.received, values)) for one in feed.deliveries]
    if feed.period_end:
        end = day(feed.period_end, values)
        # Of deliveries that cover the same days the last stands: it shows that nothing more was to come.
        asked = [(received, to) for to, received in {min(to, end): received for received, to in sorted(asked)}.items()]
    made = sorted((received + timedelta(days=lag), to + timedelta(days=stands)) for received, to in asked)
    begins = day(feed.period_from, values)
    if any(to < begins for _, to in made):
        raise ValueError(f"a delivery covers nothing: it ends before period_from, {begins}")
    if any(later[0] == earlier[0] or later[1] < earlier[1] for earlier, later in pairwise(made)):
        raise ValueError("a later delivery covers less than an earlier one, or two were received on one day")
    return Delivered(
        table,
        fill(feed.organisation, values),
        feed.organisation_scheme,
        fill(feed.covers, values),
        fill(feed.purposes, values),
        begins,
        tuple(made),
    )


def feed_rows(source: str, feeds: Iterable[Delivered]) -> arrow.Table:
    """The feed file: one row a delivery."""
    rows = [
        {
            "feed": feed.key_of(received), "known_at": received, "known_until": None, "source": source,
            "table_name": feed.table, "organisation": feed.organisation, "organisation_scheme": feed.scheme,
            "covers": feed.covers, "period_from": feed.period_from, "period_to": to, "purposes": feed.purposes,
        }
        for feed in feeds for received, to in feed.deliveries
    ]  # fmt: skip
    days = ("known_at", "known_until", "period_from", "period_to")
    types = {name: arrow.date32() if name in days else arrow.string() for name in ("feed", *FEED_COLUMNS)}
    return arrow.table({name: arrow.array([row[name] for row in rows], type_) for name, type_ in types.items()})


def _regular(feed: Feed, values: Mapping[str, str]) -> list[date]:
    first, last = day(feed.first_received or "", values), day(feed.last_received or "", values)
    step = _MONTHS[feed.every or "month"]
    months = (first.year * 12 + first.month - 1 + step * n for n in range(12 * 200))
    days: list[date] = []
    for month in months:
        on = date(month // 12, month % 12 + 1, min(first.day, 28))
        if on > last:
            break
        days.append(on)
    if not days or days[-1] != last:
        days.append(last)
    return days
