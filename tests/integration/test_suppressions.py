"""A system tells that somebody is to be shown no more: the very next read has it, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from risk import clients
from risk.store.hiding import Told
from tests.service import TODAY, Service

LIST, TELL = "/v1/practices/A81001/list", "/v1/suppressions"
DAY = str(TODAY)


class Caller:
    """A client of practices, and the people whom its lists gave it."""

    def __init__(self, service: Service, *practices: str, scopes: Any = tuple(clients.SCOPES)) -> None:
        self.service, self.client = service, service.client(*practices, scopes=scopes)
        self.headers = service.bearer(self.client)

    def list(self, practice: str = "A81001", **headers: str) -> Any:
        return self.service.http.get(f"/v1/practices/{practice}/list", headers={**self.headers, **headers})

    def people(self, practice: str = "A81001") -> list[str]:
        return [row["person"] for row in self.list(practice).json()["people"]]

    def risk(self, person: str) -> Any:
        return self.service.http.get(f"/v1/persons/{person}/risk", headers=self.headers)

    def tell(self, person: str, ground: str = "died_informal", **more: Any) -> Any:
        said = {"person": person, "ground": ground, "from": DAY, **more}
        return self.service.http.post(TELL, json=said, headers=self.headers)


@pytest.mark.parametrize("ground", ["died", "died_informal", "restricted", "opted_out", "unlinked", "left_practice"])
def test_the_very_next_read_does_not_show_who_was_told_of(service: Service, ground: str) -> None:
    """Harm: a card is read, or a visit made, between a death and the next weekly run. A kept ETag is worth nothing either."""
    caller = Caller(service, "A81001")
    before = caller.list()
    first, second = caller.people()
    more = {"practice": "A81001"} if ground == "left_practice" else {}
    told = caller.tell(first, ground, **more)
    assert (told.status_code, told.json()) == (200, {"ground": ground, "from": DAY, "act": "hide"})
    after = caller.list(**{"If-None-Match": before.headers["etag"]})
    assert (after.status_code, caller.people(), after.json()["withheld"]) == (200, [second], 1)
    assert after.headers["etag"] != before.headers["etag"]
    assert (caller.risk(first).status_code, caller.risk(second).json()["person"]) == (
        404,
        second,
    ) or ground == "unlinked"
    assert [row["outcome"] for row in service.audited("suppression.tell")] == ["answered"]
    assert caller.tell(first, ground, **more).status_code == (404 if ground == "left_practice" else 200)


def test_an_informal_death_is_lifted_by_who_told_it_and_by_nobody_else(service: Service) -> None:
    """Harm: a wrong word about a death hides somebody for good, or anybody may undo a right one."""
    ward, practice = Caller(service, "A81001"), Caller(service, "A81001")
    person, theirs = ward.people()[0], practice.people()[0]
    assert ward.tell(person, act="lift").status_code == 404, "nothing was told"
    ward.tell(person)
    assert practice.tell(theirs, act="lift").status_code == 404
    assert len(ward.people()) == 1
    assert ward.tell(person, act="lift").json()["act"] == "lift"
    assert ward.people()[0] == person
    assert ward.tell(person, "died").status_code == 200
    assert ward.tell(person, "died", act="lift").status_code == 422
    assert len(ward.people()) == 1


def test_nobody_finds_out_by_telling_who_is_hidden_already_or_is_anothers(service: Service) -> None:
    """Harm: an opt-out, or a move to a refuge, is read off an answer's status."""
    mine, other = Caller(service, "A81001"), Caller(service, "A81002")
    opted_out, shown = mine.people()
    (elsewhere,) = other.people("A81002")
    service.store.tell([Told(101, "opted_out", TODAY, "a file", "somebody")])
    answers = {name: mine.tell(person) for name, person in {"hidden": opted_out, "shown": shown}.items()}
    assert {name: (got.status_code, got.json()) for name, got in answers.items()} == dict.fromkeys(
        answers, (200, {"ground": "died_informal", "from": DAY, "act": "hide"})
    )
    refused = [mine.tell(person) for person in (elsewhere, "a" * 39, "", "9434765919")]
    assert [(got.status_code, got.json()) for got in refused] == [(404, refused[0].json())] * 4
    assert service.store.standing([201]) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"from": str(TODAY + timedelta(days=1))},
        {"from": "yesterday"},
        {"ground": "gone"},
        {"act": "show"},
        {"ground": "left_practice"},
        {"practice": "A81001"},
        {"nhs_number": "9434765919"},
    ],
    ids=str,
)
def test_what_does_not_fit_is_said_without_what_was_sent(service: Service, changed: dict[str, str]) -> None:
    caller = Caller(service, "A81001")
    got = caller.tell(**{"person": caller.people()[0], **changed})
    assert (got.status_code, got.json()["type"]) == (422, "urn:frailty:problem:unfit-parameter")
    assert "9434765919" not in got.text
    assert "yesterday" not in got.text
    assert service.store.standing() == []


def test_it_needs_its_own_scope_which_no_client_has_unasked(service: Service) -> None:
    """Harm: a system that was only to read hides people by mistake."""
    assert "suppressions:write" not in clients.READING
    reader = Caller(service, "A81001", scopes=clients.READING)
    assert reader.tell(reader.people()[0]).status_code == 403
    writer = Caller(service, "A81001", scopes=["suppressions:write"])
    assert writer.list().status_code == 403


def test_a_former_practice_may_not_tell_of_who_is_no_longer_theirs(service: Service) -> None:
    """Harm: a practice that somebody left goes on writing about them."""
    caller = Caller(service, "A81001")
    person = caller.people()[0]
    service.store.tell([Told(101, "left_practice", TODAY, "record", "a refresh", True, "ods", "A81001")])
    assert (caller.tell(person).status_code, caller.risk(person).status_code) == (404, 404)
