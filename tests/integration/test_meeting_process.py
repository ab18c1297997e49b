"""The service is killed while meetings write: whatever was acknowledged is there. On SQLite and on PostgreSQL."""

from __future__ import annotations

import http.client
import json
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

from risk import clients, keys
from risk import store as stores
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.tokens import Tokens
from tests.integration.test_service_process import Running
from tests.published import published

DECLINE = {
    "decision": "decline",
    "reason": "person_declined",
    "informed": {"told": True, "how": "telephone", "on": "2024-12-02"},
}
#: Acknowledged writes after which the process is killed, while others are under way.
ENOUGH = 12


def test_killed_amid_many_writes_nothing_acknowledged_is_lost(store_settings: Settings) -> None:
    """Harm: a meeting's decisions are gone after a restart, though everybody saw them saved."""
    held = keys.held(store_settings, make=True)
    store = stores.open(store_settings)
    people = tuple((person, "A81001", person - 500, 1.0 / person, 0.5, "high", True) for person in range(501, 505))
    (store_settings.runs / str(published(store, people))).mkdir(parents=True)
    client = clients.add(store, "a test", ["A81001"], date(2024, 12, 2), scopes=["decisions:write"])
    token = Tokens(held.token).issue(client["client_id"], ["decisions:write"], 600)
    opaque = Pseudonyms(held.person, client["client_id"]).of
    environment = {"FRAILTY_HOME": str(store_settings.home), "FRAILTY_STORE": store_settings.store,
                   "FRAILTY_ENVIRONMENT": "test", "FRAILTY_TODAY": "2024-12-02"}  # fmt: skip
    service = Running({name: value for name, value in environment.items() if value})
    acknowledged: list[tuple[int, int]] = []
    enough = threading.Event()

    def write(person: int) -> None:
        version = 0
        try:
            while True:
                connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=30)
                headers = {"Authorization": f"Bearer {token}", "If-Match": f'"v{version}"', "Content-Type": "application/json",
                           "Idempotency-Key": f"write-{person}-{version:08d}"}  # fmt: skip
                connection.request("POST", f"/v1/persons/{opaque(person)}/decisions", json.dumps(DECLINE), headers)
                answer = connection.getresponse()
                version = int(json.loads(answer.read())["version"])
                acknowledged.append((person, version))
                if len(acknowledged) >= ENOUGH:
                    enough.set()
        except (OSError, http.client.HTTPException):
            return  # it was killed

    with ThreadPoolExecutor(4) as writers:
        done = [writers.submit(write, row[0]) for row in people]
        enough.wait(60)
        os.kill(service.process.pid, signal.SIGKILL)
        service.stop(signal.SIGKILL)
    for one in done:
        one.result()
    there = {(person, row["version"]) for person, rows in store.entries(None).items() for row in rows}
    assert len(acknowledged) >= ENOUGH
    assert set(acknowledged) <= there
    for person in {person for person, _ in there}:
        versions = sorted(version for one, version in there if one == person)
        assert versions == list(range(1, len(versions) + 1)), "and no version is missing or twice"
    store.close()
