"""The lists beside a practice's priority list as the service answers them: of teams and networks, by an outcome, by criteria, in hospital at home. On SQLite and
on PostgreSQL."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from features.errors import WrongUsage
from risk import clients
from risk import store as stores
from risk.settings import Settings
from risk.store.hiding import Told
from serving.shapes.lists_beside import Criteria, CriterionList, HospitalAtHome, WiderList
from tests.published import FLAGS, PEOPLE, REASONS, staged
from tests.service import TODAY, Service, serving

DAYS = {"valid_from": datetime.date(2020, 1, 1), "valid_to": None}
HERE, THERE = ("ods", "A81001"), ("ods", "A81002")
TEAM, NETWORK = "/v1/teams/north/list", "/v1/networks/U12345/list"
OUTCOME = "/v1/practices/A81001/lists/deterioration"
CRITERIA, CRITERION = "/v1/practices/A81001/criteria", "/v1/practices/A81001/criteria/housebound"
AT_HOME = "/v1/practices/A81001/hospital-at-home"
OF_PRACTICE = (OUTCOME, CRITERIA, CRITERION, AT_HOME)
ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
EVERY = (TEAM, NETWORK, *OF_PRACTICE)


def _list(store: Any, number: int, name: str, kind: str, code: str, people: tuple[int, ...], practices: list[tuple[str, str]], **more: Any) -> None:  # fmt: skip
    """A list of ``people``, its rows as a run writes them: by rank, each under its own practice."""
    scored = {row[0]: row for row in PEOPLE}
    store.write_wider(number, {"list": name, "kind": kind, "scheme": "" if kind == "team" else "ods", "code": code, "name": f"{kind} {code}",
                                "practices": practices, "registered": 200, "scored": 5, "k": len(people), "capacity": None, "listed": len(people),
                                "cut": 0.21} | more)  # fmt: skip
    rows = [
        {"person_id": person, "scheme": "ods", "practice": scored[person][1], "rank": place, "raw": scored[person][3],
         "probability": scored[person][4], "band": scored[person][5], "age_band": "85-89", "sex": "female", "reason": "score",
         "reasons": orjson.dumps(REASONS), "flags": orjson.dumps(FLAGS)}
        for place, person in enumerate(people, 1)
    ]  # fmt: skip
    store.write_list(number, rows, kind=name)


@pytest.fixture
def lists(store_settings: Settings) -> Iterator[Service]:
    """Five people in two practices: a team's list of three, a network's of four, one of two by deterioration, two housebound, two in hospital at home."""
    store = stores.open(store_settings)
    organisations = [{"scheme": "ods", "code": code, "name": code, "kind": kind, **DAYS}
                     for code, kind in (("A81001", "practice"), ("A81002", "practice"), ("U12345", "network"))]  # fmt: skip
    store.write_directory({
        "organisation": organisations,
        "organisation_part": [{"scheme": "ods", "code": code, "whole_scheme": "ods", "whole": "U12345", **DAYS} for _, code in (HERE, THERE)],
        "team": [{"team_id": "north", "name": "North", "kind": "community", "scheme": "ods", "organisation": "U12345", "capacity": 3, **DAYS}],
        "team_cover": [{"team_id": "north", "scheme": scheme, "practice": code, **DAYS} for scheme, code in (HERE, THERE)],
    })  # fmt: skip
    number = staged(store)
    both = [HERE, THERE]
    _list(store, number, "team-1", "team", "north", (101, 201, 102), both, capacity=3)
    _list(store, number, "network-1", "network", "U12345", (101, 201, 102, 202), both)
    _list(store, number, "deterioration-1", "deterioration", "A81001", (103, 101), [HERE])
    store.write_outcomes(number, [{"place": 1, "outcome": "deterioration", "title": "Deterioration", "horizon": 365, "minimum_age": 65,
                                   "model_name": "deterioration_365", "model_version": 2, "model_sha256": "ef" * 32, "scored": 2}])  # fmt: skip
    counts = [{"criterion": "housebound", "scheme": "ods", "practice": "A81001", "scored": 3, "met": 2, "unknown": 1}]
    store.write_criteria(number, counts, [{"criterion": "housebound", "person_id": person, "scheme": "ods", "practice": "A81001",
                                           "because": ["recorded as housebound"]} for person in (102, 103)])  # fmt: skip
    store.write_hospital_at_home(number, [{"person_id": person, "scheme": "ods", "practice": "A81001", "since": since, "told_by": "caseload"}
                                          for person, since in ((103, "2024-11-10"), (101, "2024-11-20"))])  # fmt: skip
    store.publish(number, content_sha256="0" * 64, counts={"scored": 5}, valid_until=datetime.date(2024, 12, 14))
    store.close()
    (store_settings.runs / str(number)).mkdir(parents=True)
    with serving(store_settings) as held:
        yield held


def got(lists: Service, path: str, bearer: dict[str, str]) -> dict[str, Any]:
    answer = lists.http.get(path, headers=bearer)
    assert answer.status_code == 200, (path, answer.text)
    return dict(answer.json())


def through_team(lists: Service, **more: Any) -> dict[str, str]:
    return lists.bearer(clients.add(lists.store, "a team's tool", (), TODAY, teams=("north",), **more))


def cover(lists: Service, practice: tuple[str, str], to: datetime.date) -> None:
    row = {"team_id": "north", "scheme": practice[0], "practice": practice[1], **DAYS, "valid_to": to}
    lists.store.write_directory({"team_cover": [row]})


def test_every_list_in_its_own_order_with_where_it_comes_from(lists: Service) -> None:
    """Harm: a team works from a list without its denominator, or takes one kind of list for another."""
    bearer = lists.bearer(lists.client())
    team, network, outcome = (got(lists, path, bearer) for path in (TEAM, NETWORK, OUTCOME))
    for body in (team, network, outcome):
        assert WiderList.model_validate(body)
    assert [(one["rank"], one["practice"], one["probability"]) for one in team["people"]] == [
        (1, "A81001", 0.61), (2, "A81002", 0.55), (3, "A81001", 0.34)]  # fmt: skip
    assert (team["k"], team["capacity"], team["scored"], team["practices"]) == (3, 3, 5, ["A81001", "A81002"])
    assert (len(network["people"]), network["capacity"]) == (4, None)
    assert (outcome["outcome"]["name"], outcome["minimum_age"], outcome["model"]) == (
        "deterioration", 65, {"name": "deterioration_365", "version": 2, "sha256": "ef" * 32})  # fmt: skip
    assert [one["probability"] for one in outcome["people"]] == [0.08, 0.61], "by its own ranks"
    counts, housebound, home = (got(lists, path, bearer) for path in (CRITERIA, CRITERION, AT_HOME))
    assert Criteria.model_validate(counts)
    assert CriterionList.model_validate(housebound)
    assert [(one["name"], one["met"], one["unknown"]) for one in counts["criteria"]] == [("housebound", 2, 1)]
    assert [(one["rank"], one["because"]) for one in housebound["people"]] == [
        (2, ["recorded as housebound"]), (3, ["recorded as housebound"])]  # fmt: skip
    assert HospitalAtHome.model_validate(home)
    assert [one["since"] for one in home["people"]] == ["2024-11-10", "2024-11-20"], "by admission, and not by risk"
    assert "rank" not in home["people"][0]
    for body in (team, outcome, counts, housebound, home):
        assert body["not_for"] == "not for placement, funding, resuscitation or discharge decisions"
        assert body["marking"] == "simulated data: a made-up area of 5 people"


@pytest.mark.parametrize(("path", "key"), [(TEAM, "rank"), (OUTCOME, "rank"), (CRITERION, "rank"), (AT_HOME, "since")])
def test_pages_join_up_and_lose_nobody_when_somebody_is_hidden_between_them(
    lists: Service, path: str, key: str
) -> None:
    """Harm: somebody dies between two pages of a pull, and whoever comes after them is on neither."""
    bearer = lists.bearer(lists.client())
    whole = got(lists, path, bearer)["people"]
    first = got(lists, f"{path}?limit=1", bearer)
    rest = got(lists, f"{path}?after={first['next']}", bearer)
    assert ([one[key] for one in first["people"] + rest["people"]], rest["next"]) == ([one[key] for one in whole], None)
    hidden = {TEAM: 101, OUTCOME: 103, CRITERION: 102, AT_HOME: 103}[path]
    lists.store.tell([Told(hidden, "died_informal", TODAY, "api", "a test")])
    again = got(lists, f"{path}?after={first['next']}", bearer)
    assert ([one["person"] for one in again["people"]], again["withheld"]) == ([one["person"] for one in whole[1:]], 1)


def test_an_unchanged_list_costs_a_304_and_is_audited_all_the_same(lists: Service) -> None:
    """Harm: who asked is not in the audit; or a list is kept by a caller after somebody on it died."""
    bearer, tags = lists.bearer(lists.client()), {}
    for path in EVERY:
        before = len(lists.audited())
        tags[path] = tag = lists.http.get(path, headers=bearer).headers["etag"]
        again = lists.http.get(path, headers={**bearer, "If-None-Match": tag})
        assert (again.status_code, again.content) == (304, b"")
        rows = lists.audited()[before:]
        assert [row["outcome"] for row in rows] == ["answered", "unchanged"]
        assert all(row["organisation"] and row["run"] == 1 for row in rows)
        assert (rows[0]["people"] != "[]") == (path != CRITERIA), "counts name nobody"
    other = lists.bearer(lists.client())
    assert {lists.http.get(path, headers={**other, "If-None-Match": tags[path]}).status_code for path in EVERY} == {200}
    lists.store.tell([Told(101, "died_informal", TODAY, "api", "a test")])
    assert {lists.http.get(path, headers={**bearer, "If-None-Match": tags[path]}).status_code for path in EVERY} == {
        200
    }


def test_a_list_that_is_not_the_callers_is_not_there(lists: Service) -> None:
    """Harm: a client reads another practice's people, or learns that a list exists."""
    elsewhere = lists.bearer(lists.client("A81002"))
    few = lists.bearer(lists.client(scopes=("runs:read",)), ("runs:read",))
    for path in EVERY:
        made_up = path.replace("A81001", "Z99999").replace("U12345", "Z99999").replace("north", "south")
        refused, absent = (lists.http.get(one, headers=elsewhere) for one in (path, made_up))
        assert (refused.status_code, refused.json()["title"]) == (404, absent.json()["title"])
        assert lists.audited()[-1]["outcome"] == "refused"
        assert lists.http.get(path, headers=few).status_code == 403


