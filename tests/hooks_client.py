"""A client of CDS Hooks 2.0, written from the specification and knowing nothing of the service: it signs its calls itself (RFC 7515, by hand) and refuses
answers that the specification does not allow.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _number(value: int, length: int) -> str:
    return b64(value.to_bytes(length, "big"))


@dataclass
class HooksClient:
    """A record system: ``iss`` at ``service`` (the address that it calls), with a key of its own of one of the two kinds that are recommended."""

    http: Any
    service: str
    iss: str = "https://ehr.example/fhir"
    kid: str = "one"
    algorithm: str = "ES384"
    key: Any = field(default=None)

    def __post_init__(self) -> None:
        if self.key is None:
            self.key = (
                ec.generate_private_key(ec.SECP384R1())
                if self.algorithm == "ES384"
                else rsa.generate_private_key(65537, 2048)
            )

    def public(self) -> dict[str, Any]:
        """The public half as a JWK (RFC 7518 §6)."""
        numbers = self.key.public_key().public_numbers()
        if self.algorithm == "ES384":
            return {
                "kty": "EC",
                "crv": "P-384",
                "kid": self.kid,
                "x": _number(numbers.x, 48),
                "y": _number(numbers.y, 48),
            }
        return {"kty": "RSA", "kid": self.kid, "n": _number(numbers.n, 256), "e": _number(numbers.e, 3)}

    def claims(self, path: str, **changed: Any) -> dict[str, Any]:
        now = int(time.time())
        said = {"iss": self.iss, "aud": self.service + path, "iat": now, "exp": now + 120, "jti": str(uuid.uuid4())}
        return {name: value for name, value in {**said, **changed}.items() if value is not None}

    def token(self, claims: dict[str, Any], **header: Any) -> str:
        head = {
            name: value
            for name, value in {"alg": self.algorithm, "typ": "JWT", "kid": self.kid, **header}.items()
            if value is not None
        }
        signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
        if self.algorithm == "ES384":
            r, s = decode_dss_signature(self.key.sign(signed.encode(), ec.ECDSA(SHA384())))
            return f"{signed}.{_number(r, 48)}{_number(s, 48)}"
        return f"{signed}.{b64(self.key.sign(signed.encode(), padding.PKCS1v15(), SHA384()))}"

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        bearer = token if token is not None else self.token(self.claims(path))
        return self.http.request(
            method, path, headers={"Authorization": f"Bearer {bearer}"}, **({} if body is None else {"json": body})
        )

    def discover(self) -> list[dict[str, Any]]:
        answer = self.ask("GET", "/cds-services")
        assert answer.status_code == 200, answer.text
        services: list[dict[str, Any]] = answer.json()["services"]
        for one in services:
            assert all(isinstance(one.get(name), str) and one[name] for name in ("hook", "description", "id"))
        return services

    def call(
        self, patient: dict[str, Any] | None, *, context: str | None = None, at: str = "patient-view", **changed: Any
    ) -> Any:
        """Somebody's record is opened, or an encounter begins: what the one service of the hook ``at`` answers."""
        (service,) = [one for one in self.discover() if one["hook"] == at]
        about = context or (patient or {"id": "none"})["id"]
        sent = {
            "hook": at,
            "hookInstance": str(uuid.uuid4()),
            "context": {
                "userId": "Practitioner/1",
                "patientId": about,
                **({"encounterId": "e1"} if at == "encounter-start" else {}),
            },
        }
        if patient is not None:
            assert service["prefetch"] == {"patient": "Patient/{{context.patientId}}"}
            sent["prefetch"] = {"patient": patient}
        return self.ask("POST", f"/cds-services/{service['id']}", {**sent, **changed})

    def cards(self, patient: dict[str, Any], at: str = "patient-view") -> list[dict[str, Any]]:
        answer = self.call(patient, at=at)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert nothing_empty(said["cards"])
        for card in said["cards"]:
            assert 0 < len(card["summary"]) < 140
            assert card["indicator"] in ("info", "warning", "critical")
            assert card["source"]["label"]
            assert str(uuid.UUID(card["uuid"])) == card["uuid"]
            assert "suggestions" not in card or card["selectionBehavior"] in ("at-most-one", "any")
            assert all(
                link["label"] and link["url"].startswith("https://") and link["type"] in ("absolute", "smart")
                for link in card.get("links", ())
            )
            assert all(reason["code"] and reason["display"] for reason in card.get("overrideReasons", ()))
        return said["cards"]

    def feedback(self, *told: dict[str, Any]) -> int:
        return int(self.ask("POST", "/cds-services/patient-risk/feedback", {"feedback": list(told)}).status_code)


def nothing_empty(value: Any) -> bool:
    """The specification: an element is there with something in it, or it is not there."""
    if isinstance(value, dict):
        return all(one not in (None, "", [], {}) and nothing_empty(one) for one in value.values())
    return all(nothing_empty(one) for one in value) if isinstance(value, list) else value is not None
