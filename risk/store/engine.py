"""The database behind the store: SQLite on local disk, or PostgreSQL by URL. Reads and writes are short transactions."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from math import inf
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, RowMapping, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DisconnectionError,
    InterfaceError,
    InternalError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from features.errors import MissingPart, WrongUsage

BACKENDS = {"sqlite", "postgresql"}
BUSY_SECONDS = 30
#: Connections kept, and those more that a burst may open: as many as the service has threads.
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 30}
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten: somebody may have been promised that it is gone
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
)


#: How PostgreSQL begins a transaction that reads: the driver says it with BEGIN, and not after it.
_READ_ONLY: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
#: Seconds after which a connection that nobody used is asked whether it still stands: a database does not restart in less.
_UNUSED = 0.1
#: What drivers raise when the database is gone, full, locked or read only; psycopg's own where rows are copied in. PostgreSQL calls a file that may not
#: grow, and a server that only reads, internal errors.
_GONE = (
    OperationalError,
    InterfaceError,
    InternalError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
    psycopg.InternalError,
)


#: The view that the reads of the work under way share, if they do.
_VIEW: ContextVar[_View | None] = ContextVar("view", default=None)


class Unreachable(MissingPart):
    """The store does not answer."""


def connect(url: str) -> Engine:
    """An engine for ``url``. :class:`WrongUsage` where the URL names no database that the store runs on."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise WrongUsage(
            "expected FRAILTY_STORE to be a database URL such as postgresql+psycopg://host/name"
        ) from error
    if backend not in BACKENDS:
        raise WrongUsage(f"expected a store on SQLite or PostgreSQL, found {backend}; set FRAILTY_STORE")
    return _sqlite(parsed) if backend == "sqlite" else _postgresql(parsed)


def _postgresql(url: URL) -> Engine:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), hide_parameters=True, **POOL, connect_args={"connect_timeout": 5}
    )

    @event.listens_for(engine, "checkin")
    def _left(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _asked(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        """The pool's own pre-ping, of connections that lay unused alone: under load few do."""
        if time.monotonic() - record.info.get("left", inf) > _UNUSED:
            try:
                engine.dialect.do_ping(connection)
            except psycopg.Error as error:
                raise DisconnectionError from error

    return engine


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise WrongUsage("expected a SQLite store in a file, found one in memory; set FRAILTY_STORE")
    _private(Path(url.database))
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}, **POOL)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own transactions begin late and not at all before DDL: the store says BEGIN itself.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def _private(path: Path) -> None:
    """The database file, readable by its owner alone from its first moment."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise Unreachable(f"the store cannot be opened at {path}: {error.strerror}; check FRAILTY_HOME") from error


def plain(row: RowMapping) -> dict[str, Any]:
    """A row as a dict whose keys are text and nothing else: SQLAlchemy's are a kind of text that JSON writers refuse."""
    return {str(name): value for name, value in row.items()}


class _View:
    """One transaction for the reads of one piece of work, begun by the first of them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._held = ExitStack()
        self._connection: Connection | None = None

    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = self._held.enter_context(self.database.transaction())
        return self._connection

    def end(self, failed: BaseException | None = None) -> None:
        """What is read next is read anew. ``failed``: what a statement raised; its transaction is rolled back, since one whose connection is lost cannot be
        committed."""
        self._connection = None
        self._held.__exit__(type(failed) if failed else None, failed, failed.__traceback__ if failed else None)


class Database:
    """Transactions on an engine. Every method of the store is one of them, or a stated few."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._writer = engine.execution_options(writes=True)
        self._reader = engine if self.is_sqlite else engine.execution_options(**_READ_ONLY)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One that reads and writes nothing."""
        with self._reader.begin() as connection:
            yield connection

    @contextmanager
    def viewing(self) -> Iterator[None]:
        """What is read inside, up to the next write, is read in one transaction: one consistent view, and begun once instead of once a method. Inside
        another it is a part of that one."""
        around = _VIEW.get()
        if around is not None and around.database is self:
            yield
            return
        view = _View(self)
        token = _VIEW.set(view)
        try:
            yield
        finally:
            _VIEW.reset(token)
            self._ended(view)

    def end_view(self) -> None:
        """Give back the view's connection, where there is one: whoever is about to write, or to wait for somebody who does, holds none."""
        view = _VIEW.get()
        if view is not None and view.database is self:
            self._ended(view)

    def _ended(self, view: _View) -> None:
        try:
            view.end()
        except _GONE as error:
            raise self._unreachable() from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view. :class:`Unreachable` where the database does not answer."""
        view = _VIEW.get()
        try:
            if view is None or view.database is not self:
                with self.transaction() as connection:
                    yield connection
                return
            try:
                yield view.connection()
            except BaseException as error:
                view.end(error)  # a transaction in which a statement failed answers nothing more
                raise
        except _GONE as error:
            raise self._unreachable() from error

    @contextmanager
    def writing(self, alone: int = 0) -> Iterator[Connection]:
        """One transaction, whole or not at all. ``alone`` numbers what only one writer may do at a time (SQLite lets
        only one write anything)."""
        self.end_view()
        try:
            with self._writer.begin() as connection:
                if alone and not self.is_sqlite:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": alone})
                yield connection
        except _GONE as error:
            raise self._unreachable() from error

    def close(self) -> None:
        self.engine.dispose()

    def _unreachable(self) -> Unreachable:
        shown = self.engine.url.render_as_string(hide_password=True)
        return Unreachable(f"the store at {shown} does not answer or cannot be written; `frailty doctor` says more")