@ON_SQLITE
def test_a_list_that_there_is_not_is_not_there_for_anybody(lists: Service) -> None:
    """Harm: a practice without a list by an outcome reads an empty one."""
    bearer = lists.bearer(lists.client())
    for path in (f"{OUTCOME}s", f"{CRITERIA}/frequent_attenders", f"{TEAM}?run=7", "/v1/networks/A81001/list", "/v1/places/U12345/list"):  # fmt: skip
        assert lists.http.get(path, headers=bearer).status_code == 404


def test_a_teams_client_reaches_the_practices_that_the_team_covers_today(lists: Service) -> None:
    """Harm: a team goes on reading a practice that it covers no longer; or loses its whole list because one practice left."""
    bearer = through_team(lists)
    assert len(got(lists, TEAM, bearer)["people"]) == 3
    assert len(got(lists, "/v1/practices/A81002/list", bearer)["people"]) == 1
    cover(lists, THERE, TODAY)
    body = got(lists, TEAM, bearer)
    assert ([one["rank"] for one in body["people"]], body["of_other_practices"], body["withheld"]) == ([1, 3], 1, 0)
    assert lists.http.get("/v1/practices/A81002/list", headers=bearer).status_code == 404
    lists.store.tell([Told(101, "died_informal", TODAY, "api", "a test")])
    body = got(lists, TEAM, bearer)
    assert ([one["rank"] for one in body["people"]], body["of_other_practices"], body["withheld"]) == ([3], 1, 1)
    cover(lists, HERE, TODAY)
    assert lists.http.get(TEAM, headers=bearer).status_code == 403, "nothing is left of its scopes"


