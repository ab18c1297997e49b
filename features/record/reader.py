"""The only way to read the record: DuckDB views over its Parquet files, limited to what may be read for a purpose."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow.parquet as parquet

from features.record import manifest, one_person
from features.record.manifest import Manifest
from features.record.one_person import Period
from features.record.permission import AllowAll, FeedInfo, Permissions, Purpose
from features.record.tables import TABLES, Table

Follow = Literal["all", "confirmed", "none"]


@dataclass(frozen=True)
class Refusal:
    """A feed that was not read, and why."""

    feed: FeedInfo
    why: str


class Record:
    """A linked record opened for one purpose.

    ``connection`` has a view for each table of ``TABLES``, with the table's own columns, holding the versions that may be
    read; ``known_until`` is filled wherever a later version took a row's place. ``refused`` lists the feeds left out, ``objections`` the
    kinds of objection that leave a person out of what is done for the purpose.

    The views follow the links between people (:mod:`features.record.one_person`; ``person_link`` itself reads as it is):
    ``follow`` says which, ``confirmed`` meaning those that do not rest on probability alone: what shows facts follows those, what
    scores follows ``all``, which is the default unless the purpose is ``ingest``. Rows as they are held then stay readable in
    the schema ``unfollowed``. Whoever may not be read, nor may anybody who was ever linked with them.
    """

    def __init__(
        self,
        path: Path,
        *,
        purpose: Purpose,
        permissions: Permissions | None = None,
        memory: str | None = None,
        threads: int | None = None,
        follow: Follow | None = None,
    ) -> None:
        self.path = Path(path)
        self.purpose = purpose
        self.manifest = manifest.load(self.path)
        self.connection = duckdb.connect(config=_config(memory, threads))
        permissions = permissions or AllowAll()
        self.objections = permissions.objections(purpose)
        self._view(TABLES["feed"], condition="")
        self.refused = self._refusals(permissions)
        self._register("refused_feed", [refusal.feed.feed_id for refusal in self.refused])
        self._view(TABLES["person_link"], _condition(bool(self.refused), False))
        barred = one_person.with_linked(self.connection, permissions.barred_people(purpose))
        self._register("barred_person", barred)
        condition = _condition(bool(self.refused), len(barred) > 0)
        for table in TABLES.values():
            if table.name != "feed":
                self._view(table, condition)
        self.same = self._follow(follow or ("none" if purpose == "ingest" else "all"), condition)

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

    def _view(self, table: Table, condition: str, name: str = "", *, followed: bool = False) -> None:
        self.connection.execute(view(self.path, self.manifest, table, condition, name, followed=followed))

    def _follow(self, follow: Follow, condition: str) -> list[Period]:
        """Make the views give rows to whom they are about as known at the time; the periods by which they do."""
        said = [] if follow == "none" else one_person.held_links(self.connection)
        if follow == "confirmed":
            said = [row for row in said if row.reason != one_person.PROBABLE]
        people = sorted({person for row in said for person in row.pair})
        if not people:
            return []
        found = one_person.periods(said, self._among("registration", people))
        self.connection.register("found", one_person.table(found, self._among("person", people)))
        self.connection.execute("CREATE TABLE same_person AS SELECT * FROM found")
        self.connection.unregister("found")
        if found:
            self.connection.execute("CREATE SCHEMA unfollowed")
            self.connection.execute("CREATE SCHEMA followed")
            for table in TABLES.values():
                if table.name not in ("feed", "person_link"):
                    self._view(table, condition, name=f"unfollowed.{table.name}")
                    self._follow_in(table, condition)
        return found

    def _follow_in(self, table: Table, condition: str) -> None:
        """Make the view of a table of two parts: the few linked people's rows, worked out once, and everybody else's as
        they are in the files, so that whoever asks for some people reads some of the files."""
        linked = "r.person_id IN (SELECT person_id FROM same_person)"
        self._view(table, _also(condition, linked), name="followed.rows", followed=True)
        self.connection.execute(f"CREATE TABLE followed.{table.name} AS FROM followed.rows")
        self.connection.execute("DROP VIEW followed.rows")
        self._view(table, _also(condition, f"NOT {linked}"), name=f"followed.others_of_{table.name}")
        self.connection.execute(
            f"CREATE OR REPLACE VIEW {table.name} AS FROM followed.others_of_{table.name} UNION ALL FROM followed.{table.name}"
        )

    def _among(self, table: str, people: Sequence[int]) -> set[int]:
        """Those of ``people`` who have a row in ``table``."""
        rows = self.connection.execute(
            f"SELECT DISTINCT person_id FROM {table} WHERE person_id IN (SELECT unnest($1::BIGINT[]))", [list(people)]
        ).fetchall()
        return {person for (person,) in rows}

    def feeds(self) -> list[FeedInfo]:
        """Every feed of the record, refused ones too, with the purposes that its newest delivery permits."""
        rows = self.connection.execute(
            "SELECT feed_id, source, table_name, organisation, arg_max(purposes, known_at) "
            "FROM feed GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return [
            FeedInfo(feed_id, source, table, organisation, tuple(purposes.split()))
            for feed_id, source, table, organisation, purposes in rows
        ]

    def _refusals(self, permissions: Permissions) -> list[Refusal]:
        refusals = []
        for feed in self.feeds():
            why = permissions.refuses_feed(feed, self.purpose)
            if why is not None:
                refusals.append(Refusal(feed, why))
        return refusals

    def _register(self, name: str, ids: Sequence[int]) -> None:
        self.connection.execute(f"CREATE TABLE {name} AS SELECT unnest($1::BIGINT[]) AS id", [list(ids)])


def view(
    path: Path, held: Manifest, table: Table, condition: str = "", name: str = "", *, followed: bool = False
) -> str:
    """SQL that makes a view of all versions of ``table`` in the record at ``path``. A version ends on the earliest day
    that any file gives for it. ``followed``: by the links between people, of the table ``same_person``."""
    name = name or table.name
    files = [str(path / f.path) for f in held.of(table.name)]
    if not files:
        empty = ", ".join(f"CAST(NULL AS {_duckdb_type(type_)}) AS {column}" for column, type_ in table.columns.items())
        return f"CREATE OR REPLACE VIEW {name} AS SELECT {empty} WHERE false"
    held_columns = [set(parquet.read_schema(file).names) for file in files]
    columns = {
        column: f"r.{column}" if any(column in of for of in held_columns) else f"CAST(NULL AS {_duckdb_type(type_)})"
        for column, type_ in table.columns.items()
    }
    # Files that an earlier version wrote may lack a column that the table has been given since.
    whole = all(of >= set(table.columns) for of in held_columns)
    source = f"read_parquet({files!r}{'' if whole else ', union_by_name = true'}) r"
    closures = [str(path / f.path) for f in held.closed(table.name)]
    if closures:
        columns["known_until"] = "least(r.known_until, ended.known_until)"
        source += (
            " LEFT JOIN (SELECT row_id, known_at, min(known_until) AS known_until"
            f" FROM read_parquet({closures!r}) GROUP BY row_id, known_at) ended"
            f" ON ended.row_id = r.{table.key} AND ended.known_at = r.known_at"
        )
    if followed:
        source, condition = _followed(table, columns, source, condition)
    shown = ", ".join(f"{said} AS {column}" for column, said in columns.items())
    return f"CREATE OR REPLACE VIEW {name} AS SELECT {shown} FROM {source} {condition}"


def _followed(table: Table, columns: dict[str, str], source: str, condition: str) -> tuple[str, str]:
    """``source`` and ``condition`` of a view that follows links, its ``columns`` changed likewise. What a person was born as is
    said by their own row alone, where they have one."""
    ends = f"coalesce({columns['known_until']}, DATE 'infinity')"
    source += (
        f" LEFT JOIN same_person m ON m.person_id = r.person_id AND m.known_at < {ends}"
        " AND r.known_at < coalesce(m.known_until, DATE 'infinity')"
    )
    columns |= {
        "person_id": "coalesce(m.one, r.person_id)",
        "known_at": "greatest(r.known_at, m.known_at)",
        "known_until": f"least({columns['known_until']}, m.known_until)",
    }
    if table.name == "person":
        own = "(m.one IS NULL OR m.one = r.person_id OR NOT m.described)"
        condition = f"{condition} AND {own}" if condition else f"WHERE {own}"
    return source, condition


def _also(condition: str, test: str) -> str:
    return f"{condition} AND {test}" if condition else f"WHERE {test}"


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
