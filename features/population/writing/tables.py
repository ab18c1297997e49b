"""What truly happened and what was truly recorded, as the writers of extracts read it: the simulated area in the record's own
shape, without an error, in a DuckDB connection.

``connection`` has a view for each table of the record's own shape, with its own columns (see ``writing/record.py``) and, first, ``person``: the index of the person, from ``people`` (a patient who exists only in a
practice's own numbering has an index beyond theirs). ``feed`` is the deliveries; ``delivery`` is the same with ``number``,
``came`` and ``upto`` of each delivery of a sender and table, counted from 0. ``people`` and ``addresses`` are those of
``particulars``. ``key`` takes the note of every error made.
"""

from __future__ import annotations

from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.population.happening.history import stream
from features.population.particulars import ADDRESSES, PEOPLE, addresses
from features.population.writing.dirt import Dirt
from features.population.writing.key import Key
from features.population.writing.record import schema
from features.population.writing.register import Register
from features.record.tables import TABLES

RECORD = "record"
#: A person's index from the identifiers of a row.
_PERSON = """coalesce(p.person,
    try_cast(CASE WHEN starts_with(t.local_id, 'TEST') THEN t.local_id[5:] ELSE t.local_id[2:] END AS INTEGER))"""


class Tables:
    """The simulated area in ``folder`` (``people.parquet`` and the folder ``record``). A context that closes it."""

    def __init__(self, folder: Path, seed: int, memory: str = "1GB", threads: int = 2) -> None:
        self.folder, self.seed = Path(folder), seed
        self.key = Key(self.folder)
        self._registers: dict[str, Register] = {}
        spill = {"temp_directory": str(self.folder / "spill")}
        self.connection = duckdb.connect(config={"memory_limit": memory, "threads": threads, **spill})
        self.connection.execute(f"CREATE TABLE people AS SELECT * FROM '{self.folder / PEOPLE}' ORDER BY person")
        for name in TABLES:
            self._view(name)
        self._addresses()

    def sql(self, query: str) -> arrow.Table:
        """The rows of a query, in its order."""
        return self.connection.sql(query).to_arrow_table()

    def register(self, sender: str, dirt: Dirt) -> Register:
        """Whom ``sender`` knows, and as whom: made once, the same for every shape that asks, and noted in the key."""
        if sender not in self._registers:
            made = dirt.register(self.people, sender, stream(self.seed, f"register {sender}"))
            self._registers[sender] = made
            self.key.register(made)
        return self._registers[sender]

    @cached_property
    def people(self) -> arrow.Table:
        """Particulars of everybody, in the order of ``person``, with the last address: ``address``, ``postcode``, and
        those of the one before (``address_before``, ``postcode_before``; null where there was none)."""
        return self.sql("""
            WITH last AS (
                SELECT person, address, postcode, uprn, lead(address) OVER back AS address_before,
                    lead(postcode) OVER back AS postcode_before
                FROM addresses WINDOW back AS (PARTITION BY person ORDER BY event_date DESC, uprn)
                QUALIFY row_number() OVER back = 1)
            SELECT people.*, last.* EXCLUDE (person), death.event_date AS death_date
            FROM people LEFT JOIN last USING (person)
            LEFT JOIN (SELECT person, min(event_date) AS event_date FROM death GROUP BY person) death USING (person)
            ORDER BY person""")

    @property
    def ends(self) -> date:
        """The last day of the history."""
        found = self.connection.execute("SELECT max(known_at) FROM feed").fetchall()[0][0]
        assert isinstance(found, date)
        return found

    def _view(self, name: str) -> None:
        path = self.folder / RECORD / f"{name}.parquet"
        if not path.is_file():
            empty = schema(name).insert(0, arrow.field("person", arrow.int32())).empty_table()
            self.connection.register(f"no_{name}", empty)
            self.connection.execute(f"CREATE VIEW {name} AS SELECT * FROM no_{name}")
            return
        if name == "feed":
            self.connection.execute(f"CREATE TABLE feed AS SELECT * FROM '{path}'")
            self.connection.execute("""
                CREATE TABLE delivery AS SELECT feed, source, table_name, organisation, covers, known_at AS came,
                    period_to AS upto, period_from, row_number() OVER (
                        PARTITION BY source, table_name, organisation, covers ORDER BY known_at) - 1 AS number
                FROM feed""")
            return
        self.connection.execute(
            f"CREATE VIEW {name} AS SELECT {_PERSON} AS person, t.* FROM '{path}' t LEFT JOIN people p USING (nhs_number)"
        )

    def _addresses(self) -> None:
        held = self.folder / ADDRESSES
        if not held.is_file():
            rows = self.sql("""
                SELECT person, event_date, max(end_date) AS end_date, arg_max(lsoa, known_at) AS lsoa,
                    arg_max(kind, known_at) AS kind
                FROM residence GROUP BY person, row_key, event_date ORDER BY person, event_date, row_key""")
            parquet.write_table(addresses(rows, self.seed), held, compression="zstd")
        self.connection.execute(f"CREATE TABLE addresses AS SELECT * FROM '{held}'")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Tables:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
