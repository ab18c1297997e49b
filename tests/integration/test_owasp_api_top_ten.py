"""OWASP API Security Top 10 (2023), item by item (https://owasp.org/API-Security/editions/2023/en/0x11-t10/). What another test proves is named where it belongs
and not repeated; routes are found by looking (:mod:`tests.asked`), so that one that is added later is walked too."""

from __future__ import annotations

import hmac
import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from risk import clients
from risk.members import DUTIES
from risk.settings import Settings
from serving.envelope import SECURITY
from serving.security.issuers import Issuer, OverHttp, Unreachable
from tests.astray import astray
from tests.hooks_client import HooksClient, b64
from tests.identities import NUMBERS
from tests.integration.test_assertions import Place as Signing
from tests.integration.test_cds_hooks import Place as Hooks
from tests.owasp import ALONE, HERE, OPENS, PAGES, ROLES, SELECTS, THERE, UNLIMITED, Place, guarded
from tests.service import serving

pytestmark = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
REFUSED = {400, 401, 403}


@pytest.fixture
def place(store_settings: Settings) -> Iterator[Place]:
    with guarded(store_settings) as held:
        yield held


def test_api1_broken_object_level_authorisation(place: Place) -> None:
    """Every route, filter, search and form, asked of the other practice and of its people: nothing stands for them in any answer, and the answer is the one
    that a practice or a person who does not exist would get.

    Beside it: test_suppression_walk.py::test_not_found_hidden_and_not_permitted_are_one_answer (every route, both databases),
    test_service_access.py::test_an_id_is_of_no_use_to_another_client, test_cds_hooks.py::test_no_card_for_anybody_else,
    test_fhir.py::test_nobody_reads_past_their_relationship, test_break_glass.py (the one way past, for a reason)."""
    theirs, seen = place.texts_of(201, 202), set()
    for asked in place.walked:
        if asked.template in ("/pages/logout", "/pages/break-glass"):
            continue
        called = place.on_pages if asked.is_a_page else place.mine
        other, nobody = called.of(place.people[201]), called.of(7_999_999)
        for practice in (HERE, THERE):
            got = place.ask(asked, practice, other)
            assert not [text for text in theirs if text in got.text + str(got.headers)], (str(asked), practice)
            if got.status_code == 200 and place.texts_of(101) & set(re.findall(r"\w{20,}", got.text)):
                seen.add(asked.template)
        if "{practice}" in asked.path or "{person}" in asked.path:
            assert got.status_code in {401, 403, 404, 422}, str(asked)
        if not asked.is_a_page:
            plain = place.ask(asked, "Z99999", nobody)
            said = [one.text.replace(THERE, "Z99999").replace(other, nobody) for one in (got, plain)]
            assert (got.status_code, said[0]) == (plain.status_code, said[1]), str(asked)

    assert {"/v1/practices/{code}/list", "/pages/practices/{code}/list"} <= seen, "the walk sees its own people"


KIDS = ["../../../../dev/null", "one' OR '1'='1", "one\x00", "https://127.0.0.1:9/jwks", ["one"], {"one": 1}, 0, "", "x" * 5000]  # fmt: skip


