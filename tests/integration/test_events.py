"""Events and who is in hospital as the service answers them: to whom, of whom, and once. On SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from risk import clients
from risk.settings import Settings
from risk.store.hiding import Told
from serving.client import Client
from serving.shapes.events import Events, InHospital
from tests.published import PEOPLE, published
from tests.service import TODAY, Service, serving

EVENTS, IN = "/v1/events", "/v1/practices/A81001/in-hospital"
DAY = datetime.date
ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
#: Person 102 left the list, 103 joined it, and 202's band rose.
SECOND = (*PEOPLE[:1], (102, "A81001", 3, -0.5, 0.19, "medium", False), (103, "A81001", 2, 0.5, 0.35, "medium", True), PEOPLE[3],
          (202, "A81002", 2, 0.1, 0.4, "high", False))  # fmt: skip
KINDS_HERE = ["list.left", "list.joined", "band.changed", "listed.admitted"]


@pytest.fixture
def told(store_settings: Settings) -> Iterator[Service]:
    """Two runs, of which the second changed both practices; persons 101 and 103 in hospital, of whom 101 was admitted yesterday."""
    with serving(store_settings) as service:
        store = service.store
        (service.settings.runs / str(published(store, SECOND))).mkdir(parents=True)
        store.tell_runs()
        here = {"scheme": "ods", "practice": "A81001"}
        store.tell_people(
            2, [{**here, "kind": "listed.admitted", "person_id": 101, "on": DAY(2024, 12, 1), "package": "no feed"}]
        )
        reach = [
            {"scheme": "ods", "practice": code, "day": TODAY, "up_to": DAY(2024, 12, 1), "fresh": code == "A81001"}
            for code in ("A81001", "A81002")
        ]
        stay = {
            **here,
            "kind": "ward",
            "admission": "emergency",
            "ready": None,
            "package": "no feed",
            "package_on": None,
        }
        store.take_in_hospital(reach, [{**stay, "person_id": 103, "since": DAY(2024, 11, 20)}, {**stay, "person_id": 101, "since": DAY(2024, 12, 1)},
                                       {**stay, "person_id": 201, "practice": "A81002", "since": DAY(2024, 12, 1)}])  # fmt: skip
        yield service


def got(service: Service, bearer: dict[str, str], path: str = EVENTS, **params: Any) -> dict[str, Any]:
    answer = service.http.get(path, params=params, headers=bearer)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_client_reads_on_from_where_it_was(told: Service) -> None:
    """Harm: an admission is told twice and acted on twice, or falls between two questions."""
    bearer = told.bearer(told.client("A81001"))
    whole = got(told, bearer)
    assert Events.model_validate(whole)
    assert [one["kind"] for one in whole["events"]] == KINDS_HERE
    seen, since, more = [], None, True
    while more:
        page = got(told, bearer, limit=1, **({"since": since} if since else {}))
        seen += page["events"]
        since, more = page["next"], page["more"]
    assert seen == whole["events"], "page after page"
    assert got(told, bearer, since=since)["events"] == []
    assert got(told, bearer, since=whole["events"][1]["id"])["events"] == whole["events"][2:], "by an event's own id"
    told.store.withdraw_run(2, by="a test", reason="last month's feed")
    told.store.tell_runs()
    after = got(told, bearer, since=since)
    assert [(one["kind"], one["run"], one["person"]) for one in after["events"]] == [("run.withdrawn", 2, None)]
    assert [one["kind"] for one in got(told, bearer)["events"]] == ["run.withdrawn"], "what it told is told no more"
    assert whole["marking"] == "simulated data: a made-up area of 5 people"


def test_a_practice_is_told_of_nobody_of_anothers(told: Service) -> None:
    """Harm: a practice learns of another's patients who was admitted."""
    here, there, both = (told.bearer(told.client(*codes)) for codes in (("A81001",), ("A81002",), ()))
    mine, theirs = got(told, here), got(told, there)
    assert {one["practice"] for one in mine["events"]} == {"A81001"}
    assert [(one["kind"], one["practice"]) for one in theirs["events"]] == [("band.changed", "A81002")]
    assert len(got(told, both)["events"]) == len(mine["events"]) + len(theirs["events"])
    assert told.http.get(IN, headers=there).status_code == 404
    assert told.http.get(EVENTS, params={"since": mine["next"]}, headers=there).status_code == 404, "another's place"
    person = next(one["person"] for one in mine["events"] if one["kind"] == "list.joined")
    assert told.http.get(f"/v1/persons/{person}/risk", headers=here).status_code == 200


