"""At which dates a record can tell an outcome for training."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pandas as pd

from features.outcomes.declared import Outcome, named
from features.outcomes.telling import untold
from features.record.reader import Record

#: Quarterly snapshots: the first of these months.
QUARTERS = (1, 4, 7, 10)


def usable_dates(
    record: Record,
    outcome: str | Outcome,
    horizon: int | None = None,
    minimum_lookback_days: int = 365,
    *,
    lag: int | None = None,
) -> list[date]:
    """Quarterly index dates, earliest first, at which the outcome's window has been covered and has matured and
    ``minimum_lookback_days`` of the feeds that define it lie before, for one practice or more. Where no quarter's first day fits, the dates are counted
    back by quarters of a year (91 days) from the last day that does. Empty where none does. ``lag`` (days) replaces the
    declared maturity lags.
    """
    outcome = named(outcome)
    days = outcome.days(horizon)
    with record.connection.cursor() as cursor:
        held = {
            table: (start, end, newest)
            for table, start, end, newest in cursor.execute(
                "SELECT table_name, min(period_from), max(period_to), max(known_at) FROM feed "
                "WHERE feed_id NOT IN (SELECT id FROM refused_feed) GROUP BY table_name"
            ).fetchall()
        }
        ((registered, practices),) = cursor.execute(
            "SELECT min(greatest(known_at, event_date)), list(DISTINCT practice) FROM registration WHERE kind = 'regular'"
        ).fetchall()
    if registered is None or not set(outcome.tables) <= set(held):
        return []
    lags = {table: outcome.lag_of(table, lag) for table in outcome.tables}
    window = timedelta(days=days)
    last = min(
        min(end - window - timedelta(days=outcome.after(table)), newest - window - timedelta(days=lags[table]))
        for table, (_, end, newest) in held.items()
        if table in lags
    )
    lookback = timedelta(days=minimum_lookback_days)
    first = max(registered + timedelta(days=1), *(held[table][0] + lookback for table in lags))
    quarters = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in QUARTERS
        if first <= date(year, month, 1) <= last
    ]
    span = (last - first).days
    found = quarters or [last - timedelta(days=91 * back) for back in range(span // 91, -1, -1) if span >= 0]
    if not found:
        return []
    pairs = pd.DataFrame(product(pd.DatetimeIndex(found), practices), columns=["index_date", "practice"])
    told = untold(record, pairs, outcome, days, lag)
    can = set(told.loc[told["untold"] == "", "index_date"].dt.date)
    return [day for day in found if day in can]
