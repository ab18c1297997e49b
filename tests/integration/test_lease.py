"""The lease of runs, on SQLite and on PostgreSQL: one holder, freed by silence and by nothing else, and fenced."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest

from features.errors import Refused
from risk import store as stores
from risk.run import lease
from risk.settings import Settings
from risk.store import Store
from risk.store.leasing import Seen
from tests.published import PEOPLE, new_run, published, staged

HOLD = """
import sys
from risk import store as stores
from risk.run import lease
from risk.settings import Settings
settings = Settings.model_validate_json(sys.argv[1])
with lease.held(settings, stores.open(settings)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def quick(store_settings: Settings) -> Settings:
    return store_settings.model_copy(update={"lease_seconds": 0.6})


def test_a_killed_holder_frees_it_by_its_silence_and_a_living_one_never(quick: Settings, store: Store) -> None:
    """Harm: two runs publish over one another; or no run is ever made again after a crash."""
    other = subprocess.Popen([sys.executable, "-c", HOLD, quick.model_dump_json()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"
    with pytest.raises(Refused, match="another run is under way"), lease.held(quick, store):
        pass
    other.kill()
    other.wait()
    with lease.held(quick, store) as mine:
        assert mine.fence == 2


def test_of_two_at_once_one_holds_it(quick: Settings) -> None:
    """Harm: two runs begin in the same moment, and lists of both are mixed."""
    slow, took, ready = quick.model_copy(update={"lease_seconds": 60}), [], threading.Barrier(4)

    def takes() -> None:
        store = stores.open(slow)
        ready.wait()
        took.append(store.take_lease("one of four"))
        store.close()

    threads = [threading.Thread(target=takes) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(took, key=str) == [1, None, None, None]


@pytest.mark.parametrize(
    ("held", "dead", "taken"),
    [
        (None, None, 1),
        (Seen(4, 9, None), None, 5),  # given up
        (Seen(4, 9, "somebody"), None, None),
        (Seen(4, 9, "somebody"), Seen(4, 9, "somebody"), 5),  # not a beat since
        (Seen(4, 10, "somebody"), Seen(4, 9, "somebody"), None),  # it beat
        (Seen(5, 9, "another"), Seen(4, 9, "somebody"), None),  # a third was first
    ],
)
def test_who_takes_it(store: Store, held: Seen | None, dead: Seen | None, taken: int | None) -> None:
    """Harm: a run that lives is robbed of its lease, or a dead one keeps it."""
    if held is not None:
        with store.writing() as connection:
            connection.exec_driver_sql(f"INSERT INTO lease (name, fence, beat, holder) VALUES ('runs', {held.fence}, {held.beat}, {'NULL' if held.holder is None else repr(held.holder)})")  # fmt: skip
    assert store.take_lease("me", dead) == taken


def test_no_clock_that_steps_frees_it_or_holds_it(
    quick: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: the clock is set an hour on, the live run counts as dead and two run at once; or an hour back, and no run begins."""
    beats = quick.model_copy(update={"lease_seconds": 0.3})
    for step in (3600.0, -3600.0):
        with lease.held(beats, store) as mine:
            real = time.time
            monkeypatch.setattr(time, "time", lambda real=real, step=step: real() + step)
            with pytest.raises(Refused, match="under way"), lease.held(beats, store):
                pass
            assert mine.beat_lease(mine.fence or 0)
            monkeypatch.undo()
    fence = store.take_lease("dead at once")
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with lease.held(beats, store) as next_one:
        assert next_one.fence == (fence or 0) + 1


ROW = {
    "scheme": "ods",
    "practice": "A81001",
    "rank": 1,
    "person_id": 101,
    "raw": 0.9,
    "probability": 0.6,
    "band": "high",
}
LISTED = {**ROW, "reason": "score", "reasons": orjson.dumps({}), "flags": orjson.dumps({})}
COUNTED = {"scheme": "ods", "practice": "A81009", "registered": 1, "scored": 1, "k": 1, "threshold": 0.9, "listed": 1}
WRITES: dict[str, Callable[[Store, int], Any]] = {
    "begin": lambda store, _: store.begin_run(new_run()),
    "practices": lambda store, run: store.write_practices(run, [COUNTED]),
    "scores": lambda store, run: store.write_scores(run, {**{name: [value] for name, value in ROW.items()}, "listed": [True]}),
    "list": lambda store, run: store.write_list(run, [LISTED]),
    "fail": lambda store, run: store.fail_run(run, "it stopped"),
    "publish": lambda store, run: store.publish(run, content_sha256="00" * 32, counts={}, valid_until=date(2024, 12, 14)),
}  # fmt: skip


@pytest.mark.parametrize("write", WRITES)
def test_a_stale_holders_writes_are_refused(store: Store, write: str) -> None:
    """Harm: a run that was held up wakes after another took over, and writes its rows or its list over the other's."""
    first = published(store)
    old = store.under(store.take_lease("old") or 0)
    run = staged(old, PEOPLE[3:])
    seen = store.lease()
    assert store.take_lease("new", dead=seen) == 2
    with pytest.raises(Refused, match=r"lost its lease \(number 1\)"):
        WRITES[write](old, run)
    with pytest.raises(Refused, match=r"which this process does not hold|in staging"):
        WRITES["publish"](store, run)
    held = store.current_run()
    assert held is not None
    assert held["number"] == first
    assert [row["number"] for row in store.runs()] == [run, first]
    new = store.under(2)
    WRITES["fail"](new, run)
    assert new.begin_run(new_run()) == run + 1


def test_a_holder_that_gave_up_or_was_robbed_writes_no_more(quick: Settings, store: Store) -> None:
    """Harm: a lease that was given up still opens a door."""
    with lease.held(quick, store) as mine:
        assert mine.begin_run(new_run()) == 1
    with pytest.raises(Refused, match="lost its lease"):
        mine.begin_run(new_run())
    assert mine.give_up_lease(1) is False