def test_whoever_is_hidden_vanishes_with_their_events(told: Service) -> None:
    """Harm: somebody opts out, and a tool reads for months when they were in hospital."""
    bearer = told.bearer(told.client("A81001"))
    held = told.http.get(EVENTS, headers=bearer)
    stays = got(told, bearer, IN)
    assert [one["listed"] for one in stays["people"]] == [True, True]
    told.store.tell([Told(101, "opted_out", TODAY, "api", "a test")])
    again = told.http.get(EVENTS, headers=bearer | {"If-None-Match": held.headers["etag"]})
    assert [one["kind"] for one in again.json()["events"]] == KINDS_HERE[:3]
    hidden = got(told, bearer, IN)
    assert ([one["since"] for one in hidden["people"]], hidden["withheld"]) == (["2024-11-20"], 1)
    assert told.audited("events.read")[-1]["people"] == "[102,103]", "who was told of, and nobody else"


def test_an_answer_that_did_not_change_is_not_sent_again(told: Service) -> None:
    bearer = told.bearer(told.client("A81001"))
    for path in (EVENTS, IN):
        first = told.http.get(path, headers=bearer)
        assert told.http.get(path, headers=bearer | {"If-None-Match": first.headers["etag"]}).status_code == 304
    told.store.tell_people(2, [{"kind": "listed.admitted", "person_id": 103, "scheme": "ods", "practice": "A81001", "on": DAY(2024, 12, 1), "package": "yes"}])  # fmt: skip
    told.store.take_in_hospital([], [])
    for path, action in ((EVENTS, "events.read"), (IN, "in_hospital.read")):
        etag = told.http.get(path, headers=bearer).headers["etag"]
        assert told.http.get(path, headers=bearer | {"If-None-Match": etag}).status_code == 304
        assert [row["outcome"] for row in told.audited(action)] == ["answered", "unchanged", "answered", "unchanged"]


@ON_SQLITE
def test_without_the_scope_nothing_is_told(told: Service) -> None:
    """Harm: a client that may read lists is told who was admitted without anybody having allowed it."""
    made = told.client("A81001")
    for path, scope in ((EVENTS, "events:read"), (IN, "lists:read")):
        others = [one for one in clients.SCOPES if one != scope]
        answer = told.http.get(path, headers=told.bearer(made, others))
        assert (answer.status_code, answer.json()["detail"]) == (403, f"this needs the scope {scope}")
    assert "events:read" not in clients.READING
    assert "events:read" not in clients.THROUGH_A_TEAM
    for since, status in (("1", 422), ("a" * 39, 404), ("A" * 39, 422)):
        answer = told.http.get(EVENTS, params={"since": since}, headers=told.bearer(made))
        assert answer.status_code == status
        assert since not in answer.text


@ON_SQLITE
def test_who_is_in_hospital_and_where_nobody_can_say(told: Service) -> None:
    """Harm: an empty list of a practice whose hospital sends nothing reads as nobody in hospital."""
    here = got(told, told.bearer(told.client("A81001")), IN)
    assert InHospital.model_validate(here)
    assert [(one["since"], one["package"], one["rank"]) for one in here["people"]] == [
        ("2024-12-01", "no feed", 1),
        ("2024-11-20", "no feed", 2),
    ]
    assert here["says"] == "In hospital by what hospitals had told up to 2024-12-01."
    assert got(told, told.bearer(told.client("A81001")), IN, limit=1)["next"] == 1
    there = got(told, told.bearer(told.client("A81002")), IN.replace("A81001", "A81002"))
    assert (there["people"], there["feed"]) == ([], {"taken": "2024-12-02", "up_to": "2024-12-01", "fresh": False})
    assert there["says"].startswith("Who is in hospital now is not known: hospitals last told of 2024-12-01.")


@ON_SQLITE
def test_a_client_that_was_away_too_long_is_told_so(told: Service) -> None:
    """Harm: a client reads on as if nothing had happened in the months whose events are gone."""
    bearer = told.bearer(told.client("A81001"))
    first = got(told, bearer, limit=1)["next"]
    told.store.remove_events(datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=1))
    late = got(told, bearer, since=first)
    assert (late["events"], late["missed"], got(told, bearer)["missed"]) == ([], True, False)
    assert not got(told, bearer, since=late["next"])["missed"]


@ON_SQLITE
def test_the_python_client_reads_on_and_knows_what_did_not_change(told: Service) -> None:
    made = told.client("A81001")
    client = Client("http://testserver", made["client_id"], made["secret"], http=told.http)
    first = client.events(limit=3)
    assert ([one.kind for one in first.events], first.more) == (KINDS_HERE[:3], True)
    rest = client.events(first.next)
    assert ([one.kind for one in rest.events], rest.more, rest.missed) == (KINDS_HERE[3:], False, False)
    stays = client.in_hospital("A81001")
    assert stays is not None
    assert [str(one.since) for one in stays.value.people] == ["2024-12-01", "2024-11-20"]
    assert client.in_hospital("A81001", unless=stays.etag) is None
