"""Which feeds speak for a practice's people at an index date, and which days a feed has covered.

A table is *available* to a practice at *t* when some permitted delivery, known by then, speaks for that practice or the whole
area and reaches to within the table's staleness of *t*. What is not available is absent, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
import pandas as pd

from features import clocks
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES

#: Bit of each table in a feed mask.
BIT: dict[str, int] = {table: bit for bit, table in enumerate(PERSON_TABLES)}

_PERMITTED = "f.feed_id NOT IN (SELECT id FROM refused_feed)"


def has(masks: np.ndarray | pd.Series, table: str) -> np.ndarray:
    """bool (n,): whether ``table`` is available, by the masks (uint64, n) of rows."""
    return (np.asarray(masks, dtype=np.uint64) >> np.uint64(BIT[table])) & np.uint64(1) == 1


def tables_of(mask: int) -> tuple[str, ...]:
    """Names of the tables that a mask marks as available."""
    return tuple(table for table, bit in BIT.items() if int(mask) >> bit & 1)


def masks(record: Record, at: Sequence[date], practices: Iterable[str]) -> pd.DataFrame:
    """Feed mask of every practice at every date: ``index_date``, ``practice``, ``feeds`` (uint64), one row a pair."""
    stale = " ".join(f"WHEN '{name}' THEN {TABLES[name].stale_after}" for name in PERSON_TABLES)
    bits = " ".join(f"WHEN '{name}' THEN {bit}" for name, bit in BIT.items())
    sql = f"""
        WITH asked AS (SELECT unnest($at::DATE[]) AS t),
        practice AS (SELECT unnest($practices::VARCHAR[]) AS practice),
        fresh AS (
            SELECT DISTINCT a.t, f.covers, f.table_name
            FROM asked a JOIN feed f ON {clocks.known("f", "a.t")}
                AND f.period_to >= a.t - CAST(CASE f.table_name {stale} END AS INTEGER)
            WHERE {_PERMITTED}
        )
        SELECT a.t AS index_date, p.practice,
            coalesce(bit_or(CAST(1 AS UBIGINT) << CAST(CASE f.table_name {bits} END AS UBIGINT)), 0)::UBIGINT AS feeds
        FROM asked a CROSS JOIN practice p LEFT JOIN fresh f ON f.t = a.t AND f.covers IN (p.practice, '*')
        GROUP BY ALL
    """
    with record.connection.cursor() as cursor:
        found = cursor.execute(sql, {"at": list(at), "practices": sorted(set(practices))}).df()
    found["index_date"] = found["index_date"].astype("datetime64[s]")
    found["feeds"] = found["feeds"].astype("uint64")
    return found


def spans(record: Record, tables: Sequence[str], practices: Iterable[str]) -> pd.DataFrame:
    """Unbroken spans of days that an organisation's permitted deliveries, taken together, cover for a practice.

    One row a span: ``table_name``, ``practice``, ``organisation`` (who sent it), ``covered_from``, ``covered_to`` (half-open)
    and ``newest``, the last day on which that organisation delivered the table for that practice. A delivery that a
    later one replaced still counts: its rows are in the record.
    """
    sql = f"""
        WITH practice AS (SELECT unnest($practices::VARCHAR[]) AS practice),
        delivery AS (
            SELECT f.table_name, p.practice, f.organisation_scheme || ':' || f.organisation AS organisation,
                f.period_from, f.period_to, f.known_at
            FROM practice p JOIN feed f ON f.covers IN (p.practice, '*')
            WHERE f.table_name IN (SELECT unnest($tables::VARCHAR[])) AND {_PERMITTED}
        ),
        reach AS (
            SELECT *, max(period_to) OVER (PARTITION BY table_name, practice, organisation
                ORDER BY period_from, period_to ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS reached
            FROM delivery
        ),
        numbered AS (
            SELECT *, count(*) FILTER (reached IS NULL OR period_from > reached) OVER (
                PARTITION BY table_name, practice, organisation ORDER BY period_from, period_to) AS span
            FROM reach
        )
        SELECT table_name, practice, organisation, min(period_from) AS covered_from, max(period_to) AS covered_to,
            max(max(known_at)) OVER (PARTITION BY table_name, practice, organisation) AS newest
        FROM numbered GROUP BY table_name, practice, organisation, span ORDER BY ALL
    """
    with record.connection.cursor() as cursor:
        return cursor.execute(sql, {"tables": list(tables), "practices": sorted(set(practices))}).df()
