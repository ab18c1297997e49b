"""A record made from the simulated area's extracts, held against what is true: row by row, and what the dirt hid by name.

Of a thing the last version counts. Whose a record's row is, the identity store says: by the true NHS number, or by the sender's own
number and the key's registers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.linkage.identity import NOBODY, IdentityStore
from features.population.writing.tables import Tables
from features.record.reader import Record
from features.record.tables import TABLES

#: Columns that say whose, whence and since when, not what.
SILENT = ("row_id", "person_id", "feed_id", "known_at", "known_until", "spell_id", "other_person_id")


@dataclass(frozen=True)
class Compared:
    """Rows of a table that are true and in the record, true and not in it, and in it and not true; of those not in it, by the name
    of the error that hides them (``None``: by none)."""

    table: str
    same: int
    missing: int
    extra: int
    hidden: Mapping[str | None, int]
    invented: Mapping[str | None, int]


@contextmanager
def held(extracts: Path, record: Path, identity: IdentityStore, seed: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the truth's views, the record's (``held_<table>``), ``who`` (person_id, person), and ``wrong`` (person, error) of
    registers."""
    with Tables(extracts / "key", seed) as tables, Record(record, purpose="evaluation") as opened:
        connection = tables.connection
        connection.register("who_found", _who(tables, extracts / "key", identity))
        connection.execute("CREATE TABLE who AS SELECT DISTINCT * FROM who_found")
        for name in TABLES:
            rows = opened.connection.sql(f"SELECT * FROM {name} WHERE known_until IS NULL").to_arrow_table()
            connection.register(f"rows_{name}", rows)
            if name != "feed":
                connection.execute(
                    f"CREATE VIEW held_{name} AS SELECT person, r.* FROM rows_{name} r LEFT JOIN who USING (person_id)"
                )
        connection.execute(f"CREATE TABLE key_rows AS SELECT * FROM '{extracts / 'key' / 'rows.parquet'}'")
        connection.execute(f"""CREATE TABLE wrong AS SELECT DISTINCT person, unnest(string_split(error, ' ')) AS error
            FROM '{extracts / "key" / "registers.parquet"}' JOIN people USING (nhs_number) WHERE error IS NOT NULL""")
        yield connection


def compare(connection: duckdb.DuckDBPyConnection, shape: str) -> list[Compared]:
    """Each table that ``shape`` carries."""
    module = importlib.import_module(f"features.population.writing.{shape}")
    return [_compare(connection, table, source, getattr(module, "SAYS", {})) for table, source in module.CARRIES]


def _compare(connection: duckdb.DuckDBPyConnection, table: str, source: str, says: Mapping[str, str]) -> Compared:
    columns = [name for name in TABLES[table].columns if name not in SILENT and name not in _absent(connection, table)]
    words = " ".join(f"WHEN '{true}' THEN '{one}'" for true, one in says.items())
    said = {name: f"CASE {name} {words} ELSE {name} END" if words and name == "component" else name for name in columns}
    chosen = ", ".join(f"{_plain(sql, TABLES[table].columns[name])} AS {name}" for name, sql in said.items())
    plain = ", ".join(
        f"{_plain(name, type_)} AS {name}" for name, type_ in TABLES[table].columns.items() if name in columns
    )
    true = f"""SELECT person, {chosen} FROM {table}
        WHERE split_part(feed, ':', 1) = '{source}'
        QUALIFY row_number() OVER (PARTITION BY coalesce(row_key, feed || rowid_) ORDER BY known_at DESC) = 1"""
    true = true.replace(
        f"FROM {table}", f"FROM (SELECT *, CAST(row_number() OVER () AS VARCHAR) AS rowid_ FROM {table})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE true_rows AS {true}")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE held_rows AS SELECT person, {plain} FROM held_{table}{_of(table, source)}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE missing AS SELECT * FROM true_rows EXCEPT ALL SELECT * FROM held_rows"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE extra AS SELECT * FROM held_rows EXCEPT ALL SELECT * FROM true_rows"
    )
    whole = _count(connection, "true_rows")
    missing, extra = _count(connection, "missing"), _count(connection, "extra")
    return Compared(
        table,
        whole - missing,
        missing,
        extra,
        _hidden(connection, table, "missing"),
        _hidden(connection, table, "extra"),
    )


def _of(table: str, source: str) -> str:
    """Which of the record's rows are from the extract that stands for the truth's source."""
    kind = {"council": "cld", "community": "csds"}.get(source, source)
    return f" WHERE feed_id IN (SELECT feed_id FROM rows_feed WHERE source = '{kind}' AND table_name = '{table}')"


def _hidden(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> dict[str | None, int]:
    """Rows by the first error that is known of their person, those that take a row to somebody else first."""
    return dict(
        connection.execute(f"""
        SELECT coalesce((SELECT min(error) FROM wrong w WHERE w.person = m.person AND error LIKE 'number%' AND ('{table}' = 'person' OR error = 'number_of_another')),
            (SELECT min(error) FROM key_rows k JOIN people USING (nhs_number) WHERE people.person = m.person AND k."table" = '{table}')) AS error, count(*)
        FROM {rows} m GROUP BY 1 ORDER BY 1""").fetchall()
    )


def _plain(sql: str, type_: arrow.DataType) -> str:
    return f"round({sql}, 6)" if type_ == arrow.float64() else sql


def _absent(connection: duckdb.DuckDBPyConnection, table: str) -> set[str]:
    there = {row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()}
    return set(TABLES[table].columns) - there


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])


def _who(tables: Tables, key: Path, identity: IdentityStore) -> arrow.Table:
    """person_id and the index of the person, by NHS number first, then by every sender's own number."""
    people = tables.people
    numbers = people["nhs_number"].combine_chunks()
    found = {
        int(one): index
        for index, one in enumerate(identity.find(numbers, "", arrow.nulls(len(numbers), arrow.string())))
        if one != NOBODY
    }
    registers = parquet.read_table(key / "registers.parquet")
    index = {number: i for i, number in enumerate(numbers.to_pylist())}
    true = np.array([index[number] for number in registers["nhs_number"].to_pylist()])
    locals_ = [
        f"{sender}_{own}"
        for sender, own in zip(*(registers[n].to_pylist() for n in ("sender", "local_id")), strict=True)
    ]
    for source in ("cld", "csds"):
        met = identity.find(arrow.nulls(len(true), arrow.string()), source, arrow.array(locals_, arrow.string()))
        for one, person in zip(met.tolist(), true.tolist(), strict=True):
            if one != NOBODY:
                found.setdefault(one, person)
    return arrow.table(
        {
            "person_id": arrow.array(list(found), arrow.int64()),
            "person": arrow.array(list(found.values()), arrow.int32()),
        }
    )


def told(compared: list[Compared]) -> list[dict[str, Any]]:
    """As rows to print."""
    return [{**vars(one), "hidden": dict(one.hidden), "invented": dict(one.invented)} for one in compared]
