"""CDS Hooks 2.0: a card for somebody on the list, to a client that signs each call itself, and nothing to anybody else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as arrow
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from features.errors import BadInput, WrongUsage
from features.linkage.identity import IdentityStore
from risk import client_keys, keys
from risk.pseudonyms import Pseudonyms
from risk.settings import Settings
from risk.store.hiding import Told
from risk.store.tables import list_entry, person_score
from tests.hooks_client import HooksClient, b64
from tests.service import TODAY, Service, serving

ADDRESS = "https://lists.example"
CALL = "/cds-services/patient-risk"
#: A number of the range that is never given to anybody.
NUMBER = "9999999999"


class Place:
    """The service at an address, and a client of one practice with keys of its own."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service, self.folder = service, folder
        self.client = service.client("A81001")
        self.ehr = HooksClient(service.http, ADDRESS)
        self.register(self.ehr)
        self.called = Pseudonyms(keys.held(service.settings).person, self.client["client_id"])

    def register(self, *ehrs: HooksClient) -> None:
        file = self.folder / "keys.json"
        file.write_text(json.dumps({"keys": [ehr.public() for ehr in ehrs]}))
        client_keys.register_keys(self.service.store, self.client["client_id"], ehrs[0].iss, file)

    def patient(self, person: int) -> dict[str, Any]:
        """Somebody as the client's own record has them, under an id of its own."""
        return {
            "resourceType": "Patient",
            "id": "ehr-7",
            "identifier": [{"system": "urn:frailty:person", "value": self.called.of(person)}],
        }


@pytest.fixture
def place(store_settings: Settings, tmp_path: Path) -> Iterator[Place]:
    with serving(store_settings.model_copy(update={"address": ADDRESS})) as service:
        yield Place(service, tmp_path)


def test_a_card_for_somebody_on_the_list(place: Place) -> None:
    (card,) = place.ehr.cards(place.patient(101))
    assert card["summary"] == "Unplanned admission within 365 days: 61 in 100"
    assert card["indicator"] == "info"
    assert "Raises the risk: 3 emergency admissions in the last year." in card["detail"]
    assert "not for placement, funding, resuscitation or discharge decisions" in card["detail"]
    assert "A low band is not a reason to withhold care." in card["detail"]
    assert "simulated data: a made-up area of 5 people" in card["detail"]
    assert card["links"] == [
        {"label": "The practice's list", "type": "absolute", "url": f"{ADDRESS}/pages/practices/A81001/list"}
    ]
    (row,) = place.service.audited("person.card")
    assert (row["outcome"], row["person_id"], json.loads(row["detail"])) == ("answered", 101, {"card": card["uuid"]})


def test_the_same_card_where_an_encounter_begins(place: Place) -> None:
    """A service has one hook; a call names its own service's, and an encounter-start its encounter."""
    shown = [place.ehr.cards(place.patient(101), at=hook)[0] for hook in ("patient-view", "encounter-start")]
    assert shown[0]["uuid"] != shown[1]["uuid"]
    assert {**shown[0], "uuid": ""} == {**shown[1], "uuid": ""}
    assert place.ehr.cards(place.patient(103), at="encounter-start") == []
    assert [row["person_id"] for row in place.service.audited("person.card")] == [101, 101, 103]
    without = {"userId": "Practitioner/1", "patientId": "ehr-7"}
    for changed in ({"hook": "patient-view"}, {"context": without}, {"context": {**without, "encounterId": ""}}):
        assert place.ehr.call(place.patient(101), at="encounter-start", **changed).status_code == 422, changed


def test_a_plan_comes_before_the_risk(place: Place) -> None:
    """Harm: a card sets going what somebody has refused in advance."""
    plan = orjson.dumps({"respect": {"value": "yes", "on": "2024-03-02"}})
    with place.service.store.writing() as connection:
        connection.execute(list_entry.update().where(list_entry.c.person_id == 101).values(flags=plan))
    (card,) = place.ehr.cards(place.patient(101))
    assert card["summary"] == "There is a plan: follow it. Unplanned admission within 365 days: 61 in 100"
    assert card["detail"].startswith(
        "There is a plan: follow it. Suggested actions give way. Recorded: ReSPECT plan of 2024-03-02."
    )


