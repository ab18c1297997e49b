"""Somebody looked up by NHS number: the least that is of use at a front door, to whoever has a relationship, and one answer to everybody else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from risk import keys
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from risk.store.tables import list_entry
from tests.identities import NUMBERS, UNKNOWN, known
from tests.service import TODAY, Service, serving

PATH = "/v1/persons/lookup"


class Door:
    """A front door of one practice's people, and the identity store behind the service, in which the published people are."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.people = known(service)
        self.client = service.client("A81001", scopes=["persons:lookup"])
        self.headers = service.bearer(self.client)

    def ask(self, number: str, purpose: str = "front_door", **more: Any) -> Any:
        return self.service.http.post(
            PATH, headers=self.headers, json={"nhs_number": number, "purpose": purpose, **more}
        )


@pytest.fixture
def door(store_settings: Settings) -> Iterator[Door]:
    with serving(store_settings) as service:
        yield Door(service)


def test_band_plan_and_coordinator_and_nothing_else(door: Door) -> None:
    plan = orjson.dumps({"respect": {"value": "yes", "on": "2024-03-02"}})
    person = door.people[101]
    with door.service.store.writing() as connection:
        connection.execute(list_entry.update().where(list_entry.c.person_id == person).values(flags=plan))
    meeting = door.service.client("A81001")
    called = Pseudonyms(keys.held(door.service.settings).person, meeting["client_id"]).of(person)
    headers = {**door.service.bearer(meeting), "If-Match": '"v0"', "Idempotency-Key": "decided-for-the-door-1"}
    said = {"decision": "accept", "reason": "likely_to_benefit", "owner": "the matron", "coordinator": "the care coordinator", "informed": {"told": "yes", "how": "in_person", "on": "2024-12-02"}}  # fmt: skip
    done = door.service.http.post(f"/v1/persons/{called}/decisions", headers=headers, json=said)
    assert done.status_code in (200, 201), done.text
    answer = door.ask("999 123 4578")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {name: told[name] for name in ("band", "coordinator")} == {"band": "high", "coordinator": {"says": "the care coordinator", "on": str(TODAY)}}  # fmt: skip
    assert told["plan"] == {"plans": [{"name": "respect", "on": "2024-03-02"}], "says": "There is a plan: follow it. Suggested actions give way."}  # fmt: skip
    assert told["person"] == Pseudonyms(keys.held(door.service.settings).person, door.client["client_id"]).of(person)
    assert not {"reasons", "probability", "rank", "listed", "flags", "age_band", "sex", "practice", "nhs_number"} & set(
        told
    )
    (row,) = door.service.audited("person.lookup")
    assert (row["actor"], row["outcome"], row["organisation"], row["person_id"], row["run"]) == (door.client["client_id"], "answered", "A81001", person, 1)  # fmt: skip
    assert json.loads(row["detail"]) == {"purpose": "front_door", "relationship": "ods A81001"}


def test_unknown_hidden_and_not_permitted_are_one_answer(door: Door) -> None:
    """Harm: an opt-out, a death or where somebody is registered is read off the answer."""
    door.service.store.tell([Told(door.people[102], "opted_out", TODAY, "a ward", "a test", True, "", ""),
                             Told(door.people[101], "died_informal", TODAY, "a ward", "a test", True, "", "")])  # fmt: skip
    answers = [door.ask(one) for one in (UNKNOWN, NUMBERS[102], NUMBERS[101], NUMBERS[201])]
    own = {"x-request-id"}
    assert len({(answer.status_code, answer.text, str({name: value for name, value in answer.headers.items() if name not in own})) for answer in answers}) == 1  # fmt: skip
    assert answers[0].status_code == 404
    rows = door.service.audited("person.lookup")
    assert [(row["outcome"], row["person_id"]) for row in rows] == [("refused", who) for who in (None, door.people[102], door.people[101], door.people[201])]  # fmt: skip
    assert {json.loads(row["detail"])["purpose"] for row in rows} == {"front_door"}


def test_the_scope_is_its_own(door: Door) -> None:
    """Harm: whoever may look somebody up reads the list, and whoever may read a list tries out numbers."""
    for path in ("/v1/practices/A81001/list", "/v1/runs/current"):
        assert door.service.http.get(path, headers=door.headers).status_code == 403
    person = door.ask(NUMBERS[101]).json()["person"]
    assert door.service.http.get(f"/v1/persons/{person}/risk", headers=door.headers).status_code == 403
    reader = door.service.bearer(door.service.client("A81001", scopes=["lists:read", "persons:read"]))
    body = {"nhs_number": NUMBERS[101], "purpose": "front_door"}
    assert door.service.http.post(PATH, headers=reader, json=body).status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"nhs_number": "9991234579"}, {"nhs_number": "999123457"}, {"nhs_number": 9991234578}, {"nhs_number": None}, {"purpose": "curiosity 9991234578"},
     {"9991234578": "x"}, {"nhs_number": "9999999999"}],
    ids=str,
)  # fmt: skip
def test_a_number_stands_nowhere_else(
    door: Door, wrong: dict[str, Any], caplog: pytest.LogCaptureFixture, capfd: Any
) -> None:
    """Harm: numbers lie in logs and errors, which many may read."""
    with caplog.at_level(logging.DEBUG):
        bad = door.service.http.post(
            PATH, headers=door.headers, json={"nhs_number": NUMBERS[101], "purpose": "front_door", **wrong}
        )
        good = door.ask(NUMBERS[101])
    assert (bad.status_code, good.status_code) == (422, 200)
    printed = "".join(capfd.readouterr())
    held = [bad.text, good.text, str(good.headers), caplog.text, printed, str(list(door.service.store.audit_rows()))]
    assert not [text for text in held if "999123457" in text or "9999999999" in text]
    assert door.service.http.get(f"{PATH}/{NUMBERS[101]}", headers=door.headers).status_code == 404
    assert door.service.http.get(PATH, headers=door.headers, params={"nhs_number": NUMBERS[101]}).status_code in (
        404,
        405,
    )


def test_numbers_cannot_be_tried_out_at_speed(store_settings: Settings, tmp_path: Path) -> None:
    """Harm: a stolen token goes through every number there is. OWASP API4:2023."""
    with serving(store_settings.model_copy(update={"lookups_per_minute": 3})) as service:
        door = Door(service)
        got = [door.ask(UNKNOWN) for _ in range(5)]
        assert [answer.status_code for answer in got] == [404] * 3 + [429] * 2
        assert (got[-1].json()["type"], got[-1].headers["retry-after"]) == ("urn:frailty:problem:too-many", "20")
        other = service.bearer(service.client("A81001", scopes=["persons:lookup"]))
        body = {"nhs_number": NUMBERS[101], "purpose": "call_handling"}
        assert service.http.post(PATH, headers=other, json=body).status_code == 200, "another's are another's"
        assert [json.loads(row["detail"]).get("limit") for row in service.audited("person.lookup")][3:5] == [
            "lookups_per_minute"
        ] * 2


def test_where_nobody_can_say_whose_number_it_is_there_is_no_answer(store_settings: Settings) -> None:
    """Harm: "not known" reads as "not at risk" where the identity store is kept elsewhere."""
    with serving(store_settings) as service:
        headers = service.bearer(service.client("A81001"))
        answer = service.http.post(PATH, headers=headers, json={"nhs_number": NUMBERS[101], "purpose": "front_door"})
        assert answer.status_code == 503
