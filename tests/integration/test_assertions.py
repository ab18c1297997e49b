"""A client that signs who it is gets a token (RFC 7523, SMART backend services), and nobody else does: OWASP API2:2023, broken authentication."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from risk import client_keys, clients
from risk.settings import Settings
from tests.hooks_client import HooksClient, b64
from tests.service import TODAY, Service, serving

ADDRESS = "https://lists.example"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Place:
    """The service at an address, and a client of one practice that signs and has no secret."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.file = service, folder / "keys.json"
        self.one = HooksClient(service.http, ADDRESS)
        self.two = HooksClient(service.http, ADDRESS, kid="two", algorithm="RS384")
        self.file.write_text(json.dumps({"keys": [self.one.public(), self.two.public()]}))
        signs = client_keys.kept(client_keys.public_keys(self.file), None)
        self.made = clients.add(service.store, "a test", ["A81001"], TODAY, public_key=signs)
        self.client_id: str = self.made["client_id"]

    def claims(self, **changed: Any) -> dict[str, Any]:
        """Good ones, but for what is changed; None: left out."""
        now = int(time.time())
        said = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": f"{ADDRESS}/v1/token",
            "exp": now + 290,
            "jti": b64(str(time.time_ns()).encode()),
        }
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def ask(self, assertion: str, **more: str) -> Any:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": TYPE,
            "client_assertion": assertion,
            **more,
        }
        return self.service.http.post("/v1/token", data=form)


@pytest.fixture
def place(store_settings: Settings, tmp_path: Path) -> Iterator[Place]:
    with serving(store_settings.model_copy(update={"address": f"{ADDRESS}/"})) as service:
        yield Place(service, tmp_path)


def test_a_client_that_signs_reads_its_list(place: Place) -> None:
    assert place.made["secret"] is None
    for signer in (place.one, place.two):
        answer = place.ask(signer.token(place.claims()), scope="lists:read")
        assert (answer.status_code, answer.json()["scope"], answer.headers["cache-control"]) == (
            200,
            "lists:read",
            "no-store",
        )
        bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        got = [place.service.http.get(path, headers=bearer).status_code for path in ("/v1/practices/A81001/list", "/v1/practices/A81002/list", "/v1/runs/current")]  # fmt: skip
        assert got == [200, 404, 403]
    named = place.ask(place.one.token(place.claims()), client_id=place.client_id)
    assert named.status_code == 200
    assert {row["actor"] for row in place.service.audited("token.issue")} == {place.client_id}


def test_an_assertion_is_good_once(place: Place) -> None:
    """Harm: whoever overhears one log-in of a system reads everybody whom it may read."""
    signed = place.one.token(place.claims())
    assert [place.ask(signed).status_code for _ in range(3)] == [200, 401, 401]
    again = place.claims()
    twice = [place.one.token(again), place.two.token(again)]
    assert [place.ask(one).status_code for one in twice] == [200, 401], "the same jti, signed anew"


