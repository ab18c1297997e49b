"""Who sees what: nobody without a good token, a client its own practices, and nothing once a grant has ended."""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import date, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from risk import clients, keys
from risk.organisations import import_file
from risk.pseudonyms import Pseudonyms
from risk.tokens import ALGORITHM, AUDIENCE, ISSUER
from serving.security.doors import OPEN_PAGES
from serving.security.gate import OPEN
from tests.service import TODAY, Service

LIST = "/v1/practices/A81001/list"


def paths(service: Service) -> set[str]:
    """Every path that the application routes, parameters filled in."""
    found: set[str] = set()
    waiting: list[Any] = list(service.http.app.routes)  # type: ignore[attr-defined]
    while waiting:
        route = waiting.pop()
        inner = getattr(route, "original_router", None) or route
        waiting += getattr(inner, "routes", [])
        if hasattr(route, "methods"):
            found.add(re.sub(r"\{[^}]*\}", "A81001", route.path))
    return found | {re.sub(r"\{[^}]*\}", "A81001", path) for path in service.http.get("/openapi.json").json()["paths"]}


def test_nobody_gets_past_the_gate_on_any_route(service: Service) -> None:
    walked = paths(service)
    assert {LIST, "/v1/persons/A81001/risk", "/v1/runs/current"} <= walked
    for path in walked - OPEN:
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            answer = service.http.request(method, path)
            assert answer.status_code == 401, (method, path)
    assert (
        walked & OPEN
        == {
            "/health",
            "/ready",
            "/openapi.json",
            "/docs",
            "/v1/token",
            "/fhir/R4/metadata",
            "/fhir/R4/.well-known/smart-configuration",
        }
        | OPEN_PAGES
    )
    assert {"/pages", "/pages/practices/A81001/list", "/pages/persons/A81001", "/pages/logout"} <= walked


@pytest.mark.parametrize(
    "path", ["/v1/nothing", "/health/", "//health", "/ready/../v1/runs/current", "/v1/token/x", "/redoc"]
)
def test_what_is_not_open_by_its_exact_name_is_closed(service: Service, path: str) -> None:
    assert service.http.get(path).status_code == 401


def test_open_routes_tell_nothing_of_people_or_runs(service: Service) -> None:
    for path in ("/health", "/ready"):
        assert set(service.http.get(path).json()) == {"status"}


def _b64(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _claims(client_id: str, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": client_id, "iat": now, "exp": now + 600, "jti": "j", "scope": " ".join(clients.SCOPES)}  # fmt: skip
    return {name: value for name, value in {**claims, **changed}.items() if value is not None}


def _good(service: Service, claims: dict[str, Any]) -> str:
    key = OctKey.import_key(keys.held(service.settings).token.derived("sign"))
    return jwt.encode({"alg": ALGORITHM}, claims, key)


def status(service: Service, token: str) -> int:
    return service.http.get(LIST, headers={"Authorization": f"Bearer {token}"}).status_code


def test_a_token_made_right_is_good(service: Service) -> None:
    """What the forgeries below differ from."""
    assert status(service, _good(service, _claims(service.client("A81001")["client_id"]))) == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "urn:frailty:api:v2"},
        {"aud": None},
        {"iss": "somebody else"},
        {"iss": None},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"iat": None},
        {"iat": 99_999_999_999},
        {"jti": None},
        {"sub": None},
        {"sub": "client-0000000000000000"},
        {"sub": ["a", "list"]},
        {"scope": None},
        {"scope": 7},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_no_token(service: Service, wrong: dict[str, Any]) -> None:
    assert status(service, _good(service, _claims(service.client("A81001")["client_id"], **wrong))) == 401


