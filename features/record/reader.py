"""The only way to read the record: DuckDB views over its Parquet files, limited to what may be read for a purpose."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.record import manifest
from features.record.manifest import Manifest
from features.record.permission import AllowAll, FeedInfo, Permissions, Purpose
from features.record.tables import TABLES, Table


@dataclass(frozen=True)
class Refusal:
    """A feed that was not read, and why."""

    feed: FeedInfo
    why: str


class Record:
    """A linked record opened for one purpose.

    ``connection`` has a view for each table of ``TABLES``, with the table's own columns, holding the versions that may be
    read; ``known_until`` is filled wherever a later version took a row's place. ``refused`` lists the feeds left out.
    """

    def __init__(
        self,
        path: Path,
        *,
        purpose: Purpose,
        permissions: Permissions | None = None,
        memory: str | None = None,
        threads: int | None = None,
    ) -> None:
        self.path = Path(path)
        self.purpose = purpose
        self.manifest = manifest.load(self.path)
        self.connection = duckdb.connect(config=_config(memory, threads))
        permissions = permissions or AllowAll()
        self._view(TABLES["feed"], condition="")
        self.refused = self._refusals(permissions)
        self._register("refused_feed", [refusal.feed.feed_id for refusal in self.refused])
        barred = permissions.barred_people(purpose)
        self._register("barred_person", barred)
        for table in TABLES.values():
            if table.name != "feed":
                self._view(table, _condition(bool(self.refused), len(barred) > 0))

    @property
    def fingerprint(self) -> str:
        return self.manifest.fingerprint

    def newest_known_at(self) -> datetime.date | None:
        """The newest day on which any permitted feed delivered: what the record knows, it knew by then."""
        rows = self.connection.execute(
            "SELECT max(known_at) FROM feed WHERE feed_id NOT IN (SELECT id FROM refused_feed)"
        ).fetchall()
        newest: datetime.date | None = rows[0][0]
        return newest

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _view(self, table: Table, condition: str) -> None:
        self.connection.execute(view(self.path, self.manifest, table, condition))

    def _refusals(self, permissions: Permissions) -> list[Refusal]:
        feeds = self.connection.execute(
            "SELECT feed_id, source, table_name, organisation, arg_max(purposes, known_at) "
            "FROM feed GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        refusals = []
        for feed_id, source, table, organisation, purposes in feeds:
            feed = FeedInfo(feed_id, source, table, organisation, tuple(purposes.split()))
            why = permissions.refuses_feed(feed, self.purpose)
            if why is not None:
                refusals.append(Refusal(feed, why))
        return refusals

    def _register(self, name: str, ids: Sequence[int]) -> None:
        self.connection.execute(f"CREATE TABLE {name} AS SELECT unnest($1::BIGINT[]) AS id", [list(ids)])


def view(path: Path, held: Manifest, table: Table, condition: str = "", name: str = "") -> str:
    """SQL that makes a view of all versions of ``table`` in the record at ``path``. A version ends on the earliest day
    that any file gives for it."""
    name = name or table.name
    files = [str(path / f.path) for f in held.of(table.name)]
    if not files:
        empty = ", ".join(f"CAST(NULL AS {_duckdb_type(type_)}) AS {column}" for column, type_ in table.columns.items())
        return f"CREATE OR REPLACE VIEW {name} AS SELECT {empty} WHERE false"
    columns = ", ".join(f"r.{column}" for column in table.columns)
    source = f"read_parquet({files!r}) r"
    closures = [str(path / f.path) for f in held.closed(table.name)]
    if closures:
        columns = columns.replace("r.known_until", "least(r.known_until, ended.known_until) AS known_until")
        source += (
            " LEFT JOIN (SELECT row_id, known_at, min(known_until) AS known_until"
            f" FROM read_parquet({closures!r}) GROUP BY row_id, known_at) ended"
            f" ON ended.row_id = r.{table.key} AND ended.known_at = r.known_at"
        )
    return f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} FROM {source} {condition}"


def _condition(some_feeds_refused: bool, some_people_barred: bool) -> str:
    tests = []
    if some_feeds_refused:
        tests.append("r.feed_id NOT IN (SELECT id FROM refused_feed)")
    if some_people_barred:
        tests.append("r.person_id NOT IN (SELECT id FROM barred_person)")
    return f"WHERE {' AND '.join(tests)}" if tests else ""


def _config(memory: str | None, threads: int | None) -> dict[str, str | bool | int | float | list[str]]:
    config: dict[str, str | bool | int | float | list[str]] = {"preserve_insertion_order": False}
    if memory:
        config["memory_limit"] = memory
    if threads:
        config["threads"] = threads
    return config


def _duckdb_type(type_: object) -> str:
    return {
        "int64": "BIGINT",
        "int32": "INTEGER",
        "double": "DOUBLE",
        "date32[day]": "DATE",
        "string": "VARCHAR",
        "bool": "BOOLEAN",
    }[str(type_)]
