"""The store's database, copied while it is in use and put back where there is nothing. A copy is of one moment."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from sqlalchemy import Connection, column, create_engine, func, inspect, select, table
from sqlalchemy.engine import make_url

from features.errors import BadInput, FrailtyError, Refused
from features.progress import Progress
from features.record.manifest import sync_folder
from risk.backup import postgres
from risk.settings import Settings
from risk.store.engine import Database, connect
from risk.store.schema import config, held

SQLITE = "database.db"
#: Columns that say when a row was told, by table: of them the newest thing in a store is found.
TOLD_AT = {"audit_event": "at", "meeting_entry": "at", "frailty_entry": "at", "overlay": "at", "run": "started_at"}


@dataclass(frozen=True)
class Copy:
    """A copy in ``file``, made by ``how``; ``rows`` by table and the moment of the ``newest`` of them."""

    file: Path
    database: str
    how: str
    schema: str
    rows: dict[str, int]
    newest: datetime | None


def copy(database: Database, folder: Path, progress: Progress) -> Copy:
    """Copy the store behind ``database`` into ``folder``, by what suits its kind."""
    if not database.is_sqlite:
        with database.reading() as connection:
            file, how = postgres.copy(connection, folder, progress)
            return Copy(file, "postgresql", how, _schema(connection), counts(connection), told_last(connection))
    progress.stage("database (SQLite's online backup)")
    file = folder / SQLITE
    copy_sqlite(Path(str(database.engine.url.database)), file)
    engine = create_engine(f"sqlite:///{file}")
    try:
        with engine.connect() as connection:
            return Copy(
                file, "sqlite", "SQLite's online backup", _schema(connection), counts(connection), told_last(connection)
            )
    finally:
        engine.dispose()


def copy_sqlite(source: Path, target: Path) -> None:
    """One consistent copy of a SQLite file that others go on writing to; :class:`BadInput` where the copy is not sound."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as held,
        closing(sqlite3.connect(target)) as copied,
    ):
        held.backup(copied)  # in one step: a write in between would have it begin again, for ever
        copied.execute("PRAGMA journal_mode = DELETE")
        if copied.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise BadInput(
                f"the copy of {source.name} is not sound, so the file itself is damaged: restore the last good backup"
            )


def nothing_there(settings: Settings) -> None:
    """:class:`Refused` unless the database that the settings name holds no table."""
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).exists():
        return
    engine = connect(settings.store_url)
    try:
        if inspect(engine).get_table_names():
            shown = url.render_as_string(hide_password=True)
            raise Refused(
                f"expected an empty database to restore into, found tables in {shown}; a restore overwrites nothing: name an empty one"
            )
    finally:
        engine.dispose()


def put_back(settings: Settings, file: Path, schema: str, progress: Progress) -> None:
    """Put a copy back as the store that the settings name: the schema as it was, the rows, whole or not at all."""
    if file.name == SQLITE:
        if make_url(settings.store_url).get_backend_name() != "sqlite":
            raise Refused("the backup is of a SQLite store; expected FRAILTY_STORE to name one, or to be empty")
        progress.stage("database")
        target = Path(str(make_url(settings.store_url).database))
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = target.with_name(f".{target.name}.restored")
        shutil.copyfile(file, beside)
        beside.chmod(0o600)
        with beside.open("rb") as copied:
            os.fsync(copied.fileno())
        os.rename(beside, target)  # over an empty one at most: nothing_there has looked
        sync_folder(target.parent)
        return
    if make_url(settings.store_url).get_backend_name() != "postgresql":
        raise Refused(
            "the backup is of a PostgreSQL store; expected FRAILTY_STORE to name an empty PostgreSQL database"
        )
    engine = connect(settings.store_url)
    try:
        if file.name == postgres.ROWS:
            with engine.begin() as connection:
                alembic = config()
                alembic.attributes["connection"] = connection
                command.upgrade(alembic, schema)
        postgres.put_back(engine, file, progress)
    finally:
        engine.dispose()


def counts(connection: Connection) -> dict[str, int]:
    """Rows of every table there is, by name."""
    return {
        name: int(connection.scalar(select(func.count()).select_from(table(name))) or 0) for name in _tables(connection)
    }


def told_last(connection: Connection) -> datetime | None:
    """The moment of the newest thing told; None where nothing was."""
    there = set(_tables(connection))
    found = []
    for name, told_at in TOLD_AT.items():
        if (
            name in there
            and (value := connection.scalar(select(func.max(column(told_at))).select_from(table(name)))) is not None
        ):
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
            found.append(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return max(found, default=None)


def _tables(connection: Connection) -> list[str]:
    return sorted(map(str, inspect(connection).get_table_names()))


def _schema(connection: Connection) -> str:
    found = held(connection)
    if found is None:
        raise FrailtyError("the store has no schema: `frailty store migrate` makes it")
    return found