def test_what_was_not_signed_for_this_is_refused_in_one_way(place: Place) -> None:
    """Harm: a token for another address, another hour or of another's making opens people's risks. Why is told to nobody."""
    one, now = place.one, int(time.time())
    other = clients.add(place.service.store, "another", ["A81002"], TODAY)["client_id"]
    stranger = HooksClient(place.service.http, ADDRESS)
    claims: list[dict[str, Any]] = [
        {"aud": ADDRESS}, {"aud": f"{ADDRESS}/v1/token/"}, {"aud": "http://testserver/v1/token"}, {"aud": [f"{ADDRESS}/v1/token", "https://other.example"]}, {"aud": None},
        {"iss": other, "sub": other}, {"sub": other}, {"sub": None}, {"iss": None}, {"iss": 7}, {"iss": "https://ehr.example"}, {"jti": None}, {"jti": 7}, {"jti": "x" * 256},
        {"exp": now - 60}, {"exp": now + 400}, {"exp": now + 86_400}, {"exp": None}, {"iat": now + 600}, {"iat": now - 600}, {"nbf": now + 600},
    ]  # fmt: skip
    headers: list[dict[str, Any]] = [
        {"kid": "three"},
        {"kid": "two"},
        {"kid": None},
        {"typ": None},
        {"alg": "RS384"},
        {"alg": "none"},
        {"alg": "HS384"},
        {"alg": "ES256"},
        {"crit": ["x"]},
    ]
    good = place.claims()
    secret = OctKey.import_key(json.dumps(one.public()).encode())
    forged = [
        *(one.token(place.claims(**changed)) for changed in claims),
        *(one.token(place.claims(), **changed) for changed in headers),
        stranger.token(place.claims()),
        stranger.token(place.claims(), jku="http://127.0.0.1:9/keys", jwk=stranger.public(), x5u="http://127.0.0.1:9/cert"),
        f"{b64(json.dumps({'alg': 'none', 'typ': 'JWT', 'kid': 'one'}).encode())}.{b64(json.dumps(good).encode())}.",
        jwt.encode({"alg": "HS384", "typ": "JWT", "kid": "one"}, good, secret, algorithms=["HS384"]),
        place.service.bearer(place.made)["Authorization"].removeprefix("Bearer "),
        "", "a.b.c", "a" * 10_000,
    ]  # fmt: skip
    answers = [place.ask(token) for token in forged]
    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert answers[0].json()["error"] == "invalid_client"
    assert place.ask(one.token(place.claims()), client_id=other).status_code == 401, "somebody else than the form says"
    assert place.ask(one.token(place.claims())).status_code == 200, "what all of these differ from"


def test_one_proof_and_not_two(place: Place) -> None:
    signed = place.one.token(place.claims())
    assert place.ask(signed, client_secret="x").status_code == 400
    assert (
        place.ask(signed, client_assertion_type="urn:ietf:params:oauth:client-assertion-type:saml2-bearer").status_code
        == 400
    )
    basic = place.service.http.post("/v1/token", auth=("a", "b"), data={"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": signed})  # fmt: skip
    assert basic.status_code == 400
    assert place.ask(signed).status_code == 200, "nothing of that used it up"


def test_access_and_keys_end(place: Place) -> None:
    place.file.write_text(json.dumps({"keys": [place.two.public()]}))
    client_keys.register_keys(place.service.store, place.client_id, None, place.file)
    assert [place.ask(signer.token(place.claims())).status_code for signer in (place.one, place.two)] == [401, 200]
    place.service.store.end_access(place.client_id, TODAY)
    assert place.ask(place.two.token(place.claims())).status_code == 401


def test_a_client_that_signs_has_no_secret_and_an_area_may_take_none(place: Place, store_settings: Settings) -> None:
    """Harm: a secret that lies in a file of a supplier's opens an area's lists years later."""
    held: dict[str, Any] = place.service.client("A81001")
    form: dict[str, str] = {"grant_type": "client_credentials", "client_secret": held["secret"]}
    post = place.service.http.post
    assert post("/v1/token", data={**form, "client_id": place.client_id}).status_code == 401
    assert post("/v1/token", data={**form, "client_id": held["client_id"]}).status_code == 200
    strict = place.service.settings.model_copy(update={"client_secrets": False})
    with serving(strict) as service:
        assert service.http.post("/v1/token", data={**form, "client_id": held["client_id"]}).status_code == 401
        signs = {"client_assertion_type": TYPE, "client_assertion": place.one.token(place.claims())}
        assert service.http.post("/v1/token", data={"grant_type": "client_credentials", **signs}).status_code == 200


def test_an_installation_that_does_not_know_its_address_takes_none(store_settings: Settings, tmp_path: Path) -> None:
    with serving(store_settings) as service:
        held = Place(service, tmp_path)
        assert (held.ask(held.one.token(held.claims())).status_code) == 503
