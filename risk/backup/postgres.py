"""A PostgreSQL store copied and put back: by pg_dump and pg_restore where the machine has them, else row by row.

Either way one transaction of repeatable reads is what is copied: pg_dump is given its snapshot, so the counts beside the copy are of the same moment.
"""

from __future__ import annotations

import gzip
import math
import os
import re
import shutil
import subprocess
from base64 import b64decode, b64encode
from datetime import date, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, MetaData, Table, insert, select, text

from features.errors import BadInput, MissingPart
from features.progress import Progress

DUMP, ROWS = "database.dump", "database.rows.gz"
#: Rows read or written together.
BATCH = 5_000
_VERSION = "alembic_version"


def copy(connection: Connection, folder: Path, progress: Progress) -> tuple[Path, str]:
    """Copy what ``connection``, in a transaction of repeatable reads, sees; the file and how it was made."""
    tool = _tool("pg_dump", int(connection.dialect.server_version_info[0]))  # type: ignore[index]
    if tool is not None:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        path = folder / DUMP
        progress.stage("database (pg_dump)")
        _run(
            [tool, "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges", f"--file={path}"],
            connection.engine,
        )
        return path, "pg_dump"
    tables = _reflected(connection)
    path = folder / ROWS
    progress.stage("database (row by row)", len(tables))
    with gzip.open(path, "wb", compresslevel=1) as file:
        for table in tables:
            held = select(table).order_by(*table.primary_key.columns)
            for row in connection.execute(held.execution_options(yield_per=BATCH)):
                file.write(orjson.dumps([str(table.name), *(_written(value) for value in row)]) + b"\n")
            progress.advance()
    return path, "a copy row by row in one transaction (no pg_dump for this server on the machine)"


def put_back(engine: Engine, path: Path, progress: Progress) -> None:
    """Fill the empty database of ``engine`` from a copy, whole or not at all. Of a copy row by row the tables must be there, at its schema.

    :class:`MissingPart` where pg_restore is wanted and not there.
    """
    progress.stage("database")
    if path.name == DUMP:
        with engine.connect() as connection:
            tool = _tool("pg_restore", int(connection.dialect.server_version_info[0]))  # type: ignore[index]
        if tool is None:
            raise MissingPart(
                "this backup was made by pg_dump: install PostgreSQL's client of the server's version, which has pg_restore"
            )
        database = str(engine.url.database)
        _run(
            [
                tool,
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-privileges",
                f"--dbname={database}",
                str(path),
            ],
            engine,
        )
        return
    with engine.begin() as connection:
        tables = {table.name: table for table in _reflected(connection)}
        for table in reversed(tables.values()):
            connection.execute(table.delete())
        name, batch = "", list[dict[str, Any]]()
        with gzip.open(path, "rb") as file:
            for line in file:
                table_name, *values = orjson.loads(line)
                if table_name not in tables:
                    raise BadInput(
                        "the backup's copy names a table that its schema does not have; take an older backup"
                    )
                if batch and (table_name != name or len(batch) >= BATCH):
                    connection.execute(insert(tables[name]), batch)
                    batch = []
                name = table_name
                columns = tables[name].columns
                batch.append(
                    {
                        column.name: _read(value, column.type.python_type)
                        for column, value in zip(columns, values, strict=True)
                    }
                )
        if batch:
            connection.execute(insert(tables[name]), batch)


def _reflected(connection: Connection) -> list[Table]:
    """The tables as they are, each after those that it refers to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != _VERSION]


def _tool(name: str, server: int) -> str | None:
    """The program, where the machine has one that is not older than the server."""
    path = shutil.which(name)
    if path is None:
        return None
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(\.\d+)?", said)
    return path if found and int(found[1]) >= server else None


def _run(command: list[str], engine: Engine) -> None:
    """Run a client of PostgreSQL's on the engine's database; its password is in no list of processes."""
    url = engine.url
    host = url.host or url.query.get("host")
    given = {"PGHOST": host, "PGPORT": url.port or url.query.get("port"), "PGUSER": url.username, "PGPASSWORD": url.password,
             "PGDATABASE": url.database, "PGSSLMODE": url.query.get("sslmode"), "PGSSLROOTCERT": url.query.get("sslrootcert")}  # fmt: skip
    environment = {**os.environ, **{name: str(value) for name, value in given.items() if value}}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MissingPart(
            f"{Path(command[0]).name} ended with {done.returncode}; its words may quote rows and are not repeated; check the database's log"
        )


def _written(value: Any) -> Any:
    """A value as JSON can hold it and :func:`_read` gives it back, by the column's type."""
    if isinstance(value, bytes | memoryview):
        return b64encode(bytes(value)).decode()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _read(value: Any, kind: type) -> Any:
    if not isinstance(value, str) or kind is str:
        return value
    if kind is bytes:
        return b64decode(value)
    if kind is float:
        return float(value)
    return datetime.fromisoformat(value) if kind is datetime else date.fromisoformat(value)
