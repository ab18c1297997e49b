"""Fixtures of the integration tests."""

from tests.databases import postgres, store, store_settings

__all__ = ["postgres", "store", "store_settings"]
