"""Many narrow rows at once, by each database's fastest way in: a prepared statement on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete, select

from risk.store.engine import Database

#: Rows a transaction: others wait for one no longer than for a meeting's own writes.
BATCH = 5_000


def insert_rows(connection: Connection, table: Table, names: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert rows of plain values (numbers, text, booleans, None) in the order of ``names``, in the connection's transaction."""
    quote = connection.dialect.identifier_preparer.quote
    into = f"{quote(table.name)} ({', '.join(quote(name) for name in names)})"
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"INSERT INTO {into} VALUES ({', '.join('?' * len(names))})", rows)
        return
    driver: Any = connection.connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def clear(database: Database, table: Table, number: int) -> None:
    """Remove a run's rows about people (columns ``run`` and ``person_id``) from a table, in small transactions."""
    of_run = table.c.run == number
    some = select(table.c.person_id).where(of_run).limit(BATCH)
    gone = delete(table).where(of_run, table.c.person_id.in_(some))
    cleared = 1
    while cleared:
        with database.writing() as connection:
            cleared = connection.execute(gone).rowcount
