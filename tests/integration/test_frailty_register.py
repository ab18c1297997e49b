"""The frailty register through the service and the command line: who may answer, what sticks, what never leaves. On SQLite and on PostgreSQL."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from features.codelists import load, names
from risk import clients, retention
from risk import store as stores
from risk.frailty_register.reading import practice_register
from risk.store.hiding import Told
from serving.documented import example
from serving.shapes.frailty import Answered, FrailtyHistory, FrailtyRegister
from tests.published import PEOPLE, staged
from tests.service import TODAY, Service

BASIS = {
    "kind": "clinical_frailty_scale",
    "says": "Clinical Frailty Scale 6",
    "on": "2024-06-01",
    "category": "moderate",
    "decides": True,
}
CONFIRM = {
    "answer": "confirm",
    "category": "moderate",
    "how": "clinical_frailty_scale",
    "on": str(TODAY),
    "assessor": "Dr A Clinician",
}
CHANGE = {**CONFIRM, "answer": "change", "category": "mild"}
REJECT = {**CONFIRM, "answer": "reject", "category": None, "why_rejected": "record_not_right"}
_KEYS = (f"key-of-the-register-{number:04d}" for number in itertools.count())


def proposing(service: Service, **proposed: str) -> int:
    """The next run, which proposes of person 102 "moderate" (or what is said of ``p102``), and of 201 of the other practice "severe"."""
    number = staged(service.store)
    said = {"p102": "moderate", "p201": "severe", **proposed}
    where = {row[0]: row[1] for row in PEOPLE}
    service.store.write_frailty_proposals(number, [
        {"person_id": int(person[1:]), "scheme": "ods", "practice": where[int(person[1:])], "proposed": category,
         "rests_on": [{**BASIS, "category": category}]}
        for person, category in said.items() if category
    ])  # fmt: skip
    service.store.publish(number, content_sha256=f"{number:064x}", counts={}, valid_until=date(2024, 12, 14))
    (service.settings.runs / str(number)).mkdir(parents=True)
    return number


class Surgery:
    """A client of practice A81001, and what it answers."""

    def __init__(self, service: Service, scopes: Any = tuple(clients.SCOPES)) -> None:
        self.service = service
        self.headers = service.bearer(service.client("A81001", scopes=scopes), scopes)

    def get(self, path: str) -> Any:
        return self.service.http.get(path, headers=self.headers)

    def register(self, practice: str = "A81001", **params: Any) -> Any:
        asked = "&".join(f"{name}={value}" for name, value in params.items())
        return self.get(f"/v1/practices/{practice}/frailty-register?{asked}")

    def somebody(self) -> str:
        return str(self.register().json()["people"][0]["person"])

    def answer(self, person: str, said: Any, match: str | None = None, key: str | None = None) -> Any:
        match = match or self.get(f"/v1/persons/{person}/frailty").headers.get("etag", '"v0"')
        headers = {**self.headers, "If-Match": match, "Idempotency-Key": key or next(_KEYS)}
        return self.service.http.post(f"/v1/persons/{person}/frailty", json=said, headers=headers)


@pytest.fixture
def surgery(service: Service) -> Surgery:
    proposing(service)
    return Surgery(service)


def test_a_proposal_is_confirmed_changed_and_rejected_and_the_history_stays(surgery: Surgery) -> None:
    """Harm: a category that no clinician gave is counted, or one that was given is lost."""
    before = surgery.register().json()
    (waiting,) = before["people"]
    assert (waiting["state"], waiting["proposed"], waiting["category"], waiting["rests_on"]) == (
        "waiting",
        "moderate",
        None,
        [BASIS],
    )
    assert (before["counts"]["people"], before["counts"]["frail"], before["counts"]["to_answer"]) == (3, 0, 1)
    person = waiting["person"]
    done = surgery.answer(person, CONFIRM)
    assert (done.status_code, done.headers["etag"]) == (200, '"v1"')
    counts = surgery.register().json()["counts"]
    assert (counts["frail"], counts["confirmed"]["moderate"], counts["to_answer"]) == (1, 1, 0)
    assert surgery.answer(person, CHANGE).json()["supersedes"] == done.json()["seq"]
    assert surgery.register().json()["counts"]["confirmed"] == {"fit": 0, "mild": 1, "moderate": 0, "severe": 0}
    assert surgery.answer(person, REJECT).status_code == 200
    assert surgery.register().json()["counts"]["frail"] == 0
    told = surgery.get(f"/v1/persons/{person}/frailty").json()
    assert [(row["answer"], row["category"], row["assessor"]) for row in told["answers"]] == [
        ("confirm", "moderate", "Dr A Clinician"), ("change", "mild", "Dr A Clinician"), ("reject", None, "Dr A Clinician")]  # fmt: skip
    assert (told["state"], told["version"]) == ("rejected", 3)


def test_what_is_answered_outlives_the_run_and_comes_back_only_for_more(surgery: Surgery) -> None:
    """Harm: the same question every week; or nobody asked again of somebody who got much worse."""
    person = surgery.somebody()
    surgery.answer(person, CONFIRM)
    proposing(surgery.service)
    (one,) = surgery.register().json()["people"]
    assert (one["state"], one["category"]) == ("confirmed", "moderate")
    proposing(surgery.service, p102="severe")
    (one,) = surgery.register(state="look_again").json()["people"]
    assert (one["state"], one["category"], one["proposed"]) == ("look_again", "moderate", "severe")


def test_two_clinicians_and_a_request_made_twice(surgery: Surgery) -> None:
    """Harm: one clinician writes over what another just found; a retried request counts twice."""
    person = surgery.somebody()
    first = surgery.answer(person, CONFIRM, '"v0"', "the-same-key-of-a-request")
    again = surgery.answer(person, CONFIRM, '"v0"', "the-same-key-of-a-request")
    assert (first.json(), again.status_code) == (again.json(), 200)
    assert surgery.answer(person, CHANGE, '"v0"').status_code == 412
    assert surgery.answer(person, CHANGE, '"v1"', "the-same-key-of-a-request").status_code == 422
    assert len(surgery.get(f"/v1/persons/{person}/frailty").json()["answers"]) == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({**CONFIRM, "category": "severe"}, 409),  # not what is proposed
        ({**CHANGE, "category": "moderate"}, 409),
        ({**CONFIRM, "on": str(TODAY + timedelta(days=1))}, 422),
        ({**CONFIRM, "how": "electronic_frailty_index"}, 422),  # an index is no assessment
        ({**CONFIRM, "assessor": None}, 422),
        ({**CONFIRM, "code": "925861000000102"}, 422),  # there is no place for a code
        ([CONFIRM, CONFIRM], 422),  # and none for two people
    ],
)
def test_what_is_not_written(surgery: Surgery, said: Any, status: int) -> None:
    """Harm: frailty coded from an index, for many at once, by nobody."""
    person = surgery.somebody()
    assert surgery.answer(person, said).status_code == status
    assert surgery.get(f"/v1/persons/{person}/frailty").json()["answers"] == []


def test_nobody_under_65_and_nobody_of_another_practice(surgery: Surgery) -> None:
    """Harm: a register of frail forty-year-olds; a practice that reads of its neighbour's patients."""
    service = surgery.service
    assert surgery.register("A81002").status_code == 404
    listed = surgery.get("/v1/practices/A81001/list").json()["people"]
    other = next(row["person"] for row in listed if row["person"] != surgery.somebody())
    with service.store.writing() as connection:
        connection.execute(text("UPDATE person_score SET age_band = '60-64' WHERE person_id = 101"))
    assert surgery.answer(other, {**CHANGE, "category": "severe"}).status_code == 409
    reader = Surgery(service, ("register:read", "lists:read"))
    assert reader.answer(surgery.somebody(), CONFIRM).status_code in (403, 404)
    assert Surgery(service, clients.READING).register().status_code == 403


