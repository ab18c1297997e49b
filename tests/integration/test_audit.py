"""The audit on both databases: numbered without gaps whoever writes, and any tampering found."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from features.errors import MissingPart, Refused
from risk import keys
from risk import store as stores
from risk.audit import Audit, Event
from risk.checkpoints import FILE
from risk.settings import Settings
from risk.store import Store
from tests.area import frailty
from tests.typed import told, typed


@pytest.fixture
def audit(store: Store, store_settings: Settings) -> Audit:
    return Audit(store, keys.held(store_settings, make=True).audit, store_settings)


def event(n: int) -> Event:
    return Event("client", "client-1", "list.read", "answered", organisation="A81001", people=[n, n + 1], run=1,
                 request_id="r", detail={"limit": 200, "after": 0})  # fmt: skip


def write(audit: Audit, rows: int, checkpoint_at: int | None = None) -> None:
    for n in range(1, rows + 1):
        audit.record(event(n))
        if n == checkpoint_at:
            assert audit.checkpoint()


def change(store: Store, sql: str) -> None:
    with store.writing() as connection:
        connection.execute(text(sql))


def test_an_audit_that_nobody_touched_is_whole(audit: Audit) -> None:
    write(audit, 5, checkpoint_at=3)
    verdict = audit.verify()
    assert verdict.faults == ()
    assert (verdict.rows, verdict.checkpoints, verdict.last_checkpoint, verdict.after) == (5, 1, 3, 2)


def test_an_empty_audit_is_whole(audit: Audit) -> None:
    assert audit.checkpoint() is False
    assert audit.verify().faults == ()


def test_a_row_says_who_what_whom_and_when(audit: Audit, store: Store) -> None:
    audit.record(event(7))
    row = next(store.audit_rows())
    assert {key: row[key] for key in ("seq", "actor_kind", "actor", "action", "outcome", "organisation", "run", "request_id")} == {
        "seq": 1, "actor_kind": "client", "actor": "client-1", "action": "list.read", "outcome": "answered",
        "organisation": "A81001", "run": 1, "request_id": "r",
    }  # fmt: skip
    assert (row["people"], row["detail"], row["at"][-6:]) == ("[7,8]", '{"after":0,"limit":200}', "+00:00")


@pytest.mark.parametrize(
    "edit",
    [
        "actor = 'somebody else'",
        "outcome = 'refused'",
        "people = '[9]'",
        "people = NULL",
        "person_id = 7",
        "at = '2020-01-01T00:00:00.000000+00:00'",
        "run = 2",
        "detail = '{}'",
        "reason = 'because'",
    ],
)
def test_an_edited_row_is_named(audit: Audit, store: Store, edit: str) -> None:
    write(audit, 5)
    change(store, f"UPDATE audit_event SET {edit} WHERE seq = 3")
    assert audit.verify().faults == ("row 3 is not as it was written",)


def test_a_row_removed_from_the_middle_is_missed(audit: Audit, store: Store) -> None:
    write(audit, 5)
    change(store, "DELETE FROM audit_event WHERE seq = 3")
    assert audit.verify().faults == ("rows 3 to 3 are missing",)


def test_a_row_removed_and_the_rest_renumbered_is_found(audit: Audit, store: Store) -> None:
    write(audit, 5)
    change(store, "DELETE FROM audit_event WHERE seq = 3")
    change(store, "UPDATE audit_event SET seq = 3 WHERE seq = 4")
    change(store, "UPDATE audit_event SET seq = 4 WHERE seq = 5")
    faults = audit.verify().faults
    assert "row 3 does not follow the row before it: rows were moved, replaced or removed" in faults
    assert "row 3 is not as it was written" in faults


def test_rows_that_changed_places_are_found(audit: Audit, store: Store) -> None:
    write(audit, 4)
    for old, new in ((2, 90), (3, 2), (90, 3)):
        change(store, f"UPDATE audit_event SET seq = {new} WHERE seq = {old}")
    assert "row 2 does not follow the row before it: rows were moved, replaced or removed" in audit.verify().faults


def test_a_row_copied_in_is_found(audit: Audit, store: Store) -> None:
    write(audit, 2)
    columns = "at, actor_kind, actor, role, organisation, action, outcome, person_id, people, run, reason, request_id, detail, previous, hash"
    change(store, f"INSERT INTO audit_event (seq, {columns}) SELECT 3, {columns} FROM audit_event WHERE seq = 2")
    assert len(audit.verify().faults) == 2


@pytest.mark.parametrize("kept", [0, 2])
def test_an_end_cut_off_before_the_last_checkpoint_is_found(audit: Audit, store: Store, kept: int) -> None:
    write(audit, 5, checkpoint_at=4)
    change(store, f"DELETE FROM audit_event WHERE seq > {kept}")
    assert audit.verify().faults == (
        f"the audit ends at row {kept}, and had 4 rows at the last checkpoint: its end was cut off",
    )


def test_what_lies_after_the_last_checkpoint_is_said_to_be_unvouched_for(audit: Audit, store: Store) -> None:
    """The stated limit: rows cut off after the last checkpoint cannot be missed, so the verdict counts them."""
    write(audit, 5, checkpoint_at=4)
    assert audit.verify().after == 1
    change(store, "DELETE FROM audit_event WHERE seq = 5")
    assert (audit.verify().faults, audit.verify().after) == ((), 0)


def test_a_chain_built_anew_with_the_key_is_found_by_its_checkpoint(audit: Audit, store: Store) -> None:
    write(audit, 3, checkpoint_at=3)
    change(store, "DELETE FROM audit_event")
    for n in (1, 2, 30):
        audit.record(event(n))
    assert "the chain was rebuilt" in audit.verify().faults[0]


def test_another_key_makes_another_chain(audit: Audit, store: Store, store_settings: Settings) -> None:
    write(audit, 1)
    forger = Audit(store, keys.Secret("audit", bytes(32)), store_settings)
    forger.record(event(2))
    assert audit.verify().faults == ("row 2 is not as it was written",)


def edited(lines: list[dict]) -> list[dict]:
    return [{**lines[0], "seq": 9}, *lines[1:]]


@pytest.mark.parametrize(
    ("tamper", "says"),
    [
        (edited, "checkpoint 1 is not one that this installation signed"),
        (lambda lines: [lines[0], lines[2]], "checkpoint 2 does not follow the one before it: lines were removed or moved"),
        (lambda lines: lines[1:], "checkpoint 1 does not follow the one before it: lines were removed or moved"),
        (lambda lines: [lines[1], lines[0], lines[2]], "checkpoint 1 does not follow the one before it: lines were removed or moved"),
        (lambda lines: [*lines, {"seq": "9"}], "checkpoint 4 is not one that this installation signed"),
    ],
)  # fmt: skip
def test_tampered_checkpoints_are_found(audit: Audit, store_settings: Settings, tamper: Callable[[list[dict]], list[dict]], says: str) -> None:  # fmt: skip
    for n in (1, 2, 3):
        audit.record(event(n))
        assert audit.checkpoint()
    file = store_settings.checkpoints_folder / FILE
    lines = tamper([json.loads(line) for line in file.read_text().splitlines()])
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert says in audit.verify().faults


def test_a_checkpoint_cut_short_by_a_crash_stops_nothing(audit: Audit, store_settings: Settings) -> None:
    write(audit, 1, checkpoint_at=1)
    with (store_settings.checkpoints_folder / FILE).open("a") as file:
        file.write('{"seq": 2, "ha')
    write(audit, 1, checkpoint_at=1)
    verdict = audit.verify()
    assert (verdict.checkpoints, verdict.last_checkpoint) == (2, 2)
    assert verdict.faults == ("checkpoint 2 is not one that this installation signed",)


def test_no_checkpoint_twice_and_none_backwards(audit: Audit, store: Store) -> None:
    write(audit, 2, checkpoint_at=2)
    assert audit.checkpoint() is False
    change(store, "DELETE FROM audit_event WHERE seq = 2")
    assert audit.checkpoint() is False


def test_checkpoints_that_cannot_be_written_are_said(audit: Audit, store_settings: Settings) -> None:
    write(audit, 1)
    store_settings.checkpoints_folder.write_text("a file where the folder should be")
    with pytest.raises(MissingPart, match="cannot add an audit checkpoint"):
        audit.checkpoint()


def test_writers_at_once_leave_no_gap_and_no_fork(audit: Audit, store: Store) -> None:
    """Eight threads, ten rows each, every third of them in a pair: 8 x (10 + 3) = 104 rows, one chain."""

    def writes(thread: int) -> None:
        for n in range(10):
            audit.record(*[event(thread * 100 + n)] * (2 if n % 3 == 2 else 1))

    threads = [threading.Thread(target=writes, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row["seq"] for row in store.audit_rows()] == list(range(1, 105))
    assert audit.verify().faults == ()


def test_events_of_one_call_are_all_there_or_none(audit: Audit, store: Store) -> None:
    write(audit, 1)
    bad = Event("client", "client-1", "list.read", run="not a number")  # type: ignore[arg-type]
    with pytest.raises(Exception, match=r".+"):
        audit.record(event(2), Event("x" * 10, "y", "z", detail={"a": object()}), bad)
    assert [row["seq"] for row in store.audit_rows()] == [1]


def test_verify_from_the_command_line(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    store = stores.open(settings)
    write(Audit(store, keys.held(settings, make=True).audit, settings), 2)
    home = {"FRAILTY_HOME": str(settings.home)}
    good = frailty(home, "audit", "verify", "--json", cwd=tmp_path)
    assert (good.returncode, json.loads(good.stdout)) == (0, {"rows": 2, "checkpoints": 0, "last_checkpoint": 0, "after": 2, "texts_removed": 0, "faults": []})  # fmt: skip
    change(store, "UPDATE audit_event SET actor = 'nobody' WHERE seq = 1")
    bad = frailty(home, "audit", "verify", "--checkpoints", str(tmp_path / "none"), cwd=tmp_path)
    assert (bad.returncode, "row 1 is not as it was written" in bad.stdout) == (4, True)


def test_a_checkpoint_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: whoever has altered the audit has it vouched for."""
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path))
    settings = Settings(home=tmp_path)
    store = stores.open(settings)
    audit = Audit(store, keys.held(settings, make=True).audit, settings)
    audit.record(Event("system", "a test", "one"), Event("system", "a test", "two"))
    assert told("audit", "checkpoint") == {"added": True, "through": 2}
    assert told("audit", "checkpoint") == {"added": False, "through": 2}
    assert audit.verify().after == 0
    audit.record(Event("system", "a test", "three"))
    change(store, "UPDATE audit_event SET action = 'nothing' WHERE seq = 3")
    done = typed("audit", "checkpoint")
    assert isinstance(done.exception, Refused)
    assert "nothing of it is signed" in str(done.exception)
    assert audit.verify().last_checkpoint == 2