def test_no_card_for_anybody_else(place: Place) -> None:
    """Harm: a card shows what a relationship, an opt-out or a death took away. Not listed, hidden, another practice's and unknown are one answer."""
    place.service.store.tell([Told(102, "opted_out", TODAY, "a ward", "a test", True, "", "")])
    nobody = {
        "resourceType": "Patient",
        "id": "ehr-7",
        "identifier": [{"system": "urn:frailty:person", "value": "made up"}],
    }
    without = {"resourceType": "Patient", "id": "ehr-7"}
    answers = [place.ehr.call(one) for one in (*map(place.patient, (103, 102, 201)), nobody, without)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, '{"cards":[]}')}
    assert [row["outcome"] for row in place.service.audited("person.card")] == [
        "answered",
        "refused",
        "refused",
        "refused",
        "refused",
    ]


def test_by_nhs_number_where_the_identity_store_is_here(place: Place) -> None:
    settings = place.service.settings
    patient = {
        "resourceType": "Patient",
        "id": "ehr-7",
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBER}],
    }
    assert place.ehr.call(patient).status_code == 503, (
        "there is no identity store: no answer, and not that there is no card"
    )
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        (person,), _ = identity.resolve(arrow.array([NUMBER]), "a test", arrow.array([None], arrow.string()))
        identity.commit()
    assert place.ehr.cards(patient) == [], "known, and not scored"
    with place.service.store.writing() as connection:
        for table in (list_entry, person_score):
            connection.execute(table.update().where(table.c.person_id == 101).values(person_id=int(person)))
    assert len(place.ehr.cards(patient)) == 1
    patient["identifier"].append({"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9999999980"})
    assert place.ehr.cards(patient) == [], "two numbers are nobody's"
    assert NUMBER not in str(list(place.service.store.audit_rows()))