def test_somebody_hidden_is_gone_from_the_register_and_its_numbers(surgery: Surgery) -> None:
    """Harm: somebody who died last week is called to be assessed."""
    person = surgery.somebody()
    surgery.answer(person, CONFIRM)
    surgery.service.store.tell([Told(102, "died_informal", TODAY, "api", "a test")])
    held = surgery.register().json()
    assert (held["people"], held["counts"]["people"], held["counts"]["frail"]) == ([], 2, 0)
    assert surgery.answer(person, CHANGE, '"v1"').status_code == 404


def test_forgotten_and_past_its_time(surgery: Surgery) -> None:
    """Harm: what a clinician wrote of somebody who was forgotten is found years later."""
    surgery.answer(surgery.somebody(), CONFIRM)
    store = surgery.service.store
    later = TODAY + timedelta(days=surgery.service.settings.decision_days + 1)
    past = retention.past(surgery.service.settings, store, later)["frailty_register"]
    assert [one.rows for one in past] == [1]
    assert retention.past(surgery.service.settings, store, TODAY)["frailty_register"] == []
    removed = store.remove_people([102])
    assert (removed["frailty_entry"], removed["frailty_text"], removed["frailty_proposal"]) == (1, 1, 1)
    assert store.frailty_entries([102]) == {}


def test_no_code_of_a_diagnosis_is_ever_given_out(surgery: Surgery) -> None:
    """Harm: a batch of codes is made of the register and written into records that no clinician looked at."""
    person = surgery.somebody()
    surgery.answer(person, CONFIRM)
    said = [surgery.register().text, surgery.get(f"/v1/persons/{person}/frailty").text,
            json.dumps(practice_register(surgery.service.settings, "A81001"), default=str),
            json.dumps([example(shape) for shape in (FrailtyRegister, FrailtyHistory, Answered)], default=str)]  # fmt: skip
    codes = {code for name in names() for code in load(name).categories if code.isdigit() and len(code) > 5}
    assert "925861000000102" in codes
    for answer in said:
        assert not codes & set(re.findall(r"\d{6,}", answer))
    paths = surgery.service.http.get("/openapi.json").json()["paths"]
    writes = {path for path, methods in paths.items() if "frailty" in path and "post" in methods}
    assert writes == {"/v1/persons/{person}/frailty"}


def test_the_terminal_shows_the_register_and_says_so_in_the_audit(surgery: Surgery) -> None:
    """Harm: somebody reads who is frail and no row says that they did."""
    surgery.answer(surgery.somebody(), CONFIRM)
    held = practice_register(surgery.service.settings, "A81001")
    assert (held["counts"]["frail"], [row["category"] for row in held["people"]]) == (1, ["moderate"])
    assert [row["organisation"] for row in surgery.service.audited("register")] == ["A81001"]
    assert len(surgery.service.audited("register.answer")) == 1


def test_a_store_of_before_has_no_register_and_says_nothing(service: Service) -> None:
    """Harm: a run of before there were registers is read as one in which nobody was frail."""
    held = Surgery(service).register().json()
    assert (
        held["people"],
        held["counts"]["to_answer"],
        stores.open(service.settings).frailty_proposals(1, "A81001"),
    ) == ([], 0, [])
