"""Whether a practice's feeds can tell an outcome at a date.

They can when, for every table that defines it, somebody was sending the table for that practice at the date, and everybody who was
goes on to cover the whole window, and what of the time after it decides whether an event was one, and has delivered once the window and the table's maturity lag were over. Where one hospital
of two stops sending, its patients would otherwise read as not admitted.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd

from features import coverage
from features.outcomes.declared import Outcome
from features.record.reader import Record


def untold(record: Record, pairs: pd.DataFrame, outcome: Outcome, days: int, lag: int | None = None) -> pd.DataFrame:
    """``pairs`` (distinct ``index_date``, ``practice``) with ``untold``: ``not_matured``, ``not_covered`` or empty where the
    feeds can tell. ``lag`` (days) replaces the declared maturity lags."""
    tables = [(table, outcome.lag_of(table, lag), outcome.after(table)) for table in outcome.tables]
    needed = pairs.merge(pd.DataFrame(tables, columns=["table_name", "lag", "after"]), how="cross")
    needed = needed.merge(coverage.spans(record, outcome.tables, pairs["practice"]), how="left")
    start, end = needed["index_date"], needed["index_date"] + timedelta(days=days)
    sending = (needed["covered_from"] <= start) & (needed["covered_to"] > start)
    needed["none"] = ~sending
    needed["short"] = sending & (needed["covered_to"] < end + pd.to_timedelta(needed["after"], unit="D"))
    needed["late"] = sending & (needed["newest"] < end + pd.to_timedelta(needed["lag"], unit="D"))
    by_table = needed.groupby(["index_date", "practice", "table_name"]).agg(
        {"none": "all", "short": "any", "late": "any"}
    )
    found = by_table.groupby(["index_date", "practice"]).any().reset_index()
    uncovered = found["none"] | found["short"]
    found["untold"] = np.select([found["late"], uncovered], ["not_matured", "not_covered"], default="")
    return found[["index_date", "practice", "untold"]]