def test_rows_past_their_time_go_from_the_beginning_and_the_chain_says_so(audit: Audit, store: Store) -> None:
    """Rows 1 to 3 are old, and a checkpoint signed row 2: rows 1 and 2 go. Cut off by anybody else, the beginning is missed."""
    write(audit, 2)
    assert audit.checkpoint()
    write(audit, 1)
    moment = datetime.now(UTC).isoformat()
    write(audit, 2)
    assert audit.aged(moment) == 2
    assert audit.age(moment, "somebody") == 2
    verdict = audit.verify()
    assert (verdict.faults, verdict.rows, next(store.audit_rows())["seq"]) == ((), 4, 3)
    assert [row["action"] for row in store.audit_rows()][-1] == "audit.aged"
    assert (audit.aged(moment), audit.age(moment, "somebody")) == (0, 0), "row 3 is signed by no checkpoint"
    change(store, "DELETE FROM audit_event WHERE seq = 3")
    assert [fault for fault in audit.verify().faults if "its beginning was cut off" in fault]


def test_an_audit_at_fault_loses_nothing(audit: Audit, store: Store) -> None:
    """Harm: whoever changed a row has the traces removed by the job that ages the audit."""
    write(audit, 3, checkpoint_at=3)
    change(store, "UPDATE audit_event SET actor = 'somebody else' WHERE seq = 2")
    with pytest.raises(Refused, match="nothing of it is removed"):
        audit.age(datetime.now(UTC).isoformat(), "somebody")
    assert len(list(store.audit_rows())) == 3


def test_a_beginning_cut_off_at_a_checkpoint_without_a_word_is_missed(audit: Audit, store: Store) -> None:
    write(audit, 3, checkpoint_at=2)
    change(store, "DELETE FROM audit_event WHERE seq <= 2")
    assert audit.verify().faults == ("rows 1 to 2 are missing, and no row says that their time was over: its beginning was cut off",)  # fmt: skip
