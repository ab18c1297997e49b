"""Which events a run and a day's record make, as small tables. Each rule names the harm that it prevents."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from risk import events
from risk import store as stores
from risk.in_hospital import Stay, told
from risk.settings import Settings
from risk.store import Store
from tests.published import PEOPLE, Row, published
from tests.records import PRACTICE, always_fresh, feeds, record

DAY = datetime.date
TODAY = DAY(2024, 12, 2)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return stores.open(Settings(home=tmp_path / "home", environment="test"))


def changed(*rows: Row, without: tuple[int, ...] = ()) -> tuple[Row, ...]:
    """:data:`PEOPLE` with these rows in the place of theirs."""
    by = {row[0]: row for row in (*PEOPLE, *rows) if row[0] not in without}
    return tuple(by[person] for person in sorted(by))


def told_of_runs(store: Store) -> list[tuple[str, int, int | None]]:
    store.tell_runs()
    return [(row["kind"], row["run"], row["person_id"]) for row in store.events_since(0, None, 100)]


OFF = (102, "A81001", 3, -0.5, 0.19, "medium", False)
ON = (103, "A81001", 2, 0.5, 0.35, "medium", True)
SECOND: list[tuple[str, tuple[Row, ...], dict[str, Any], list[tuple[str, int, int | None]]]] = [
    ("the same again: a team would be called about nothing", PEOPLE, {}, []),
    ("one for another: a practice would go on with last week's list", changed(OFF, ON), {},
     [("list.left", 2, 102), ("list.joined", 2, 103), ("band.changed", 2, 103)]),
    ("a place lower and no band changed: every week everybody would be news",
     changed((101, "A81001", 2, 0.4, 0.36, "high", True), (102, "A81001", 1, 0.5, 0.4, "medium", True)), {}, []),
    ("a band of somebody on no list: a tool that follows one person would miss it",
     changed((202, "A81002", 2, 0.1, 0.4, "high", False)), {}, [("band.changed", 2, 202)]),
    ("moved to another practice: the old one would wait for them, the new one know nothing",
     changed((102, "A81002", 3, 0.1, 0.34, "medium", True)), {}, [("list.left", 2, 102), ("list.joined", 2, 102)]),
    ("nobody scores them any more", changed(without=(102,)), {}, [("list.left", 2, 102)]),
    ("lists by another outcome are not compared: everybody would have joined and left", changed(OFF, ON), {"outcome": "deterioration"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("people", "facts", "found"), [row[1:] for row in SECOND], ids=[row[0][:40] for row in SECOND])
def test_what_a_run_tells_beside_the_one_before(
    store: Store, people: tuple[Row, ...], facts: dict[str, Any], found: list[Any]
) -> None:
    """A first run tells nothing; a second what differs. Told again, nothing is added: a client would act twice."""
    published(store)
    assert told_of_runs(store) == []
    published(store, people, **facts)
    assert told_of_runs(store) == found
    assert told_of_runs(store) == found, "made once"


def test_a_run_taken_back_leaves_that_it_was(store: Store) -> None:
    """A client goes on with what a wrong run told it; or the next run is compared with the wrong one."""
    published(store)
    published(store, changed(OFF, ON))
    assert len(told_of_runs(store)) == 3
    store.withdraw_run(2, by="a test", reason="the feed was last month's")
    assert told_of_runs(store) == [("run.withdrawn", 2, None)]
    published(store, changed(OFF, ON))
    assert told_of_runs(store)[1:] == [
        ("list.left", 3, 102),
        ("list.joined", 3, 103),
        ("band.changed", 3, 103),
    ], "against run 1"


def test_events_past_their_time_leave_their_numbers(store: Store) -> None:
    """A number that is given twice hides a new event from whoever read up to it."""
    published(store)
    published(store, changed(OFF))
    told_of_runs(store)
    last, past = store.event_marks()
    assert (last, past, store.events_before(DAY(2024, 1, 1))) == (1, 0, 0)
    tomorrow = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1)
    store.remove_events(tomorrow)
    assert (store.event_marks(), store.events_since(0, None, 9)) == ((1, 1), [])
    published(store, changed(OFF, ON))
    assert [row["seq"] for row in (store.tell_runs(), store.events_since(1, None, 9))[1]] == [2, 3]


SINCE, AT = DAY(2024, 11, 25), DAY(2024, 12, 2)
CAME, WENT = DAY(2024, 11, 28), DAY(2024, 12, 1)
BEFORE = DAY(2024, 11, 20)
LISTED = {"person_id": 1, "began": CAME, "ended": None, "discharge": None, "stays": True, "listed": True, "package": "no feed"}  # fmt: skip
HOME = {"began": BEFORE, "ended": WENT, "discharge": "1", "stays": False}
STAYS: list[tuple[str, dict[str, Any], list[tuple[str, datetime.date]]]] = [
    ("a listed person is admitted and nobody rings the ward", {}, [("listed.admitted", CAME)]),
    ("of whoever is not listed nothing is told", {"listed": False}, []),
    ("carers stand before a locked door", {"listed": False, "package": "yes"}, [("package_holder.admitted", CAME)]),
    ("both", {"package": "yes"}, [("listed.admitted", CAME), ("package_holder.admitted", CAME)]),
    ("a stay of long ago is no news", {"began": BEFORE}, []),
    ("home, and nobody visits", HOME, [("listed.discharged", WENT)]),
    ("home, and the feed of packages holds none", HOME | {"package": "not recorded"},
     [("listed.discharged", WENT), ("listed.discharged_no_package", WENT)]),
    ("the package ended", HOME | {"package": "no"}, [("listed.discharged", WENT), ("listed.discharged_no_package", WENT)]),
    ("a package is held", HOME | {"package": "yes"}, [("listed.discharged", WENT)]),
    ("where no feed tells of packages, none is missed", HOME | {"package": "no feed"}, [("listed.discharged", WENT)]),
    ("a death is no discharge: a family would be rung", HOME | {"discharge": "4", "package": "no"}, []),
    ("moved to another ward", HOME | {"stays": True}, []),
    ("in and out", {"ended": WENT, "stays": False}, [("listed.admitted", CAME), ("listed.discharged", WENT)]),
]  # fmt: skip


@pytest.mark.parametrize(("stay", "found"), [row[1:] for row in STAYS], ids=[row[0][:40] for row in STAYS])
def test_what_a_stay_tells(stay: dict[str, Any], found: list[tuple[str, datetime.date]]) -> None:
    assert told(Stay(**{**LISTED, **stay}), SINCE, AT) == found


SPELL = {"event_date": "2024-11-30", "admission_method": "21", "ready_date": "2024-12-01"}
CARE = {"event_date": "2024-03-01", "event": "service", "service_type": "long_term_community", "component": "home_care"}
SCORED: tuple[Row, ...] = ((1, PRACTICE, 1, 0.9, 0.61, "high", True), (2, PRACTICE, 2, 0.4, 0.34, "medium", False))
IN = [(1, "2024-11-30", "ward", "emergency")]


def _without(table: str) -> list[dict[str, Any]]:
    return [row for row in always_fresh() if row["table_name"] != table]


def _up_to(day: str) -> list[dict[str, Any]]:
    return [*_without("spell"), *feeds("spell", known_at="2024-11-20", period_to=day)]


RECORDS: list[tuple[str, dict[str, Any], list[Any], list[str]]] = [
    ("admitted and listed", {"spell": [SPELL]}, [(*IN[0], "not recorded")], ["listed.admitted"]),
    ("with a package", {"spell": [SPELL], "social_care": [CARE]}, [(*IN[0], "yes")], ["listed.admitted", "package_holder.admitted"]),
    ("a package that ended", {"spell": [SPELL], "social_care": [{**CARE, "end_date": "2024-11-01"}]}, [(*IN[0], "no")], ["listed.admitted"]),
    ("another service is no package", {"spell": [SPELL], "social_care": [{**CARE, "component": "meals"}]}, [(*IN[0], "not recorded")],
     ["listed.admitted"]),
    ("no feed of packages is not none", {"spell": [SPELL], "feed": _without("social_care")}, [(*IN[0], "no feed")], ["listed.admitted"]),
    ("somebody on no list is in hospital too", {"spell": [{**SPELL, "person_id": 2}]}, [(2, *IN[0][1:], "not recorded")], []),
    ("a stranger to the run", {"spell": [{**SPELL, "person_id": 9}]}, [], []),
    ("a day case holds no bed", {"spell": [{**SPELL, "patient_class": "day_case"}]}, [], []),
    ("at home on a virtual ward", {"spell": [{**SPELL, "patient_class": "hospital_at_home"}]}, [], []),
    ("admitted today: known tomorrow", {"spell": [{**SPELL, "event_date": "2024-12-02"}]}, [], []),
    ("home again", {"spell": [{**SPELL, "end_date": "2024-12-01", "discharge_method": "1"}]}, [],
     ["listed.admitted", "listed.discharged", "listed.discharged_no_package"]),
    ("a stay of before anybody followed", {"spell": [{**SPELL, "event_date": "2024-10-01"}]}, [(1, "2024-10-01", "ward", "emergency", "not recorded")], []),
    ("a list of eight days ago says nothing of today", {"spell": [SPELL], "feed": _up_to("2024-11-24")}, [], ["listed.admitted"]),
    ("a planned stay", {"spell": [{**SPELL, "admission_method": "11"}]}, [(1, "2024-11-30", "ward", "planned", "not recorded")],
     ["listed.admitted"]),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "inside", "found"), [row[1:] for row in RECORDS], ids=[row[0] for row in RECORDS])
def test_who_is_in_hospital_and_what_is_told(
    tmp_path: Path, tables: dict[str, Any], inside: list[Any], found: list[str]
) -> None:
    """Somebody's carers are sent to an empty house; or a practice reads of a place without a feed that nobody is in hospital, or without care."""
    settings = Settings(home=tmp_path / "home", today=TODAY, environment="test")
    store = stores.open(settings)
    published(store, SCORED)
    store.begin_days(DAY(2024, 11, 28).toordinal())
    people = [{"person_id": 1}, {"person_id": 2}, {"person_id": 9}]
    held = record(tmp_path / "r", person=people, registration=people, **tables)
    first = events.bring_up_to_date(settings, store, held)
    names = ("person_id", "since", "kind", "admission", "package")
    rows = [
        tuple(str(row[name]) if name == "since" else row[name] for name in names)
        for row in store.in_hospital(1, PRACTICE)
    ]
    assert rows == inside
    assert [row["kind"] for row in store.events_since(0, None, 9)] == found
    assert (first["of_record"], first["in_hospital"], first["why_not"]) == (len(found), len(inside), None)
    assert events.bring_up_to_date(settings, store, held)["of_record"] == 0, "told once"


def test_the_first_day_tells_yesterday_and_no_more(tmp_path: Path) -> None:
    """On the first day everybody who was in hospital in a week would be called news at once."""
    settings = Settings(home=tmp_path / "home", today=TODAY, environment="test")
    store = stores.open(settings)
    held = record(
        tmp_path / "r",
        spell=[{**SPELL, "event_date": "2024-11-30"}, {**SPELL, "person_id": 2, "event_date": "2024-12-01"}],
    )
    assert events.bring_up_to_date(settings, store, held)["why_not"] == "no run is published, so nobody is followed"
    published(store, ((1, PRACTICE, 1, 0.9, 0.6, "high", True), (2, PRACTICE, 2, 0.8, 0.5, "high", True)))
    events.bring_up_to_date(settings, store, held)
    assert [(row["kind"], row["person_id"]) for row in store.events_since(0, None, 9)] == [("listed.admitted", 2)]
    reach = store.in_hospital_reach(PRACTICE)
    assert (reach and (str(reach["day"]), reach["fresh"], str(reach["up_to"]))) == ("2024-12-02", True, "2024-12-02")
