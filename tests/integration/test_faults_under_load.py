"""The database is restarted and the service killed under clients that write, read and ask again: whatever was acknowledged is there, and once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from risk import keys
from risk.audit import Audit
from risk.settings import Settings
from risk.store import Store
from tests.integration.clients_under_load import UNAVAILABLE, Clients, installation
from tests.integration.full_postgres import own_postgres, restarted, stopped, url_of
from tests.integration.test_service_process import Running

#: Acknowledged writes before a fault, and again after it.
ENOUGH = 12


def kept(settings: Settings, store: Store, written: list[tuple[int, int]]) -> None:
    """What was acknowledged is there; of nobody is a version missing or twice, and the audit's chain holds."""
    there = [(person, row["version"]) for person, rows in store.entries(None).items() for row in rows]
    assert set(written) <= set(there)
    for person in {person for person, _ in there}:
        versions = sorted(version for one, version in there if one == person)
        assert versions == list(range(1, len(versions) + 1))
        last = max(version for one, version in written if one == person)
        assert versions[-1] in {last, last + 1}, "and nothing that its writer did not ask for"
    assert Audit(store, keys.held(settings).audit, settings).verify().faults == ()
    store.close()


def unbroken(service: Running) -> None:
    """Nothing went wrong in it that it did not expect."""
    log = "".join(service.said)
    assert '"event": "answered"' in log
    assert "Traceback" not in log
    assert '"event": "failed"' not in log


@pytest.mark.part("postgres")
@pytest.mark.xdist_group("postgres")
def test_a_database_that_goes_away_and_comes_back_under_clients(tmp_path: Path) -> None:
    """Stopped without warning, missed by the clients, and started: 503 meanwhile, every answer whole, and no restart of the service.

    Harm: a decision that a clinician saw saved is gone, or is there twice because the tool asked again; or nobody reads a list until somebody restarts the service."""
    with own_postgres() as server:
        settings = Settings(home=tmp_path / "home", environment="test", store=url_of(server))
        store, given = installation(settings)
        service = Running(given)
        try:
            with Clients(service.address, settings, store) as clients:
                clients.wait_for(written=ENOUGH)
                stopped(server)
                clients.wait_for(answer=UNAVAILABLE, more=len(clients.people))
                restarted(server)
                clients.wait_for(written=len(clients.written) + ENOUGH, more=ENOUGH)
                restarted(server)
                clients.wait_for(written=len(clients.written) + ENOUGH, more=ENOUGH)
            assert clients.failed == []
            assert clients.broken == 0, "no connection ended without a whole answer"
        finally:
            service.stop()
        unbroken(service)
        kept(settings, store, clients.written)


def test_killed_amid_many_writes_and_started_again_under_the_same_clients(store_settings: Settings) -> None:
    """Harm: a meeting's decisions are gone after a restart, though everybody saw them saved; or are there twice."""
    store, given = installation(store_settings)
    service = Running(given)
    port = service.address.rpartition(":")[2]
    with Clients(service.address, store_settings, store) as clients:
        try:
            clients.wait_for(written=ENOUGH)
            os.kill(service.process.pid, signal.SIGKILL)
            service.stop(signal.SIGKILL)
            service = Running(given, "--port", port)
            clients.wait_for(written=len(clients.written) + ENOUGH, more=ENOUGH)
        finally:
            clients.end()
            service.stop()
    assert clients.failed == []
    assert clients.broken > 0
    unbroken(service)
    kept(store_settings, store, clients.written)
