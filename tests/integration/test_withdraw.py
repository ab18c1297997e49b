"""A run taken back: gone from every reader, told to whoever pulls, and the audit says who had read it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from features.errors import Refused, WrongUsage
from risk import withdrawing
from risk.settings import Settings
from risk.store import Store
from tests.published import PEOPLE, published
from tests.service import Service, serving
from tests.typed import told, typed

#: What of the API names a run or is of one, with the run's number where it takes one.
ROUTES = ("/v1/runs/current", "/v1/practices/A81001/list", "/v1/practices/A81001/changes")


@pytest.fixture
def service(store_settings: Settings) -> Iterator[Service]:
    with serving(store_settings) as held:
        yield held


def second(service: Service) -> int:
    """A second published run, on whose list stands only person 103, with its folder."""
    number = published(service.store, tuple((*row[:6], row[0] in (103, 201)) for row in PEOPLE))
    (service.settings.runs / str(number)).mkdir(parents=True)
    for run in (1, number):
        (service.settings.runs / str(run) / "run.json").write_text('{"previous": null, "files": {}}')
    return number


def test_a_withdrawn_run_is_gone_from_every_reader(service: Service) -> None:
    """Harm: a list drawn from a wrong feed goes on being worked through after it was found to be wrong."""
    wrong, bearer = second(service), service.bearer(service.client())
    listed = service.http.get(ROUTES[1], headers=bearer)
    assert listed.json()["run"] == wrong
    tag = listed.headers["etag"]
    withdrawing.withdraw(service.settings, wrong, "the hospital feed was last month's")
    for route in ROUTES:
        assert service.http.get(route, headers=bearer).json()["run"] == 1, route
    again = service.http.get(ROUTES[1], headers={**bearer, "If-None-Match": tag})
    assert (again.status_code, len(again.json()["people"])) == (200, 2), (
        "what the caller keeps of it is not said to be fresh"
    )
    assert service.http.get(f"/v1/practices/A81001/list?run={wrong}", headers=bearer).status_code == 404
    person = again.json()["people"][0]["person"]
    assert service.http.get(f"/v1/persons/{person}/risk", headers=bearer).json()["run"] == 1


def test_whoever_pulls_is_told_of_the_recall(service: Service) -> None:
    """Harm: a system that pulled the wrong list keeps showing its copy."""
    bearer = service.bearer(service.client())
    since = service.http.get("/v1/runs/changes", headers=bearer).json()
    assert [(event["kind"], event["run"]) for event in since["events"]] == [("run.published", 1)]
    wrong = second(service)
    withdrawing.withdraw(service.settings, wrong, "a wrong feed")
    found = service.http.get(f"/v1/runs/changes?since={since['next']}", headers=bearer).json()
    assert [(event["kind"], event["run"]) for event in found["events"]] == [("run.published", 2), ("run.withdrawn", 2)]
    assert found["events"][1]["body"] == {"reason": "a wrong feed", "current": 1}
    assert service.http.get(f"/v1/runs/changes?since={found['next']}", headers=bearer).json() == {
        "events": [],
        "next": 3,
    }
    assert service.http.get("/v1/runs/changes").status_code == 401


def test_the_audit_says_who_had_read_it(service: Service) -> None:
    """Harm: nobody can tell the teams who saw the wrong list."""
    wrong, client = second(service), service.client("A81001")
    bearer = service.bearer(client)
    for _ in range(2):
        service.http.get(ROUTES[1], headers=bearer)
    service.http.get("/v1/practices/A81002/list", headers=bearer)  # not theirs: they were given nothing
    done = withdrawing.withdraw(service.settings, wrong, "wrong")
    assert [(row["actor"], row["action"], row["organisation"], row["times"]) for row in done["readers"]] == [
        (client["client_id"], "list.read", "A81001", 2)
    ]
    assert "person" not in str(done["readers"])


@pytest.mark.parametrize(
    ("runs", "number", "says"),
    [
        (["withdrawn", "published"], 1, "withdrawn already"),
        (["published"], 1, "only one that readers could be given"),
        (["withdrawn", "published"], 2, "only one that readers could be given"),
        (["published", "shadow"], 2, "shadow run"),
        (["published"], 9, "found no such run"),
    ],
)
def test_what_cannot_be_withdrawn(store: Store, runs: list[str], number: int, says: str) -> None:
    """Harm: withdrawing leaves teams without any list by accident, or is thought done and is not."""
    for place, state in enumerate(runs, 1):
        published(store, shadow=state == "shadow")
        if state == "withdrawn":
            store.withdraw_run(place, by="somebody", reason="wrong", leave_none=True)
    before = (store.current_run(), store.told_since(0, 99))
    with pytest.raises((Refused, WrongUsage), match=says):
        store.withdraw_run(number, by="somebody", reason="wrong")
    assert (store.current_run(), store.told_since(0, 99)) == before


@pytest.mark.parametrize(
    ("withdrawn", "current", "instead"),
    [([3], 2, 2), ([2], 3, None), ([3, 2], 1, 1), ([2, 3], 1, 1)],
)
def test_which_run_readers_have_then(store: Store, withdrawn: list[int], current: int, instead: int | None) -> None:
    """Harm: readers are given another run that was taken back before."""
    for _ in range(3):
        published(store)
    done = [store.withdraw_run(number, by="somebody", reason="wrong") for number in withdrawn]
    held = store.current_run()
    assert held is not None
    assert (held["number"], done[-1]["instead"]) == (current, instead)
    assert published(store) == 4
    assert (store.current_run() or {})["number"] == 4


def test_none_may_be_left_when_it_is_said(store: Store) -> None:
    published(store)
    store.withdraw_run(1, by="somebody", reason="wrong", leave_none=True)
    assert store.current_run() is None


def test_a_run_whose_rows_are_past_their_time_takes_nobodys_place(store: Store) -> None:
    """Harm: readers are given an empty run, and read it as nobody being at risk."""
    for _ in range(2):
        published(store)
    store.remove_run_rows(1)
    with pytest.raises(Refused, match="only one"):
        store.withdraw_run(2, by="somebody", reason="wrong")


def test_as_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from risk import store as stores

    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    store = stores.open(Settings(home=tmp_path / "home"))
    for _ in range(2):
        published(store)
    assert isinstance(typed("withdraw", "2", "--reason", " ").exception, WrongUsage)
    done = told("withdraw", "2", "--reason", "wrong feed")
    assert (done["run"], done["current"], done["readers"]) == (2, 1, [])
    assert "WITHDRAWN on" in typed("list", "--practice", "A81001", "--run", "2").output
    assert told("list", "--practice", "A81001")["number"] == 1
    assert "nothing is published" in typed("withdraw", "1", "--reason", "wrong", "--leave-none").output
    assert isinstance(typed("list", "--practice", "A81001").exception, Refused)
