"""How a shape of dated deliveries is written: rows made by SQL over the truth, each with its delivery, parted into a file a delivery.

The first delivery brings the history up to :data:`BEFORE` days before the end; the others follow monthly, so that what is new, late,
corrected, withdrawn or moved comes as it does in life. Rates of errors are those of ``dirt``; which row is struck is drawn by a
hash of its number and the seed, so that millions of rows need no list of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import duckdb

from features.population.writing.dirt import Dirt
from features.population.writing.tables import Tables

#: Days before the end on which each delivery comes.
BEFORE = (91, 61, 30, 0)
#: Register columns that writers need, joined to rows as ``e``: the entry under which a person stands.
ENTRY = "JOIN entry e ON e.person = t.person AND e.n = CASE WHEN e.entries = 2 THEN hash(t.number) % 2 ELSE 0 END"


@dataclass
class Sending:
    """One shape's deliveries. ``rates`` are of errors of this shape beside those of rows in ``dirt``."""

    tables: Tables
    shape: str
    folder: Path
    dirt: Dirt
    rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def days(self) -> list[date]:
        """When each delivery comes."""
        return [self.tables.ends - timedelta(days=back) for back in BEFORE]

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        return self.tables.connection

    def register(self, sender: str) -> None:
        """Make the table ``entry`` of a sender's register (``n`` counts the entries of a person from 0)."""
        held = self.tables.register(sender, self.dirt).entries
        self.connection.register("entries_held", held)
        self.connection.execute("""
            CREATE OR REPLACE TEMP TABLE entry AS SELECT *, row_number() OVER (PARTITION BY person ORDER BY local_id) - 1 AS n,
                count(*) OVER (PARTITION BY person) AS entries FROM entries_held""")
        self.connection.unregister("entries_held")

    def delivery(self, known_at: str) -> str:
        """SQL of the number of the delivery that brings what was known on a day; the last has everything."""
        days = " + ".join(f"({known_at} > DATE '{on}')::INTEGER" for on in self.days[:-1])
        return f"({days})"

    def struck(self, *names: str) -> str:
        """SQL of the error that strikes a row ``t`` (by its ``number``), null for most: of each name at its rate."""
        draw, low, when = f"(hash(t.number, {self.tables.seed}, '{self.shape}') % 1000000) / 1e6", 0.0, ""
        for name in names:
            high = low + (self.rates[name] if name in self.rates else float(getattr(self.dirt, name)))
            when, low = f"{when} WHEN {draw} < {high} THEN '{name}'", high
        return f"CASE{when} END"

    def write(self, name: str, columns: Mapping[str, str], rows: str, kind: str = "csv", table: str = "") -> None:
        """Write a file a delivery. ``rows`` is SQL with ``delivery``, ``error``, ``true_number`` and whatever ``columns`` (name in the
        file, SQL) say; the notes of errors go to the key as rows of ``table``."""
        chosen = ", ".join(f"CAST({sql} AS VARCHAR) AS {column}" for column, sql in columns.items())
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE made AS SELECT delivery, error, true_number, {chosen} FROM ({rows}) t ORDER BY ALL"
        )
        for number, on in enumerate(self.days):
            file = f"{name}_{on}.{kind}"
            form = "FORMAT parquet, COMPRESSION zstd" if kind == "parquet" else "FORMAT csv, HEADER"
            of_delivery = f"SELECT * FROM made WHERE delivery = {number}"  # In the order of the table.
            kept = ", ".join(f'"{column}"' for column in columns)
            self.connection.execute(f"COPY (SELECT {kept} FROM ({of_delivery})) TO '{self.folder / file}' ({form})")
            if table:
                first = 1 if kind == "parquet" else 2
                notes = self.connection.execute(f"""
                    SELECT place + {first} - 1 AS row, true_number AS nhs_number, '{table}' AS "table", NULL::VARCHAR AS row_key, error
                    FROM (SELECT error, true_number, row_number() OVER () AS place FROM ({of_delivery})) WHERE error IS NOT NULL ORDER BY place""").df()
                self.tables.key.rows(self.shape, f"{self.folder.name}/{file}", notes)
        self.connection.execute("DROP TABLE made")
