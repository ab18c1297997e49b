"""What a store acknowledged is kept: though its database restarts under load, its disk fills, or the clock steps."""

from __future__ import annotations

import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from risk import audit as auditing
from risk import keys
from risk import store as stores
from risk.audit import Audit, Event
from risk.backup import kept
from risk.settings import Settings
from risk.store import Store
from risk.store.engine import Unreachable
from tests.backed_up import installation
from tests.integration.full_postgres import data_full, log_full, own_postgres, restarted, url_of
from tests.integration.store_faults import backing_up, ended, writing

#: Rows that each writer must have had acknowledged before the database goes, and after it is back.
EACH = 5


class Writer(threading.Thread):
    """Adds rows to the audit, one after another, whatever happens; remembers which were acknowledged."""

    def __init__(self, audit: Audit, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self._audit, self.kept, self.refused, self._told = audit, list[str](), 0, threading.Condition()
        self.ended = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ended.is_set():
            number += 1
            try:
                self._audit.record(Event("system", self.name, f"{self.name} {number}"))
            except Unreachable:
                self.refused += 1
                self.ended.wait(0.05)
                continue
            with self._told:
                self.kept.append(f"{self.name} {number}")
                self._told.notify_all()

    def wait_for(self, rows: int) -> None:
        with self._told:
            assert self._told.wait_for(lambda: len(self.kept) >= rows, 60), "nothing is written any more"


@pytest.mark.part("postgres")
@pytest.mark.xdist_group("postgres")
def test_a_database_that_restarts_under_load_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    """Restarted without warning ("immediate": as a machine that loses its power), while three writers write.

    Harm: a decision that a clinician saw saved is gone, or the audit no longer says who read what."""
    with own_postgres() as server:
        settings = Settings(home=tmp_path / "home", environment="test", store=url_of(server))
        store = stores.open(settings)
        audit = Audit(store, keys.held(settings, make=True).audit, settings)
        writers = [Writer(audit, f"writer-{number}") for number in range(3)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.wait_for(EACH)
        before = _started(store)
        restarted(server)
        assert _started(store) > before
        for writer in writers:
            writer.wait_for(len(writer.kept) + EACH)
            writer.ended.set()
        for writer in writers:
            writer.join(60)
        there = [row["action"] for row in store.audit_rows()]
        assert [action for writer in writers for action in writer.kept if action not in there] == []
        assert audit.verify().faults == ()
        store.close()


@pytest.mark.part("postgres")
@pytest.mark.xdist_group("postgres")
def test_a_database_that_goes_amid_the_reads_of_one_answer_is_said_to_be_away(tmp_path: Path) -> None:
    """The second of two reads that share a view meets a database that has restarted since the first: away, and there again for the next.

    Harm: a tool is told that something is broken, when asking again in a second would do."""
    with own_postgres() as server:
        store = stores.open(Settings(home=tmp_path / "home", environment="test", store=url_of(server)))
        with store.viewing():
            before = _started(store)
            restarted(server)
            with pytest.raises(Unreachable, match="does not answer"):
                _started(store)
            assert _started(store) > before
        store.close()


def _started(store: Store) -> datetime:
    with store.reading() as connection:
        found: datetime = connection.execute(text("SELECT pg_postmaster_start_time()")).scalar_one()
    return found


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_full_disk_loses_nothing_that_was_acknowledged(store_settings: Settings, tmp_path: Path) -> None:
    """Harm: the disk fills in the middle of a meeting, and what was saved before cannot be read either."""
    keys.held(store_settings, make=True)
    store = stores.open(store_settings)
    store.close()
    limit = (store_settings.home / "frailty.db").stat().st_size + 200_000
    assert ended(writing, store_settings.model_dump_json(), limit, str(tmp_path / "acknowledged")) == 5
    acknowledged = (tmp_path / "acknowledged").stat().st_size
    store = stores.open(store_settings)
    audit = Audit(store, keys.held(store_settings).audit, store_settings)
    assert [row["action"] for row in store.audit_rows()] == [f"row {number}" for number in range(acknowledged)]
    assert acknowledged > EACH
    audit.record(Event("system", "a test", "there is room again"))
    assert audit.verify().faults == ()
    store.close()


@pytest.mark.part("postgres")
@pytest.mark.xdist_group("postgres")
@pytest.mark.parametrize("full", ["data", "log"])
def test_a_full_disk_under_postgresql_loses_nothing_that_was_acknowledged(full: str, tmp_path: Path) -> None:
    """The disk of the tables is full, and what is written is refused; or that of the database's log, and the database stops. Either is said in a sentence with the exit
    code of a part that is missing; what was acknowledged is there, and is written on to when there is room.

    Harm: the disk fills in the middle of a meeting, and what was saved before cannot be read either."""
    with own_postgres() as server:
        settings = Settings(home=tmp_path / "home", environment="test", store=url_of(server))
        store = stores.open(settings)
        audit = Audit(store, keys.held(settings, make=True).audit, settings)
        if full == "data":
            data_full(server)
        else:
            log_full(server, store, room=400_000)
        acknowledged = list[str]()
        with pytest.raises(Unreachable, match="cannot be written; `frailty doctor` says more") as refused:
            write_on(audit, acknowledged)
        assert refused.value.exit_code == 5
        restarted(server)
        there = [row["action"] for row in store.audit_rows()]
        assert there[: len(acknowledged)] == acknowledged
        assert len(acknowledged) > EACH
        audit.record(Event("system", "a test", "there is room again"))
        assert audit.verify().faults == ()
        store.close()


def write_on(audit: Audit, acknowledged: list[str]) -> None:
    """Write long rows until one is refused; each that was acknowledged is in the list."""
    for number in range(10_000):
        audit.record(Event("system", "a test", f"row {number}", detail={"words": secrets.token_hex(8_000)}))
        acknowledged.append(f"row {number}")


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_backup_onto_a_full_disk_is_none(store_settings: Settings, tmp_path: Path) -> None:
    """Harm: half a backup stands beside the whole ones, and is the newest."""
    installation(store_settings).close()
    assert ended(backing_up, store_settings.model_dump_json(), str(tmp_path / "backups"), 100_000) == 5
    assert kept.there(tmp_path / "backups") == []
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_clock_that_steps_back_leaves_the_audit_in_order(
    store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are in the order in which they were written, whatever the clock said; and none is removed before its time because a later one is stamped
    earlier.

    Harm: after a clock is put right, the audit counts as tampered with, or some of it is removed too early."""
    times = [datetime(2024, 12, 2, hour, tzinfo=UTC) for hour in (9, 10)] + [
        datetime(2024, 12, 1, 8, tzinfo=UTC),
        datetime(2024, 12, 2, 11, tzinfo=UTC),
    ]

    class Stepping(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return times.pop(0)

    store = stores.open(store_settings)
    audit = Audit(store, keys.held(store_settings, make=True).audit, store_settings)
    monkeypatch.setattr(auditing, "datetime", Stepping)
    for number in range(4):
        audit.record(Event("system", "a test", f"row {number}"))
    monkeypatch.undo()
    audit.checkpoint()
    assert [row["action"] for row in store.audit_rows()] == [f"row {number}" for number in range(4)]
    assert audit.verify().faults == ()
    assert (
        audit.aged("2024-12-02T00:00:00") == 0
    )  # row 2 is stamped the day before, and rows 0 and 1 before it are not of that day
    store.close()
