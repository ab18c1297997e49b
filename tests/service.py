"""A served installation for tests: one published run, and clients that call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.testclient import TestClient

from risk import clients, keys
from risk import store as stores
from risk.settings import Settings
from risk.store import Store
from risk.tokens import Tokens
from serving.app import create_app
from tests.published import published

TODAY = date(2024, 12, 2)


@dataclass(frozen=True)
class Service:
    """The service, and the store behind it."""

    http: TestClient
    settings: Settings
    store: Store

    def client(self, *practices: str, scopes: Sequence[str] = tuple(clients.SCOPES), **days: Any) -> dict[str, Any]:
        """A registered client of these practices; of all of them when none is named."""
        return clients.add(self.store, "a test", practices, TODAY, every=not practices, scopes=scopes, **days)

    def bearer(self, client: dict[str, Any], scopes: Sequence[str] = tuple(clients.SCOPES)) -> dict[str, str]:
        """Headers with a good token of the client's."""
        token = Tokens(keys.held(self.settings).token).issue(client["client_id"], scopes, 60)
        return {"Authorization": f"Bearer {token}"}

    def audited(self, action: str | None = None) -> list[dict[str, Any]]:
        """Rows of the audit: all, or of one action."""
        return [row for row in self.store.audit_rows() if action in (None, row["action"])]


@contextmanager
def serving(settings: Settings) -> Iterator[Service]:
    """The service over a store with one published run; an empty one is given :data:`tests.published.PEOPLE`."""
    settings = settings.model_copy(update={"today": TODAY})
    store = stores.open(settings)
    if store.current_run() is None:
        (settings.runs / str(published(store))).mkdir(parents=True)
    with TestClient(create_app(settings), raise_server_exceptions=True) as http:
        yield Service(http, settings, store)
    store.close()