def test_forged_tokens(service: Service) -> None:
    claims = _claims(service.client("A81001")["client_id"])
    good = _good(service, claims)
    header, payload, signature = good.split(".")
    others = OctKey.import_key(b"another key of thirty-two bytes!")
    forged = [
        f"{_b64({'alg': 'none'})}.{payload}.",
        f"{_b64({'alg': 'None'})}.{payload}.{signature}",
        f"{header}.{_b64({**claims, 'exp': claims['exp'] + 9_999})}.{signature}",
        f"{header}.{payload}.{signature[:-4]}AAAA",
        f"{header}.{payload}.",
        jwt.encode({"alg": "HS256"}, claims, others),
        jwt.encode({"alg": "HS512"}, claims, OctKey.import_key(keys.held(service.settings).token.derived("sign")), algorithms=["HS512"]),
        f"{_b64({'alg': 'HS256', 'jku': 'http://127.0.0.1:9/keys'})}.{payload}.{signature}",
        "", "a", "a.b", "a.b.c", "a" * 100_000, good + "." + good,
    ]  # fmt: skip
    assert [status(service, token) for token in forged] == [401] * len(forged)


@pytest.mark.parametrize("header", ["", "Bearer", "Basic dXNlcjpwYXNz", "Token x", "bearer\tx"])
def test_no_bearer_no_answer(service: Service, header: str) -> None:
    answer = service.http.get(LIST, headers={"Authorization": header})
    assert (answer.status_code, answer.headers["www-authenticate"].split()[0]) == (401, "Bearer")


def test_a_practice_never_sees_anothers_list_or_person(service: Service) -> None:
    mine, theirs = service.client("A81001"), service.client("A81002")
    person = Pseudonyms(keys.held(service.settings).person, mine["client_id"]).of(
        201
    )  # who is of A81002, as mine would be told
    unheard_of = service.http.get("/v1/practices/Z99999/list", headers=service.bearer(mine))
    for path in (
        "/v1/practices/A81002/list",
        "/v1/practices/A81002/list?run=1",
        f"/v1/persons/{person}/risk",
        "/v1/practices/*/list",
    ):
        answer = service.http.get(path, headers=service.bearer(mine))
        assert (answer.status_code, answer.json()) == (404, unheard_of.json()), "as if there were none"
    assert service.http.get("/v1/practices/A81002/list", headers=service.bearer(theirs)).status_code == 200
    refused = [
        (row["action"], row["organisation"], row["person_id"])
        for row in service.audited()
        if row["outcome"] == "refused"
    ]
    assert ("person.risk", None, 201) in refused
    assert ("list.read", "A81002", None) in refused


def test_an_id_is_of_no_use_to_another_client(service: Service) -> None:
    one, other = service.client("A81001"), service.client("A81001")
    person = service.http.get(LIST, headers=service.bearer(one)).json()["people"][0]["person"]
    assert service.http.get(f"/v1/persons/{person}/risk", headers=service.bearer(other)).status_code == 404
    assert service.http.get(LIST, headers=service.bearer(other)).json()["people"][0]["person"] != person


@pytest.mark.parametrize("scope", list(clients.SCOPES))
def test_a_scope_opens_its_own_routes_alone(service: Service, scope: str) -> None:
    client = service.client("A81001", scopes=[scope])
    person = Pseudonyms(keys.held(service.settings).person, client["client_id"]).of(101)
    wanted = {"runs:read": "/v1/runs/current", "lists:read": LIST, "persons:read": f"/v1/persons/{person}/risk"}
    got = {of: service.http.get(path, headers=service.bearer(client)).status_code for of, path in wanted.items()}
    assert got == {of: 200 if of == scope else 403 for of in wanted}


def test_a_token_cannot_give_more_than_the_directory(service: Service) -> None:
    client = service.client("A81001", scopes=["runs:read"])
    assert service.http.get(LIST, headers=service.bearer(client, scopes=["lists:read", "admin"])).status_code == 403


def test_a_token_may_give_less(service: Service) -> None:
    bearer = service.bearer(service.client("A81001"), scopes=["runs:read"])
    assert service.http.get(LIST, headers=bearer).status_code == 403