def test_nobody_can_say_whose_card_it_would_be(place: Place) -> None:
    """Harm: an empty answer that only means that nothing was sent along reads as somebody who is not at risk. And no address of a caller's is ever asked."""
    failed = {"prefetch": {"patient": {"resourceType": "OperationOutcome"}}}
    with_server = {"fhirServer": "http://127.0.0.1:9/fhir", "fhirAuthorization": {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": "x", "subject": "x"}}  # fmt: skip
    for changed in ({}, {"prefetch": {"patient": None}}, failed, with_server):
        assert place.ehr.call(None, **changed).status_code == 412
    assert place.ehr.call(place.patient(101), context="ehr-8").status_code == 422, (
        "another patient than the one whose record is open"
    )


def test_calls_that_are_no_calls(place: Place) -> None:
    for wrong in ({"hook": "order-sign"}, {"hookInstance": "7"}, {"context": {"userId": "Practitioner/1"}}):
        assert place.ehr.call(place.patient(101), **wrong).status_code == 422, wrong
    assert place.ehr.ask("POST", "/cds-services/other", {"hook": "patient-view"}).status_code in (404, 422)


def test_both_recommended_algorithms(place: Place) -> None:
    second = HooksClient(place.service.http, ADDRESS, kid="two", algorithm="RS384")
    place.register(place.ehr, second)
    assert [len(ehr.cards(place.patient(101))) for ehr in (place.ehr, second)] == [1, 1]


def test_a_token_is_good_once(place: Place) -> None:
    """Harm: whoever overhears one call asks about everybody."""
    token = place.ehr.token(place.ehr.claims("/cds-services"))
    assert [place.ehr.ask("GET", "/cds-services", token=token).status_code for _ in range(3)] == [200, 401, 401]


def test_what_was_not_signed_for_this_call_is_refused(place: Place) -> None:
    """Harm: a token for another service, another path, another hour or of another's making opens people's risks."""
    ehr, path = place.ehr, "/cds-services"
    stranger = HooksClient(place.service.http, ADDRESS)
    now = int(time.time())
    claims = [
        {"aud": ADDRESS + CALL}, {"aud": ADDRESS}, {"aud": "https://other.example/cds-services"}, {"aud": "http://testserver/cds-services"}, {"aud": None},
        {"aud": [ADDRESS + path, "https://other.example"]}, {"iss": "https://other.example"}, {"iss": None}, {"iss": 7}, {"jti": None}, {"jti": 7}, {"jti": ""},
        {"exp": now - 60, "iat": now - 120}, {"exp": None}, {"iat": None}, {"iat": now + 600, "exp": now + 660}, {"exp": now + 86_400},
    ]  # fmt: skip
    headers = [{"kid": "two"}, {"kid": None}, {"typ": None}, {"alg": "RS384"}, {"alg": "none"}, {"alg": "HS384"}]
    good = ehr.claims(path)
    said, key = json.dumps(good), OctKey.import_key(json.dumps(ehr.public()).encode())
    forged = [
        *(ehr.token(ehr.claims(path, **changed)) for changed in claims),
        *(ehr.token(ehr.claims(path), **changed) for changed in headers),
        stranger.token(stranger.claims(path)),
        stranger.token(stranger.claims(path), jku="https://ehr.example/keys", jwk=stranger.public()),
        f"{b64(json.dumps({'alg': 'none', 'typ': 'JWT', 'kid': 'one'}).encode())}.{b64(said.encode())}.",
        jwt.encode({"alg": "HS384", "typ": "JWT", "kid": "one"}, good, key, algorithms=["HS384"]),
        place.service.bearer(place.client)["Authorization"].removeprefix("Bearer "),
        "", "a.b.c", "a" * 10_000,
    ]  # fmt: skip
    assert [place.ehr.ask("GET", path, token=token).status_code for token in forged] == [401] * len(forged)
    assert ehr.discover()
    assert (
        place.service.http.get(
            "/v1/runs/current", headers={"Authorization": f"Bearer {ehr.token(ehr.claims('/v1/runs/current'))}"}
        ).status_code
        == 401
    )


def test_access_ends_with_the_client(place: Place) -> None:
    assert len(place.ehr.cards(place.patient(101))) == 1
    place.service.store.end_access(place.client["client_id"], TODAY)
    assert place.ehr.ask("GET", "/cds-services").status_code == 401


def test_without_an_address_nobody_is_believed(service: Service) -> None:
    """Harm: the address that a token must name is taken from the request, so a token for another service fits."""
    ehr = HooksClient(service.http, "http://testserver")
    assert ehr.ask("GET", "/cds-services").status_code == 503


def test_feedback_lies_beside_the_card_in_the_audit(place: Place) -> None:
    """What became of a card is known by its row; what somebody typed is not kept, for it may name anybody."""
    (card,) = place.ehr.cards(place.patient(101))
    told = {"card": card["uuid"], "outcomeTimestamp": "2024-12-02T09:30:00Z"}
    offered = card["overrideReasons"][0]
    overridden = {
        **told,
        "outcome": "overridden",
        "overrideReason": {"reason": offered, "userComment": "Mrs Nobody rang"},
    }
    own = {**told, "outcome": "overridden", "overrideReason": {"reason": {"code": "Mrs Nobody", "system": "urn:x"}}}
    assert place.ehr.feedback({**told, "outcome": "accepted"}, overridden, own) == 200
    rows = place.service.audited("card.feedback")
    assert [(row["outcome"], json.loads(row["detail"])["card"], json.loads(row["detail"])["override"]) for row in rows] == [
        ("accepted", card["uuid"], None), ("overridden", card["uuid"], "known-already"), ("overridden", card["uuid"], "other")]  # fmt: skip
    assert "Nobody" not in str(list(place.service.store.audit_rows()))
    assert place.ehr.feedback({**told, "outcome": "ignored"}) == 422
    assert place.ehr.feedback() == 422


def test_keys_that_are_no_public_keys_are_refused(place: Place) -> None:
    """Harm: a private key lies in the store; a key that can be guessed, or one that is a shared secret, signs for a practice."""
    public, file = place.ehr.public(), place.folder / "wrong.json"
    wrong = [[], [{**public, "d": public["x"]}], [{**public, "kid": None}], [public, public], [{"kty": "oct", "k": "AAAA", "kid": "one"}],
             [{**public, "crv": "P-256"}], ["one"], {"keys": "x"}]  # fmt: skip
    for keys_ in wrong:
        file.write_text(json.dumps({"keys": keys_}))
        with pytest.raises(BadInput):
            client_keys.register_keys(place.service.store, place.client["client_id"], "https://ehr.example", file)
    file.write_text(json.dumps({"keys": [public]}))
    for client, issuer in (
        ("client-0000000000000000", "https://ehr.example"),
        (place.service.client("A81002")["client_id"], place.ehr.iss),
    ):
        with pytest.raises(WrongUsage):
            client_keys.register_keys(place.service.store, client, issuer, file)
    assert len(place.ehr.cards(place.patient(101))) == 1, "the keys of before still hold"
