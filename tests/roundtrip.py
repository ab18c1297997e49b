"""A record made from the simulated area's extracts, held against what is true: row by row, and what the dirt hid by name.

Of a thing the last version counts. Whose a record's row is, the identity store says: by the true NHS number, or by the sender's own
number and the key's registers.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as arrow

from features.governance.objecting import objecting
from features.linkage.identity import IdentityStore
from features.population.writing import practices
from features.population.writing.opt_outs import STANDING
from features.population.writing.practices import IN_PLACE
from features.population.writing.tables import Tables
from features.record.reader import Record
from features.record.tables import TABLES

#: Columns that say whose, whence and since when, not what.
SILENT = ("row_id", "person_id", "feed_id", "known_at", "known_until", "spell_id", "other_person_id", "episode")


#: SQL of how kinds of extract write a sender's own number of a person; some put the practice behind it.
NUMBERS = ("local_id", "sender || '_' || local_id", "sender || '/' || local_id")


@dataclass(frozen=True)
class Compared:
    """Rows of a table that are true and in the record, true and not in it, and in it and not true; of those not in it, by the name
    of the error that hides them (``None``: by none)."""

    shape: str
    table: str
    same: int
    missing: int
    extra: int
    hidden: Mapping[str | None, int]
    invented: Mapping[str | None, int]


@contextmanager
def held(extracts: Path, record: Path, identity: IdentityStore, seed: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with the truth's views, the record's (``held_<table>``), ``who`` (person_id, person), ``wrong`` (person, sender, error) of
    registers and ``key_rows``."""
    key = extracts / "key"
    with Tables(key, seed) as tables, Record(record, purpose="evaluation") as opened:
        connection = tables.connection
        _who(connection, key, identity)
        for name in TABLES:
            rows = opened.connection.sql(f"SELECT * FROM {name} WHERE known_until IS NULL").to_arrow_table()
            connection.register(f"rows_{name}", rows)
            if name != "feed":
                connection.execute(
                    f"CREATE VIEW held_{name} AS SELECT person, r.* FROM rows_{name} r LEFT JOIN who USING (person_id)"
                )
        connection.execute(f"CREATE TABLE key_rows AS SELECT * FROM '{key / 'rows.parquet'}'")
        connection.execute(f"""CREATE TABLE wrong AS SELECT DISTINCT person, sender, unnest(string_split(error, ' ')) AS error
            FROM '{key / "registers.parquet"}' JOIN people USING (nhs_number) WHERE error IS NOT NULL""")
        yield connection


def compare(connection: duckdb.DuckDBPyConnection, shapes: Iterable[str]) -> list[Compared]:
    """Each table that each of ``shapes`` carries."""
    modules = {shape: importlib.import_module(f"features.population.writing.{shape}") for shape in shapes}
    return [of_table(connection, shape, module, table, source) for shape, module in modules.items()
            for table, source in getattr(module, "CARRIES", ())]  # fmt: skip


def of_table(connection: duckdb.DuckDBPyConnection, shape: str, module: Any, table: str, source: str) -> Compared:
    """One table that a shape's ``module`` carries of a source of the truth. The module says under which kind of extract (``SOURCE``), which
    rows alone (``ONLY``, SQL by table), under which table the key notes their errors (``NOTED``), as what (``TRUTH``, a relation by table, where the shape puts rows of the truth together),
    without which columns (``LACKS``, by table) and which words of ``component`` it puts more coarsely (``SAYS``). Codes that practices send in place of a plan or a wish are not held against them. Leaves the tables ``missing`` and ``extra``."""
    there = {row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()}
    silent = {*SILENT, *getattr(module, "LACKS", {}).get(table, ())}
    columns = {name: type_ for name, type_ in TABLES[table].columns.items() if name in there and name not in silent}
    says: Mapping[str, str] = getattr(module, "SAYS", {})
    only = getattr(module, "ONLY", {}).get(table, "true")
    truth = getattr(module, "TRUTH", {}).get(table, table)
    words = " ".join(f"WHEN '{true}' THEN '{one}'" for true, one in says.items())
    coarse = {name: f"CASE {name} {words} ELSE {name} END" for name in columns if words and name == "component"}
    true = ", ".join(f"{_plain(coarse.get(name, name), type_)} AS {name}" for name, type_ in columns.items())
    plain = ", ".join(f"{_plain(name, type_)} AS {name}" for name, type_ in columns.items())
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE true_rows AS SELECT person, {true}
        FROM (SELECT *, row_number() OVER () AS place FROM {truth})
        WHERE split_part(feed, ':', 1) = '{source}' AND ({only})
        QUALIFY row_number() OVER (PARTITION BY coalesce(row_key, 'row ' || place) ORDER BY known_at DESC) = 1""")
    beside = f"AND code NOT IN {IN_PLACE}" if table == "gp_event" else ""
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE held_rows AS SELECT person, {plain} FROM held_{table}
        WHERE feed_id IN (SELECT feed_id FROM rows_feed WHERE source = '{module.SOURCE}' AND table_name = '{table}') {beside}""")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE missing AS SELECT * FROM true_rows EXCEPT ALL SELECT * FROM held_rows"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE extra AS SELECT * FROM held_rows EXCEPT ALL SELECT * FROM true_rows"
    )
    whole, missing, extra = (_count(connection, rows) for rows in ("true_rows", "missing", "extra"))
    return Compared(
        shape,
        table,
        whole - missing,
        missing,
        extra,
        *(_why(connection, module, table, rows, list(columns)) for rows in ("missing", "extra")),
    )


