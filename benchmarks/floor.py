"""The floor: DuckDB reading the columns that predictors read, once, with a count and sums."""

from __future__ import annotations

from typing import Literal

from features.engine.lanes import Sweep
from features.engine.language import OF_THE_DAY
from features.engine.plan import Plan
from features.record.reader import Record
from features.record.tables import TABLES


def columns(sweep: Sweep) -> set[str]:
    """Columns of the sweep's table that its facts are made of."""
    table = TABLES[sweep.table]
    wanted = {
        "person_id",
        "row_id",
        "known_at",
        "known_until",
        sweep.date,
        *({"end_date", "event_time"} & table.columns.keys()),
    }
    for lane in sweep.lanes:
        wanted |= {column for column, _ in lane.conditions if column not in OF_THE_DAY}
        wanted |= {column for column in (lane.value, lane.distinct) if column}
    return wanted | ({"system", "code"} if sweep.coded else set())


def scan(record: Record, plan: Plan, through: Literal["files", "views"] = "files") -> int:
    """Read what ``plan`` reads; how many rows there were. ``files``: as they lie, the cheapest there is; ``views``: as the record
    shows them, versions ended and links followed."""
    rows = 0
    for name in dict.fromkeys(sweep.table for sweep in plan.sweeps):
        wanted = set().union(*(columns(sweep) for sweep in plan.sweeps if sweep.table == name))
        sums = ", ".join(f"sum({_number(str(TABLES[name].columns[column]), column)})" for column in sorted(wanted))
        files = [str(record.path / file.path) for file in record.manifest.of(name)]
        source = name if through == "views" else f"read_parquet({files!r})"
        if files:
            rows += record.connection.execute(f"SELECT count(*), {sums} FROM {source}").fetchall()[0][0]
    return rows


def _number(type_: str, column: str) -> str:
    """A column as a number that can be summed."""
    return {"string": f"strlen({column})", "bool": f"{column}::INTEGER", "int64": f"({column} >> 32)",
            "date32[day]": f"{column} - DATE '1970-01-01'"}.get(type_, column)  # fmt: skip