def test_api2_broken_authentication(store_settings: Settings, tmp_path: Path) -> None:
    """A key's name reaches no file, query or address; the public half of a key signs nothing; a token is taken from its one header alone.

    Beside it: test_service_access.py::test_forged_tokens (`alg` none, another key, another algorithm) and ::test_a_token_with_a_wrong_claim_is_no_token (expired,
    wrong audience), test_assertions.py::test_an_assertion_is_good_once (replayed) and ::test_what_was_not_signed_for_this_is_refused_in_one_way,
    test_login.py, test_sessions.py::test_each_door_has_its_own_key."""
    with serving(store_settings.model_copy(update=UNLIMITED)) as service:
        held = Signing(service, tmp_path)
        forged = [held.one.token(held.claims(), kid=kid) for kid in KIDS]
        assert {(answer.status_code, answer.json()["error"]) for answer in map(held.ask, forged)} == {(401, "invalid_client")}  # fmt: skip
        for signer, algorithm, digest in ((held.one, "HS256", "sha256"), (held.two, "HS384", "sha384")):
            for key in _halves(signer):
                parts = [b64(json.dumps(part).encode()) for part in ({"alg": algorithm, "typ": "JWT", "kid": signer.kid}, held.claims())]  # fmt: skip
                signature = b64(hmac.digest(key, ".".join(parts).encode(), digest))
                assert held.ask(".".join([*parts, signature])).status_code == 401
        good = held.ask(held.one.token(held.claims())).json()["access_token"]
        path, header = "/v1/practices/A81001/list", {"Authorization": f"Bearer {good}"}
        assert service.http.get(path, headers=header).status_code == 200
        elsewhere: list[dict[str, Any]] = [{"params": {"access_token": good}}, {"headers": {"Cookie": f"access_token={good}; frailty_session={good}"}},
                                           {"headers": {"X-Access-Token": good, "X-Forwarded-Authorization": f"Bearer {good}"}}]  # fmt: skip
        assert [service.http.get(path, **sent).status_code for sent in elsewhere] == [401] * 3


