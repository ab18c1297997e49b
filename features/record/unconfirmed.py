"""What of people rests on links by probability that nobody has confirmed: it may inform a score, and is not shown as fact."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from features import clocks
from features.coverage import BIT
from features.record.reader import Record
from features.record.tables import PERSON_TABLES

COLUMNS = {"identity": np.float64, "unconfirmed": np.uint64}


def beside(record: Record, at: date, person_id: pd.Series) -> pd.DataFrame:
    """For each of ``person_id``, in their order and index: ``identity`` (float64), the probability that all that reads as theirs at
    ``at`` is theirs (1 where nothing rests on probability), and ``unconfirmed`` (uint64), the mask of tables of which a row reads as
    theirs by probability alone."""
    told = {row[0]: row[1:] for row in _probable(record, at)}
    found = [told.get(person, (1.0, 0)) for person in person_id]
    columns = {
        name: np.array([row[i] for row in found], dtype=type_) for i, (name, type_) in enumerate(COLUMNS.items())
    }
    return pd.DataFrame(columns, index=person_id.index)


def _probable(record: Record, at: date) -> list[tuple[int, float, int]]:
    if not any(period.probability < 1 for period in record.same):
        return []
    linked = f"""
        SELECT m.person_id, m.one, m.probability FROM same_person m
        WHERE m.one <> m.person_id AND m.probability < 1 AND {clocks.known("m", f"DATE '{at}'")}"""
    rows = " UNION ALL ".join(
        f"SELECT DISTINCT person_id, CAST({1 << BIT[table]} AS UBIGINT) AS bit FROM unfollowed.{table} r WHERE r.known_at < DATE '{at}'"
        for table in PERSON_TABLES
        if table != "person_link"
    )
    sql = f"""
        WITH linked AS ({linked}), held AS ({rows})
        SELECT one, min(probability), coalesce(bit_or(bit), 0)::UBIGINT
        FROM linked LEFT JOIN held USING (person_id) GROUP BY one ORDER BY one"""
    return record.connection.execute(sql).fetchall()
