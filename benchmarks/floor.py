"""The floor: DuckDB reading the columns that predictors read, once, with a count and sums."""

from __future__ import annotations

from typing import Literal

from features.engine import raw
from features.engine.plan import Plan
from features.record.reader import Record
from features.record.tables import TABLES


def scan(record: Record, plan: Plan, through: Literal["files", "views"] = "files") -> int:
    """Read what ``plan`` reads; how many rows there were. ``files``: as they lie, the cheapest there is; ``views``: as the record
    shows them, versions ended and links followed."""
    rows = 0
    for name in dict.fromkeys(sweep.table for sweep in plan.sweeps):
        wanted = {column for sweep in plan.sweeps if sweep.table == name for column in raw.wanted(sweep)}
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
