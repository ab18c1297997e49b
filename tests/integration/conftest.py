"""Fixtures of the integration tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from risk.settings import Settings
from tests.databases import bare_settings, postgres, sqlite, store, store_settings
from tests.service import Service, serving

__all__ = ["bare_settings", "postgres", "sqlite", "store", "store_settings"]


@pytest.fixture
def service(store_settings: Settings) -> Iterator[Service]:
    """The service over each database, with one published run of five people in two practices."""
    with serving(store_settings) as held:
        yield held