def _halves(signer: HooksClient) -> list[bytes]:
    """The public half in the shapes that a library might take for a secret."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    public = signer.key.public_key()
    return [json.dumps(signer.public()).encode(), *(public.public_bytes(kind, PublicFormat.SubjectPublicKeyInfo) for kind in (Encoding.PEM, Encoding.DER))]  # fmt: skip


def test_api3_broken_object_property_level_authorisation(place: Place) -> None:
    """Mass assignment: a field that a body does not have is refused wherever it stands, and nothing is written.

    Beside it: test_schemathesis.py (no answer holds a field that its closed shape does not name), test_service_answers.py::
    test_pseudonymous_views_hold_no_more_than_they_say, test_score_now.py::test_what_does_not_fit_is_said_without_what_was_sent, test_sessions.py (by role)."""
    person, tried = place.mine.of(place.people[101]), 0
    for asked in place.walked:
        if asked.method == "GET" or not asked.more.get("json"):
            continue
        for said in _with_more(asked.filled(HERE, person)[2]["json"]):
            method, path, more = asked.filled(HERE, person)
            got = place.service.http.request(method, path, json=said, headers={**more.get("headers", {}), **place.headers})  # fmt: skip
            assert (got.status_code, got.json()["type"]) == (422, "urn:frailty:problem:unfit-parameter"), str(asked)
            assert "A81002" not in got.text
            tried += 1
    assert tried > len(OPENS["decisions:write"])
    assert not [row for row in place.service.audited() if row["outcome"] == "answered"]


def _with_more(body: Any) -> Iterator[Any]:
    """The body with a field too many, at its top and in each object inside it; what is in `rows` is the record's own contract's."""
    if isinstance(body, dict):
        yield {**body, "practice_of": THERE}
        for name, inner in body.items():
            if name != "rows":
                yield from ({**body, name: changed} for changed in _with_more(inner))
    elif isinstance(body, list):
        for at, inner in enumerate(body):
            yield from ([*body[:at], changed, *body[at + 1 :]] for changed in _with_more(inner))


def test_api4_unrestricted_resource_consumption(place: Place) -> None:
    """A body nested too deep, thousands of parameters and an endless header are refused, and the service stands.

    Beside it: test_resources.py (how often, how large a body and a page, how slow), test_limits.py, test_lookup.py::test_numbers_cannot_be_tried_out_at_speed."""
    deep = (b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 9_000 + b"1" + b"}" * 9_000)
    headers = {**place.headers, "Content-Type": "application/json"}
    for template in {asked.template for asked in place.walked if asked.method == "POST" and not asked.is_a_page}:
        for content in deep:
            got = place.service.http.post(re.sub(r"{\w+}", "1", template), content=content, headers=headers)
            assert got.status_code in REFUSED | {422}, template
    many = "&".join(f"p{n}=1" for n in range(5_000))
    assert place.service.http.get(f"/v1/runs/changes?{many}", headers=headers).status_code == 422
    assert place.service.http.get("/v1/runs/current", headers={"Authorization": "Bearer " + "a" * 60_000}).status_code == 401  # fmt: skip


def test_api5_broken_function_level_authorisation(place: Place) -> None:
    """Each scope opens its own routes and each role its own pages, by the tables of :mod:`tests.owasp`; a route in no table is opened by nothing.

    Nobody: test_service_access.py::test_nobody_gets_past_the_gate_on_any_route walks every route by every method without a token."""
    person = place.mine.of(place.people[101])
    mine = {f"{asked.method} {asked.template}" for asked in place.walked if not asked.is_a_page and asked.template not in ALONE}  # fmt: skip
    assert mine <= set().union(*OPENS.values()), "each is opened by a scope of the table"
    for scope in ("", *clients.SCOPES):
        headers = place.scoped([scope] if scope else [])
        opened = {f"{asked.method} {asked.template}" for asked in place.walked if not asked.is_a_page and asked.template not in ALONE
                  and place.ask(asked, HERE, person, headers).status_code not in REFUSED | {422}}  # fmt: skip
        assert opened == OPENS.get(scope, set()) & mine, scope
    behind = [asked for asked in place.walked if asked.is_a_page and asked.template not in ALONE]
    pages = {f"{asked.method} {asked.template}" for asked in behind}
    assert pages <= set().union(*PAGES.values()), "each is of a group of the table"
    assert set(ROLES) == set(DUTIES)
    for role, groups in ROLES.items():
        who = place.called(f"ods {SELECTS.get(role, 'RXC')}").of(place.people[102])
        shown = {f"{asked.method} {asked.template}" for asked in behind if place.ask(asked, HERE, who, role=role).status_code != 403}  # fmt: skip
        assert shown == set().union(*(PAGES[group] for group in groups)) & pages, role


def test_api6_unrestricted_access_to_sensitive_business_flows(store_settings: Settings, tmp_path: Path) -> None:
    """Whoever may go from an NHS number to a person cannot go through the numbers: one small allowance for all the doors of a caller.

    Beside it: test_lookup.py::test_unknown_hidden_and_not_permitted_are_one_answer and ::test_numbers_cannot_be_tried_out_at_speed."""
    with serving(store_settings.model_copy(update={**UNLIMITED, "lookups_per_minute": 2})) as service:
        hooks = Hooks(service, tmp_path)
        by_number = {"resourceType": "Patient", "id": "ehr-7", "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBERS[101]}]}  # fmt: skip
        headers, body = service.bearer(hooks.client), {"nhs_number": NUMBERS[101], "purpose": "front_door"}
        got = [hooks.ehr.call(by_number).status_code, service.http.post("/v1/persons/lookup", headers=headers, json=body).status_code]  # fmt: skip
        assert got == [503, 503], "there is no identity store here"
        assert hooks.ehr.call(by_number).status_code == 429
        assert service.http.post("/v1/persons/lookup", headers=headers, json=body).status_code == 429
        assert hooks.ehr.call(hooks.patient(101)).status_code == 200, "an id of ours reveals nothing"


def test_api7_server_side_request_forgery(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No address that comes in a token, a header or a body is ever called.

    Beside it: test_login.py (`jku` of an id token; an issuer's redirects: below, api10), test_assertions.py (`jku`, `jwk`, `x5u` of an assertion), and of the one
    address that is called because somebody who runs the installation named it, test_webhooks.py (private addresses, redirects, names that change)."""
    called: list[Any] = []
    monkeypatch.setattr(socket.socket, "connect", lambda _, address: called.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *address, **_: called.extend(address))
    hooks, away = Hooks(place.service, tmp_path), "http://127.0.0.1:9/keys"
    token = hooks.ehr.token(hooks.ehr.claims("/cds-services/patient-risk"), jku=away, x5u=away, jwks_uri=away)
    sent = {"hook": "patient-view", "hookInstance": "0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", "fhirServer": "http://127.0.0.1:9/fhir", "fhirAuthorization": {"access_token": "a"},
            "context": {"userId": "Practitioner/1", "patientId": away}, "prefetch": {"patient": {**hooks.patient(101), "id": away}}}  # fmt: skip
    hooks.ehr.ask("POST", "/cds-services/patient-risk", sent, token)
    from_outside = {"X-Forwarded-Host": "127.0.0.1:9", "X-Original-URL": away, "Referer": away, "Forwarded": "host=127.0.0.1:9", "Host": "127.0.0.1:9"}  # fmt: skip
    person = place.mine.of(place.people[101])
    for asked in place.walked:
        place.ask(asked, HERE, person, {**place.headers, **from_outside})
    body = {"grant_type": "client_credentials", "client_assertion": token, "jwks_uri": away, "request_uri": away}
    place.service.http.post("/v1/token", data=body)
    assert called == []


