"""Rows of the audit that go to disk together, and reads that share one view."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from risk import keys
from risk.audit import Audit, Event
from risk.settings import Settings
from risk.store import Store, Unreachable
from risk.store.appending import Appending
from tests.published import published


def test_rows_of_many_at_once_are_each_there_once_and_the_chain_holds(store: Store, store_settings: Settings) -> None:
    """Harm prevented: somebody is answered whose question is in no row, because another's writing took it along and lost it."""
    audit = Audit(store, keys.held(store_settings, make=True).audit, store_settings)
    with ThreadPoolExecutor(8) as callers:
        numbers = list(callers.map(lambda place: (place, audit.record(*_of(place))), range(40)))
    rows = {row["seq"]: row["actor"] for row in store.audit_rows()}
    assert len(rows) == 40 + 20, "every other caller writes two"
    assert all(rows[number] == f"caller {place}" for place, number in numbers)
    assert all(rows[number - 1] == f"caller {place}" for place, number in numbers if place % 2), (
        "together, and in order"
    )
    assert audit.verify().faults == ()


def _of(place: int) -> list[Event]:
    return [Event("client", f"caller {place}", "list.read", "answered")] * (1 + place % 2)


def test_rows_that_cannot_be_written_fail_alone(store: Store) -> None:
    """Harm prevented: one request that cannot be audited stops the answers of others, or is answered itself."""
    held = _Slow(store)
    with ThreadPoolExecutor(4) as callers:
        first = callers.submit(held.appending.add, [_sealed("first")])
        held.busy.wait(10)
        bad = callers.submit(held.appending.add, [_sealed(None)])
        good = callers.submit(held.appending.add, [_sealed("good")])
        _until(lambda: len(held.appending._waiting) == 2)
        held.go_on.set()
        assert (first.result(), isinstance(bad.exception(), Exception)) == (1, True)
        assert good.result() == 2
    assert [row["actor"] for row in store.audit_rows()] == ["first", "good"]


def _until(so: Callable[[], bool]) -> None:
    """Wait for it, and not for ever: :class:`AssertionError` after half a minute."""
    give_up = time.monotonic() + 30
    while not so():
        assert time.monotonic() < give_up, "what was waited for did not come"


def test_nobody_is_told_of_a_number_when_the_store_is_away(store: Store) -> None:
    held = _Slow(store, away=True)
    with ThreadPoolExecutor(4) as callers:
        tried = [callers.submit(held.appending.add, [_sealed(f"caller {place}")]) for place in range(3)]
        held.busy.wait(10)
        held.go_on.set()
        assert {type(one.exception()) for one in tried} == {Unreachable}


class _Slow:
    """A store whose first writing waits for ``go_on``."""

    def __init__(self, store: Store, away: bool = False) -> None:
        self._store, self._away = store, away
        self.busy, self.go_on = threading.Event(), threading.Event()
        self.appending = Appending(self)  # type: ignore[arg-type]

    def end_view(self) -> None:
        self._store.end_view()

    def append_audit(self, *given: Any) -> int:
        self.busy.set()
        self.go_on.wait(10)
        if self._away:
            raise Unreachable("away")
        return self._store.append_audit(*given)


def _sealed(actor: str | None) -> Any:
    def seal(seq: int, previous: bytes) -> dict[str, Any]:
        facts = dict.fromkeys(("role", "organisation", "person_id", "people", "run", "reason", "request_id", "detail"))
        return {**facts, "seq": seq, "at": "2024-12-02", "actor_kind": "client", "actor": actor, "action": "list.read", "outcome": "answered",
                "previous": previous, "hash": bytes(32)}  # fmt: skip

    return seal


def test_a_view_is_of_one_moment_until_something_is_written(store: Store) -> None:
    """Harm prevented: an answer's tag is of before somebody was hidden and its list of after, or the other way round; or a writer reads what it did not write."""
    with store.viewing():
        assert store.current_run() is None
        with ThreadPoolExecutor(1) as another:
            number = another.submit(published, store).result()
        assert store.current_run() is None, "of the moment of the first reading"
        store.write_directory({})
        assert store.current_run()["number"] == number, "after a write, of now"  # type: ignore[index]
    assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_a_view_ends_with_an_error_and_the_next_reading_is_good(store: Store) -> None:
    with store.viewing():
        with pytest.raises(ZeroDivisionError), store.reading():
            raise ZeroDivisionError
        assert store.current_run() is None
        assert store.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
        store.end_view()
        assert store.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
