"""Clients of a service that may be gone for a while: they write and read without a pause, ask again under the same key, and keep what they were told."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Any

from risk import clients, keys
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store import Store
from risk.tokens import Tokens
from tests.published import published

PEOPLE = (501, 502, 503, 504)
PRACTICE = "A81001"
LIST = f"/v1/practices/{PRACTICE}/list"
SCOPES = ("decisions:write", "lists:read")
DECLINE = {
    "decision": "decline",
    "reason": "person_declined",
    "informed": {"told": True, "how": "telephone", "on": "2024-12-02"},
}
#: (status, problem) of "not now".
UNAVAILABLE = (503, "urn:frailty:problem:unavailable")
#: Seconds after which a client that gets no good answer gives up, and its test with it.
PATIENCE = 60


def installation(settings: Settings) -> tuple[Store, dict[str, str]]:
    """A store with a published run of :data:`PEOPLE`, and what the service's process is given."""
    keys.held(settings, make=True)
    store = stores.open(settings)
    rows = tuple((person, PRACTICE, person - 500, 1.0 / person, 0.5, "high", True) for person in PEOPLE)
    (settings.runs / str(published(store, rows))).mkdir(parents=True)
    given = {"FRAILTY_HOME": str(settings.home), "FRAILTY_STORE": settings.store, "FRAILTY_ENVIRONMENT": "test", "FRAILTY_TODAY": "2024-12-02"}  # fmt: skip
    return store, {name: value for name, value in given.items() if value}


def bearer(settings: Settings, store: Store) -> tuple[str, dict[str, str]]:
    """A client of the practice, and its headers."""
    client: str = clients.add(store, "a test", [PRACTICE], date(2024, 12, 2), scopes=SCOPES)["client_id"]
    return client, {"Authorization": f"Bearer {Tokens(keys.held(settings).token).issue(client, SCOPES, 600)}"}


class Clients:
    """A writer of each of ``people`` and two readers, under way while the context is. ``written`` is what was acknowledged, (person, version);
    ``answers`` how often each (status, type of problem or none) came; ``broken`` how often a connection ended without a whole answer."""

    def __init__(self, address: str, settings: Settings, store: Store, people: Sequence[int] = PEOPLE) -> None:
        self._host = address.removeprefix("http://")
        client, self._headers = bearer(settings, store)
        self._opaque = Pseudonyms(keys.held(settings).person, client).of
        self.written: list[tuple[int, int]] = []
        self.answers: Counter[tuple[int, str | None]] = Counter()
        self.broken = 0
        self.failed: list[BaseException] = []
        self.people = tuple(people)
        self._over = False
        self._told = threading.Condition()
        writers = [threading.Thread(target=self._kept, args=(self._write, person)) for person in people]
        self._threads = [*writers, *(threading.Thread(target=self._kept, args=(self._read,)) for _ in range(2))]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Each has its last answer when this returns."""
        self._over = True
        for thread in self._threads:
            thread.join()

    def wait_for(self, written: int = 0, answer: tuple[int, str | None] = (200, None), more: int = 0) -> None:
        """Until so many writes are acknowledged, and ``more`` of such answers came than had come."""
        with self._told:
            enough = self.answers[answer] + more
            assert self._told.wait_for(lambda: self.failed or (len(self.written) >= written and self.answers[answer] >= enough), PATIENCE)  # fmt: skip
        assert not self.failed, self.failed

    def _kept(self, work: Any, *given: Any) -> None:
        try:
            work(http.client.HTTPConnection(self._host, timeout=30), *given)
        except BaseException as error:
            with self._told:
                self.failed.append(error)
                self._told.notify_all()

    def _write(self, connection: http.client.HTTPConnection, person: int) -> None:
        version = 0
        path = f"/v1/persons/{self._opaque(person)}/decisions"
        while not self._over:
            headers = {"If-Match": f'"v{version}"', "Content-Type": "application/json", "Idempotency-Key": f"write-{person}-{version:08d}"}  # fmt: skip
            version = int(self._answered(connection, "POST", path, headers, json.dumps(DECLINE))["version"])
            with self._told:
                self.written.append((person, version))
                self._told.notify_all()

    def _read(self, connection: http.client.HTTPConnection) -> None:
        while not self._over:
            listed = self._answered(connection, "GET", LIST, {}, None)
            assert len(listed["people"]) == len(PEOPLE)

    def _answered(self, connection: http.client.HTTPConnection, method: str, path: str, headers: dict[str, str], body: str | None) -> dict[str, Any]:  # fmt: skip
        """The good answer, asked for again while there is none; any other answer than a good one or "not now" fails."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                connection.request(method, path, body, {**self._headers, **headers})
                answer = connection.getresponse()
                said = json.loads(answer.read())
            except (OSError, http.client.HTTPException):
                connection.close()
                with self._told:
                    self.broken += 1
                time.sleep(0.05)
                continue
            problem = said["type"] if answer.headers["Content-Type"] == "application/problem+json" else None
            with self._told:
                self.answers[answer.status, problem] += 1
                self._told.notify_all()
            if answer.status in {200, 201}:
                return dict(said)
            assert (answer.status, problem) == UNAVAILABLE, (method, path, said)
            time.sleep(0.05)
        raise TimeoutError(f"no good answer to {method} for {PATIENCE} seconds")