def test_api8_security_misconfiguration(place: Place) -> None:
    """Every answer has its headers, tells nothing of the inside and lets no other origin in; no method is answered that is not a route's.

    Beside it: test_service_answers.py::test_a_fault_of_ours_says_nothing_but_where_to_look, test_resources.py::test_every_answer_has_its_security_headers,
    test_service_process.py::test_production_refuses_to_start_with_keys_or_data_astray."""
    assert place.service.http.app.debug is False  # type: ignore[attr-defined]
    person, other = place.mine.of(place.people[101]), {"Origin": "https://elsewhere.example"}
    for asked in place.walked:
        got = place.ask(asked, HERE, person, {**place.headers, **other})
        assert set(SECURITY) <= {name for name in SECURITY if name in got.headers}, str(asked)
        assert not [
            name for name in got.headers if name.startswith("access-control") or name in ("server", "x-powered-by")
        ]
        assert not re.search(r"Traceback|File \"|\.py\b|sqlalchemy|SELECT ", got.text) or asked.template == "/docs"
    preflight = {**other, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    for template in {asked.template for asked in place.walked}:
        path = re.sub(r"{\w+}", "1", template)
        got = place.service.http.options(path, headers=preflight)
        assert got.status_code in {401, 403, 405}
        assert not [name for name in got.headers if name.startswith("access-control")]
        for method in ("TRACE", "CONNECT", "PROPFIND"):
            assert place.service.http.request(method, path, headers=place.headers).status_code in {401, 403, 405}, path


def test_api9_improper_inventory_management(place: Place) -> None:
    """Each route is in the OpenAPI document, or of one of the three that have their own: FHIR's in its capability statement, hooks by discovery, pages for people.
    There is one version.

    Beside it: test_schemathesis.py (the document tells the truth), test_fhir.py::test_what_is_served_is_said."""
    document = place.service.http.get("/openapi.json").json()["paths"]
    routed = {asked.template for asked in place.walked}
    undocumented = {path for path in routed - set(document) if not path.startswith(("/pages", "/cds-services", "/fhir/R4/"))}  # fmt: skip
    assert undocumented == {"/docs", "/openapi.json"}
    assert {path.split("/")[1] for path in document} == {"v1", "health", "ready"}
    stated = place.service.http.get("/fhir/R4/metadata").json()["rest"][0]["resource"]
    assert {path.split("/")[3] for path in routed if path.startswith("/fhir/R4/")} == {one["type"] for one in stated} | {"metadata", ".well-known", "bulk"}  # fmt: skip


def test_api10_unsafe_consumption_of_apis(store_settings: Settings) -> None:
    """What an issuer of log-ins says is taken as far as it fits: not a body without end, not something else than an object, and not what it points to.

    Beside it: test_login.py::test_what_cannot_be_checked_is_not_believed (wrong `iss`, `aud`, nonce, key, algorithm) and ::test_an_issuer_is_asked_over_tls_alone."""
    with astray() as (address, asked):
        for path in ("large", "list", "words", "away"):
            issuer = Issuer.model_construct(name="a test", jwks=f"{address}/{path}", userinfo=None, token=address)
            with pytest.raises(Unreachable):
                OverHttp(issuer).keys()
    assert [path for path in asked if path.startswith("/")] == ["/large", "/list", "/words", "/away"], "and no target"