@ON_SQLITE
def test_a_client_of_one_of_a_teams_practices_sees_nothing_of_its_list(lists: Service) -> None:
    """Harm: a practice works out another practice's numbers from those of a list that holds both."""
    one, both = lists.bearer(lists.client("A81001")), lists.bearer(lists.client("A81001", "A81002"))
    for path in (TEAM, NETWORK):
        assert lists.http.get(path, headers=one).status_code == 404
        assert got(lists, path, both)["of_other_practices"] == 0


@ON_SQLITE
def test_a_grant_of_a_team_ends_and_never_says_who_somebody_is(lists: Service) -> None:
    """Harm: a tool of a team that left the work reads on; or writes what a practice alone may write."""
    made = clients.add(lists.store, "a team's tool", (), TODAY, teams=("north",))
    assert (made["practices"], made["teams"]) == ([], ["north"])
    bearer = lists.bearer(made)
    assert lists.http.get(TEAM, headers=bearer).status_code == 200
    assert lists.store.end_access(made["client_id"], TODAY, practice="north") == 0, "a team is no practice"
    assert lists.store.end_access(made["client_id"], TODAY, team="north") == 1
    assert lists.http.get(TEAM, headers=bearer).status_code == 403
    for wrong in ({"scopes": ("suppressions:write",)}, {"scopes": ("register:read",)}):
        with pytest.raises(WrongUsage, match="practice's own clients"):
            clients.add(lists.store, "a team's tool", (), TODAY, teams=("north",), **wrong)
    with pytest.raises(WrongUsage, match="teams of the directory"):
        clients.add(lists.store, "a team's tool", (), TODAY, teams=("south",))
