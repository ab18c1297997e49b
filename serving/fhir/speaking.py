"""What every FHIR answer shares: media type, addresses, the systems of its codes, and references.

What is coded by the standard is under its own systems; what is this product's own is under ``urn:frailty:``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from fastapi import Request, Response

from serving.problems import Problem
from serving.security.doors import own_address

BASE = "/fhir/R4"
VERSION = "4.0.1"
MEDIA_TYPE = "application/fhir+json"
#: What a caller may ask for in ``_format`` or ``Accept``; there is no XML.
FORMATS = frozenset({"json", "application/json", MEDIA_TYPE})
_ANY = frozenset({"", "*/*", "application/*"})
#: Systems of organisations' codes, by scheme: https://digital.nhs.uk/services/organisation-data-service.
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
_OWN = "urn:frailty:"


def spoken(request: Request) -> None:
    """A dependency of every route: refuse whoever asks for another format than JSON."""
    asked = request.query_params.get("_format")
    accepted = [asked] if asked is not None else request.headers.get("accept", "").split(",")
    kinds = {one.split(";")[0].strip().lower() for one in accepted}
    if not kinds & (FORMATS if asked is not None else FORMATS | _ANY):
        raise Problem("not-acceptable", "this is told as application/fhir+json alone")


def answer(resource: dict[str, Any]) -> Response:
    """A resource as an answer."""
    return Response(orjson.dumps(resource), 200, media_type=MEDIA_TYPE)


def address(request: Request) -> str:
    """Where the resources are, by the installation's own address where it has one."""
    return own_address(request.app.state.installation.settings, str(request.base_url)) + BASE


def system(name: str) -> str:
    """A system of codes or identifiers of this product's own."""
    return _OWN + name


def own(system: str, code: str, display: str | None = None) -> dict[str, Any]:
    """A coding of this product's own."""
    return {"system": _OWN + system, "code": code} | ({"display": display} if display else {})


def coded(text: str, *codings: dict[str, Any]) -> dict[str, Any]:
    """A CodeableConcept."""
    return ({"coding": list(codings)} if codings else {}) | {"text": text}


def standard(system: str, code: str) -> dict[str, Any]:
    """A coding of the standard's own: https://terminology.hl7.org."""
    return {"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}


def identifier(system: str, value: str) -> dict[str, Any]:
    """An identifier of this product's own."""
    return {"system": _OWN + system, "value": value}


def organisation(scheme: str, code: str) -> dict[str, Any]:
    """A reference to an organisation by its code; there is no resource of it here."""
    system = ODS if scheme == "ods" else f"{_OWN}organisation:{scheme}"
    return {"type": "Organization", "identifier": {"system": system, "value": code}}


def patient(person: str) -> dict[str, Any]:
    """A reference to somebody."""
    return {"reference": f"Patient/{person}", "type": "Patient"}


def notes(texts: Iterable[str | None]) -> list[dict[str, Any]]:
    """Annotations, without those that have nothing to say."""
    return [{"text": text} for text in texts if text]
