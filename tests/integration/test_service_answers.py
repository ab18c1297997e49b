"""What the service answers: shapes, provenance, pages, ETags; and that the audit has it before the caller does."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

import pytest

from features.errors import MissingPart
from risk.audit import Audit
from serving.documented import example
from serving.routes import practices
from serving.shapes.lists import PracticeList
from serving.shapes.person import PersonRisk
from serving.shapes.run import CurrentRun
from tests.published import PEOPLE, published, staged
from tests.service import TODAY, Service

LIST = "/v1/practices/A81001/list"


def test_a_list_in_rank_order_with_where_it_comes_from(service: Service) -> None:
    answer = service.http.get(LIST, headers=service.bearer(service.client("A81001")))
    body = answer.json()
    assert answer.status_code == 200
    assert PracticeList.model_validate(body)
    assert [(p["rank"], p["band"], p["probability"]) for p in body["people"]] == [
        (1, "high", 0.61),
        (2, "medium", 0.34),
    ]
    assert (body["k"], body["scored"], body["registered"], body["next"]) == (2, 3, 100, None)
    assert (
        body["places_by"]
        == "by the area's share of those scored, 2%, rounded up. Equal scores are put in order by a lot drawn before anybody is ranked."
    )
    assert (body["run"], body["model"]["version"], body["data_as_at"], body["valid_until"]) == (
        1,
        3,
        "2024-11-28",
        "2024-12-14",
    )
    assert body["about"] == {"kind": "simulated", "title": "a made-up area of 5 people"}
    assert body["marking"] == "simulated data: a made-up area of 5 people"
    assert body["not_for"] == "not for placement, funding, resuscitation or discharge decisions"
    assert body["people"][0]["reasons"]["raises"][0]["says"] == "3 emergency admissions in the last year"


def test_probability_is_a_fraction(service: Service) -> None:
    """23 in 100 is 0.23 here: a percentage would read as certainty to who expects a fraction."""
    person = service.http.get(LIST, headers=service.bearer(service.client("A81001"))).json()["people"][1]
    assert person["probability"] == 0.34


def test_pages_join_up(service: Service) -> None:
    bearer = service.bearer(service.client("A81001"))
    first = service.http.get(f"{LIST}?limit=1", headers=bearer).json()
    second = service.http.get(f"{LIST}?limit=1&after={first['next']}", headers=bearer).json()
    assert [p["rank"] for p in first["people"] + second["people"]] == [1, 2]
    assert (first["next"], second["next"]) == (1, None)


def test_an_unchanged_list_costs_a_304_and_is_audited_all_the_same(service: Service) -> None:
    bearer = service.bearer(service.client("A81001"))
    first = service.http.get(LIST, headers=bearer)
    again = service.http.get(LIST, headers={**bearer, "If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert [(row["outcome"], row["people"]) for row in service.audited("list.read")] == [("answered", "[101,102]"), ("unchanged", None)]  # fmt: skip
    (service.settings.runs / str(published(service.store))).mkdir()
    assert service.http.get(LIST, headers={**bearer, "If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_list_that_is_kept_is_asked_for_audited_and_refused_like_any_other(service: Service) -> None:
    """Harm prevented: a list kept as bytes is answered to whoever may not read it any more, or to another, or without a row in the audit."""
    client, other = service.client("A81001"), service.client("A81001")
    first, again, others = (
        service.http.get(LIST, headers=service.bearer(one)).json()["people"] for one in (client, client, other)
    )
    assert again == first
    assert not {person["person"] for person in others} & {person["person"] for person in first}
    assert [row["people"] for row in service.audited("list.read")] == ["[101,102]"] * 3
    bearer = service.bearer(client, ["persons:read"])
    assert service.http.get(LIST, headers=bearer).status_code == 403
    service.store.end_access(client["client_id"], TODAY)
    assert service.http.get(LIST, headers=service.bearer(client)).status_code == 401
    assert [row["outcome"] for row in service.audited("list.read")] == ["answered"] * 3 + ["refused"]


def test_a_tag_of_before_answers_held_more_is_good_no_longer(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """A practice that pulls with the tag of last week's version would not see the plans that this one's answers hold, until the next run."""
    bearer = service.bearer(service.client("A81001"))
    monkeypatch.setattr(practices, "SHAPE", "of an earlier version")
    tag = service.http.get(LIST, headers=bearer).headers["etag"]
    monkeypatch.undo()
    assert service.http.get(LIST, headers={**bearer, "If-None-Match": tag}).status_code == 200


def test_a_tag_is_good_for_one_client_alone(service: Service) -> None:
    """Otherwise a tag would tell one client that another had seen the same list."""
    tag = service.http.get(LIST, headers=service.bearer(service.client("A81001"))).headers["etag"]
    other = {**service.bearer(service.client("A81001")), "If-None-Match": tag}
    assert service.http.get(LIST, headers=other).status_code == 200


def test_earlier_runs_stay_readable_and_shadows_are_not_there(service: Service) -> None:
    second = published(service.store, PEOPLE[:1])
    shadow, draft = published(service.store, shadow=True), staged(service.store)
    bearer = service.bearer(service.client("A81001"))
    assert [len(service.http.get(f"{LIST}?run={run}", headers=bearer).json()["people"]) for run in (1, second)] == [
        2,
        1,
    ]
    for hidden in (shadow, draft, 99):
        assert service.http.get(f"{LIST}?run={hidden}", headers=bearer).status_code == 404


def test_a_person_by_the_id_that_the_list_gave(service: Service) -> None:
    bearer = service.bearer(service.client("A81001"))
    listed = service.http.get(LIST, headers=bearer).json()["people"][0]
    answer = service.http.get(f"/v1/persons/{listed['person']}/risk", headers=bearer)
    body = answer.json()
    assert PersonRisk.model_validate(body)
    assert {key: body[key] for key in ("person", "rank", "band", "probability", "reasons")} == {
        key: listed[key] for key in ("person", "rank", "band", "probability", "reasons")
    }
    row = service.audited("person.risk")[-1]
    assert (row["person_id"], row["organisation"], row["outcome"], row["run"]) == (101, "A81001", "answered", 1)


def test_the_current_run_and_the_callers_own_practices(service: Service) -> None:
    mine = service.http.get("/v1/runs/current", headers=service.bearer(service.client("A81001"))).json()
    everyone = service.http.get("/v1/runs/current", headers=service.bearer(service.client())).json()
    assert CurrentRun.model_validate(mine)
    assert ([p["practice"] for p in mine["practices"]], mine["counts"]) == (["A81001"], None)
    assert ([p["practice"] for p in everyone["practices"]], everyone["counts"]) == (["A81001", "A81002"], {"scored": 5})


def test_an_old_list_says_so(service: Service) -> None:
    published(service.store, valid_until=date(2024, 12, 1))
    body = service.http.get(LIST, headers=service.bearer(service.client("A81001"))).json()
    assert (body["valid_until"], body["expired"]) == ("2024-12-01", True)


def test_no_answer_without_its_audit_row(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = service.bearer(service.client("A81001"))
    person = service.http.get(LIST, headers=bearer).json()["people"][0]["person"]

    def full(*_: object) -> None:
        raise MissingPart("no space left")

    monkeypatch.setattr(Audit, "record", full)
    for path in (LIST, f"/v1/persons/{person}/risk"):
        answer = service.http.get(path, headers=bearer)
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:frailty:problem:unavailable")
        assert person not in answer.text


def test_pseudonymous_views_hold_no_more_than_they_say(service: Service) -> None:
    text = service.http.get(LIST, headers=service.bearer(service.client("A81001"))).text
    allowed = {
        "person",
        "rank",
        "band",
        "probability",
        "outcomes",
        "interval",
        "age_band",
        "sex",
        "plan",
        "section",
        "home",
        "listed_because",
        "flags",
        "reasons",
    }
    assert {key for person in json.loads(text)["people"] for key in person} == allowed
    assert "101" not in [str(value) for person in json.loads(text)["people"] for value in person.values()]


@pytest.mark.parametrize("given", ["not-a-uuid", "9434765919", "x" * 300])
def test_a_request_id_is_mirrored_only_where_it_is_a_uuid(service: Service, given: str) -> None:
    own = str(uuid.uuid4())
    assert service.http.get("/health", headers={"X-Request-ID": own}).headers["x-request-id"] == own
    made = service.http.get("/health", headers={"X-Request-ID": given}).headers["x-request-id"]
    assert (str(uuid.UUID(made)), made == given) == (made, False)


def test_every_answer_carries_security_headers(service: Service) -> None:
    for path in ("/health", "/docs", "/openapi.json", LIST, "/v1/nothing"):
        headers = service.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] in {"no-store", "private, no-cache"}


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", f"{LIST}?limit=0", 422, "unfit-parameter"),
        ("GET", f"{LIST}?limit=5000", 422, "unfit-parameter"),
        ("GET", f"{LIST}?run=9434765919", 422, "unfit-parameter"),
        ("GET", "/v1/practices/%00/list", 422, "unfit-parameter"),
        ("GET", "/v1/persons/9434765919/risk", 404, "not-found"),
        ("GET", "/v1/nothing", 404, "not-found"),
        ("DELETE", LIST, 405, "method-not-allowed"),
    ],
)
def test_errors_are_problem_documents_that_repeat_nothing(service: Service, method: str, path: str, status: int, kind: str) -> None:  # fmt: skip
    answer = service.http.request(method, path, headers=service.bearer(service.client("A81001")))
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:frailty:problem:{kind}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "9434765919" not in answer.text


def test_a_fault_of_ours_says_nothing_but_where_to_look(service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    def broken(*_: object, **__: object) -> Any:
        raise KeyError("patient 9434765919")

    bearer = service.bearer(service.client("A81001"))
    monkeypatch.setattr(type(service.store), "current_run", broken)
    answer = service.http.get(LIST, headers=bearer)
    said = capsys.readouterr()
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:frailty:problem:internal")
    assert answer.headers["x-request-id"] in said.out + said.err
    assert "9434765919" not in answer.text + said.out + said.err


def test_a_body_too_large_is_refused(service: Service) -> None:
    assert service.http.post("/v1/token", content=b"x" * 70_000).json()["type"] == "urn:frailty:problem:too-large"
    chunks = (b"x" * 10_000 for _ in range(10))
    assert service.http.post("/v1/token", content=chunks).json()["type"] == "urn:frailty:problem:too-large"


def test_ready_says_what_is_missing(service: Service) -> None:
    assert service.http.get("/ready").json() == {"status": "ready"}
    (service.settings.runs / "1").rmdir()
    answer = service.http.get("/ready")
    assert (answer.status_code, answer.json()["missing"]) == (503, ["the published run's files"])


def test_a_path_of_several_routes_says_all_that_it_does(service: Service) -> None:
    """RFC 9110 §10.2.1. Harm: a caller takes it that nothing can be written there."""
    answer = service.http.delete("/v1/persons/x/decisions", headers=service.bearer(service.client()))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")


@pytest.mark.parametrize("query", ["9434765919=x", "limt=1", "run=1&run=2", "run=1&Run=1"])
def test_a_parameter_that_is_none_is_refused(service: Service, query: str) -> None:
    """Harm: a filter is spelled wrong, and the whole list is taken for what was asked for."""
    headers = service.bearer(service.client())
    assert service.http.get(f"{LIST}?run=1&limit=5", headers=headers).status_code == 200
    for path in (LIST, "/v1/runs/current", "/v1/persons/x/risk"):
        answer = service.http.get(f"{path}?{query}", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:frailty:problem:unfit-parameter")
        assert "9434765919" not in answer.text


def test_the_document_says_what_stands_before_a_route(service: Service) -> None:
    """A body that is no JSON, that comes too slowly or is too large; and what a write needs beside its body."""
    paths = service.http.get("/openapi.json").json()["paths"]
    write = paths["/v1/persons/{person}/decisions"]["post"]
    assert {"400", "401", "408", "413", "422", "428", "429", "500", "503"} <= set(write["responses"])
    assert {one["name"] for one in write["parameters"] if one["required"]} == {"person", "if-match", "idempotency-key"}
    assert not {"400", "408", "413"} & set(paths["/v1/practices/{code}/list"]["get"]["responses"])
    bearer = service.bearer(service.client())
    answer = service.http.post(
        "/v1/persons/lookup", headers={**bearer, "Content-Type": "application/json"}, content=b"\xff"
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:frailty:problem:invalid-request")


def test_openapi_has_an_example_of_every_answer(service: Service) -> None:
    api = service.http.get("/openapi.json").json()
    assert api["openapi"].startswith("3.1")
    for path, operations in api["paths"].items():
        for operation in operations.values():
            for status, said in operation["responses"].items():
                for content in said.get("content", {}).values():
                    assert status == "304" or content.get("example") or content.get("examples"), (path, status)
    for shape in (CurrentRun, PracticeList, PersonRisk):
        assert shape.model_validate(example(shape))


def test_the_documentation_page_shows_every_call(service: Service) -> None:
    page = service.http.get("/docs").text
    for path in service.http.get("/openapi.json").json()["paths"]:
        assert f"<code>GET {path}" in page or f"<code>POST {path}" in page
    assert "<script" not in page