def objectors(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int, int]]:
    """Of each kind of opt-out that comes by list: who objects in truth and in the record, in truth alone, and in the record alone."""
    told = "SELECT person, kind FROM held_objection WHERE kind IN ('national', 'local') AND end_date IS NULL"
    rows = connection.execute(f"""
        SELECT kind, count(*) FILTER (t.person IS NOT NULL AND h.person IS NOT NULL), count(*) FILTER (h.person IS NULL), count(*) FILTER (t.person IS NULL)
        FROM ({STANDING}) t FULL JOIN ({told}) h USING (person, kind) GROUP BY kind""").fetchall()
    return {kind: (both, missing, extra) for kind, both, missing, extra in rows}


def objecting_to_sharing(connection: duckdb.DuckDBPyConnection, record: Path, today: date) -> Compared:
    """Who stands as objecting by a type 1 code of their practice: the last word of truth against that of the record."""
    held = sorted(objecting(record, today).get("type_1", frozenset()))
    connection.register("held_ids", arrow.table({"person_id": arrow.array(held, arrow.int64())}))
    connection.execute(f"""CREATE OR REPLACE TEMP TABLE true_rows AS SELECT person, 'type_1' AS kind FROM ({practices.OPT_OUTS})
        WHERE event_date <= DATE '{today}' GROUP BY person HAVING max_by(code, (event_date, code = '{practices.OPT_OUT_CODES["event_date"]}')) = '{practices.OPT_OUT_CODES["event_date"]}'""")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE held_rows AS SELECT DISTINCT person, 'type_1' AS kind FROM held_ids JOIN who USING (person_id)"
    )
    for rows, of, but in (("missing", "true_rows", "held_rows"), ("extra", "held_rows", "true_rows")):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {rows} AS SELECT * FROM {of} EXCEPT SELECT * FROM {but}")
    whole, missing, extra = (_count(connection, rows) for rows in ("true_rows", "missing", "extra"))
    hidden, invented = (_why(connection, practices, "objection", rows, ["kind"]) for rows in ("missing", "extra"))
    return Compared("practices", "objection", whole - missing, missing, extra, hidden, invented)


def _why(
    connection: duckdb.DuckDBPyConnection, module: Any, table: str, rows: str, columns: list[str]
) -> dict[str | None, int]:
    """Rows by the first error that is known of their person: one of their number, or one of their rows of the table; of rows too many,
    those that somebody else lacks. What the sender of the shape has wrong of a person's particulars explains a person's row."""
    noted = getattr(module, "NOTED", {}).get(table, table)
    particulars = "'birth_transposed', 'birth_mistyped', 'sex_wrong'"
    said = f"hash({', '.join(f'coalesce(CAST({{0}}.{name} AS VARCHAR), chr(0))' for name in columns)})"
    another = f"SELECT min('of_somebody_else') FROM missing n WHERE {said.format('n')} = {said.format('m')}"
    return dict(connection.execute(f"""
        SELECT coalesce(
            (SELECT min(error) FROM wrong w WHERE w.person = m.person AND error LIKE 'number%'
                AND ('{table}' = 'person' OR error = 'number_of_another')),
            (SELECT min(error) FROM key_rows k JOIN people USING (nhs_number)
                WHERE people.person = m.person AND k."table" = '{noted}'),
            (SELECT min(error) FROM wrong w WHERE '{table}' = 'person' AND w.person = m.person AND w.sender = '{getattr(module, "SENDER", "")}'
                AND error IN ({particulars})),
            (SELECT min(error) FROM key_rows k JOIN people USING (nhs_number)
                WHERE people.person = m.person AND k."table" = 'person' AND error IN ('confidential_patient', 'spine_sensitive')),
            (SELECT min('restricted_person') FROM held_objection h WHERE h.person = m.person AND h.kind = 'restricted'),
            ({another if rows == "extra" else "NULL"})) AS error,
            count(*)
        FROM {rows} m GROUP BY 1 ORDER BY 1""").fetchall())  # fmt: skip


def _plain(sql: str, type_: arrow.DataType) -> str:
    return f"round({sql}, 6)" if type_ == arrow.float64() else sql


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])


def _who(connection: duckdb.DuckDBPyConnection, key: Path, identity: IdentityStore) -> None:
    """Make the table ``who`` (person_id, index of the person): by NHS number first, then by a sender's own number."""
    seal = identity._vault.seal("identifier")
    names = [
        (person, *seal.open(sealed).decode().split("|", 1))
        for person, sealed in identity._vault.connection.execute("SELECT person_id, sealed FROM token")
    ]
    ids, kinds, texts = zip(*names, strict=True)
    connection.register("names", arrow.table({"person_id": ids, "kind": kinds, "text": texts}))
    forms = " UNION ALL ".join(f"SELECT person, {form} AS text FROM own" for form in NUMBERS)
    connection.execute(f"""
        CREATE TABLE who AS
        WITH own AS (SELECT person, sender, local_id FROM '{key / "registers.parquet"}' JOIN people USING (nhs_number)),
        of_number AS (SELECT person_id, person, 0 AS place FROM names JOIN people ON kind = 'nhs' AND nhs_number = text),
        -- Behind the kind of extract and before the practice.
        stripped AS (SELECT person_id, regexp_replace(text, '^[^|]*\\|', '') AS text FROM names WHERE kind = 'local'),
        numbered AS (SELECT person_id, text FROM stripped UNION SELECT person_id, regexp_replace(text, '-[A-Z]\\d+$', '') FROM stripped),
        of_own AS (SELECT person_id, person, 1 AS place FROM numbered JOIN (SELECT DISTINCT * FROM ({forms})) USING (text))
        SELECT person_id, arg_min(person, place) AS person FROM (SELECT * FROM of_number UNION ALL SELECT * FROM of_own) GROUP BY person_id""")
    connection.unregister("names")