@pytest.mark.parametrize(("practice", "after"), [(None, 401), ("A81001", 403)])
def test_access_ends_with_the_grant_for_earlier_runs_too(service: Service, practice: str | None, after: int) -> None:
    """A token that is still good opens nothing once the relationship behind it has ended."""
    client = service.client("A81001")
    bearer = service.bearer(client)
    person = service.http.get(LIST, headers=bearer).json()["people"][0]["person"]
    service.store.end_access(client["client_id"], TODAY, practice)
    for path in (LIST, f"{LIST}?run=1", f"/v1/persons/{person}/risk"):
        assert service.http.get(path, headers=bearer).status_code == after


def test_one_of_two_grants_ends_and_the_other_goes_on(service: Service) -> None:
    client = service.client("A81001", "A81002")
    service.store.end_access(client["client_id"], TODAY, "A81001")
    bearer = service.bearer(client)
    got = {
        code: service.http.get(f"/v1/practices/{code}/list", headers=bearer).status_code
        for code in ("A81001", "A81002")
    }
    assert got == {"A81001": 404, "A81002": 200}


def test_a_grant_is_good_from_its_first_day_up_to_its_last(service: Service) -> None:
    client = service.client("A81001", until=TODAY + timedelta(days=2))
    days = [TODAY + timedelta(days=n) for n in (-1, 0, 1, 2)]
    held = [clients.access(service.store, client["client_id"], day) for day in days]
    assert [access is not None and access.may("lists:read", "ods", "A81001") for access in held] == [
        False,
        True,
        True,
        False,
    ]


def test_a_closed_practice_is_closed_to_its_clients(service: Service, tmp_path: Any) -> None:
    client = service.client("A81001")
    file = tmp_path / "organisations.toml"
    file.write_text(
        f'[[organisation]]\ncode = "A81001"\nname = "Riverside"\nkind = "practice"\nfrom = 2020-01-01\nto = {date(2024, 12, 2)}\n'
    )
    import_file(service.store, file)
    assert service.http.get(LIST, headers=service.bearer(client)).status_code == 403


def token(service: Service, **form: str) -> Any:
    return service.http.post("/v1/token", data={"grant_type": "client_credentials", **form})


def test_a_client_gets_a_token_for_its_secret_and_uses_it(service: Service) -> None:
    client = service.client("A81001")
    answer = token(service, client_id=client["client_id"], client_secret=client["secret"])
    assert (answer.status_code, answer.json()["token_type"], answer.json()["expires_in"]) == (200, "Bearer", 3600)
    assert status(service, answer.json()["access_token"]) == 200
    basic = service.http.post("/v1/token", data={"grant_type": "client_credentials", "scope": "runs:read"},
                              auth=(client["client_id"], client["secret"]))  # fmt: skip
    assert basic.json()["scope"] == "runs:read"
    assert status(service, basic.json()["access_token"]) == 403


def test_no_token_for_a_wrong_secret_an_unknown_or_an_ended_client(service: Service) -> None:
    client, ended = service.client("A81001"), service.client("A81001")
    service.store.end_access(ended["client_id"], TODAY)
    for client_id, secret in ((client["client_id"], "wrong"), ("client-0000000000000000", client["secret"]),
                              (ended["client_id"], ended["secret"]), ("", ""), (client["client_id"], "")):  # fmt: skip
        answer = token(service, client_id=client_id, client_secret=secret)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:frailty:problem:invalid-client")
    asked = service.audited("token.issue")
    assert [(row["actor"], row["outcome"]) for row in asked] == [
        (client["client_id"], "refused"), ("unknown", "refused"), (ended["client_id"], "refused"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body", [b"", b"grant_type=password", b"grant_type=client_credentials&grant_type=x", b"\xff\xfe", b"{}"]
)
def test_a_token_request_that_is_none(service: Service, body: bytes) -> None:
    answer = service.http.post("/v1/token", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:frailty:problem:invalid-request")


def test_a_secret_is_kept_only_as_a_salted_hash(service: Service) -> None:
    client = service.client("A81001")
    held = service.store.client(client["client_id"])
    assert held is not None
    assert client["secret"].encode() not in held["secret_hash"]
    assert clients.hashed(client["secret"]) != clients.hashed(client["secret"])
