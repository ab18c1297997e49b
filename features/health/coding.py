"""What of a feed's codes the code sets find: rows of each category in the last year and in the year before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

import pyarrow as arrow

from features import codelists
from features.codelists import HIERARCHICAL, plain
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES

YEAR = 365
#: A set that found so many rows in a year, and now fewer than this share of them, has been lost sight of.
ENOUGH, FALLEN = 50, 0.5


@dataclass(frozen=True)
class Coverage:
    """Rows of ``table`` from ``source`` with a code of ``code_set``, in the last year and the year before, as shares of all coded
    rows beside them; ``lost`` where what was found is found no longer."""

    table: str
    source: str
    code_set: str
    rows: int
    before: int
    share: float | None
    share_before: float | None
    lost: bool


def coverage(
    record: Record, at: date, *, sets: Collection[str] | None = None, tables: Collection[str] = PERSON_TABLES
) -> list[Coverage]:
    """Every code set (or those of ``sets``) against every coded table of ``tables`` and source that has rows in its system."""
    out = []
    coded = [name for name in PERSON_TABLES if name in tables and {"system", "code"} <= set(TABLES[name].columns)]
    loaded = {name: codelists.load(name) for name in (codelists.names() if sets is None else sorted(sets))}
    for table in coded:
        counts = record.connection.sql(f"""
            SELECT f.source, r.system, r.code, count(*) FILTER (r.event_date >= $late) AS late,
                count(*) FILTER (r.event_date < $late) AS early
            FROM {table} r JOIN (SELECT DISTINCT feed_id, source FROM feed) f USING (feed_id)
            WHERE (r.known_until IS NULL OR r.known_until > $at) AND r.event_date >= $early AND r.event_date < $at AND r.known_at <= $at
            GROUP BY ALL""", params={"late": at - timedelta(days=YEAR), "early": at - timedelta(days=2 * YEAR), "at": at}
        ).to_arrow_table()  # fmt: skip
        for source, system in sorted(
            {(row["source"], row["system"]) for row in counts.select(["source", "system"]).to_pylist()}
        ):
            rows = [row for row in counts.to_pylist() if (row["source"], row["system"]) == (source, system)]
            whole, whole_before = (sum(row[when] for row in rows) for when in ("late", "early"))
            for name, codes in loaded.items():
                if codes.system.name != system:
                    continue
                late, early = _found(codes, rows)
                lost = early >= ENOUGH and late < FALLEN * early * (whole / whole_before if whole_before else 1)
                out.append(
                    Coverage(table, source, name, late, early, _share(late, whole), _share(early, whole_before), lost)
                )
    return out


def _found(codes: codelists.CodeSet, rows: list[dict[str, object]]) -> tuple[int, int]:
    """Rows of each year whose code the set holds."""
    if codes.system.name in HIERARCHICAL:
        begins = tuple(plain(code) for code in codes.codes)
        mine = [row for row in rows if plain(str(row["code"])).startswith(begins)]
    else:
        mine = [row for row in rows if row["code"] in codes.terms]
    table = arrow.Table.from_pylist(mine) if mine else None
    return (sum(table["late"].to_pylist()), sum(table["early"].to_pylist())) if table else (0, 0)


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
