"""What is handed to others: the rows in force at one date, and what is asked of them, in words that need nothing of ours.

A folder with ``tables/*.parquet`` (rows that the date sees, of the people asked for, in the order of the facts), ``cohort.parquet``
and ``asked.json`` (the predictors put together from facts, with the codes of each that the record has).
"""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as arrow
import pyarrow.parquet as parquet

from features import clocks
from features.codelists import HIERARCHICAL, load, plain
from features.cohort import cohort
from features.engine.language import Between, Facts, Kind, Predictor
from features.predictors import CATALOGUE
from features.record.reader import Record
from features.record.tables import TABLES

#: Kinds that others are asked for. What is worked out from other predictors, or needs an order of intervals or points, is not.
ASKED = frozenset(Kind) - {Kind.POINTS, Kind.NEW, Kind.SOON}


def hand(record: Record, at: date, folder: Path) -> None:
    """Fill ``folder`` (afresh) for the cohort at ``at``."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "tables").mkdir(parents=True)
    people = cohort(record, [at]).frame[["person_id"]]
    parquet.write_table(arrow.Table.from_pandas(people, preserve_index=False), folder / "cohort.parquet")
    asked = [one for one in CATALOGUE if isinstance(one, Predictor) and one.kind in ASKED]
    groups = list(dict.fromkeys(one.of for one in asked))
    connection = record.connection.cursor()
    connection.execute(f"CREATE OR REPLACE TEMP VIEW wanted AS FROM read_parquet('{folder / 'cohort.parquet'}')")
    for table in dict.fromkeys(of.table for of in groups):
        _table(connection, table, at, folder)
    codes = {of: _codes(connection, of, folder) for of in groups}
    said = [_said(one, groups.index(one.of), codes[one.of]) for one in asked]
    (folder / "asked.json").write_text(
        json.dumps({"at": at.isoformat(), "catalogue": len(CATALOGUE), "predictors": said})
    )


def _table(connection: Any, table: str, at: date, folder: Path) -> None:
    """The rows of a table that ``at`` sees, in the order of its facts, ``place`` telling the order."""
    columns = TABLES[table].columns
    seen = clocks.known("r", f"DATE '{at}'")
    order, virtual = "person_id, known_at, row_id", ""
    if TABLES[table].dated:
        seen += f" AND r.event_date < DATE '{at}'"
        order = (
            f"person_id, event_date, {'coalesce(event_time, -1), ' if 'event_time' in columns else ''}known_at, row_id"
        )
        virtual = ", isodow(event_date)::INTEGER AS weekday, month(event_date)::INTEGER AS month"
    kept = [name for name in columns if name not in ("feed_id", "known_until")]
    connection.execute(f"""
        COPY (SELECT {", ".join(kept)}{virtual}, row_number() OVER () AS place FROM (
            SELECT r.* FROM {table} r SEMI JOIN wanted USING (person_id) WHERE {seen} ORDER BY {order}))
        TO '{folder / "tables" / f"{table}.parquet"}' (FORMAT parquet, COMPRESSION zstd)""")


def _codes(connection: Any, of: Facts, folder: Path) -> list[str] | None:
    """Codes of the rows handed over that the group takes (None: any)."""
    if of.codes is None:
        return None
    held = load(of.codes)
    system = held.system.name
    used = connection.execute(
        f"SELECT DISTINCT code FROM read_parquet('{folder / 'tables' / f'{of.table}.parquet'}') WHERE system = ? ORDER BY code",
        [system],
    ).fetchall()
    if system not in HIERARCHICAL:
        return [code for (code,) in used if code in held.terms]
    own = {plain(code) for code in held.codes}
    return [code for (code,) in used if any(plain(code)[:n] in own for n in range(1, len(code) + 1))]


def _said(one: Predictor, group: int, codes: list[str] | None) -> dict[str, Any]:
    of = one.of
    where = [{"column": column, "low": values.low, "high": values.high} if isinstance(values, Between)
             else {"column": column, "in": list(values)} for column, values in of.where]  # fmt: skip
    return {
        "name": one.name, "kind": one.kind.name, "group": group, "table": of.table, "date": of.date, "where": where, "codes": codes,
        "value": of.value, "distinct": of.distinct, "prefix": of.prefix, "within": one.within, "ago": one.ago, "lasting": one.lasting,
        "ends": TABLES[of.table].interval,
    }  # fmt: skip
