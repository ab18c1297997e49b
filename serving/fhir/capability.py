"""CapabilityStatement: what is served here, for anybody who asks (http://hl7.org/fhir/R4/capabilitystatement.html)."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from serving.fhir import audit_event, flag, group, list_of_practice, risk_assessment, smart
from serving.fhir.speaking import BASE, MEDIA_TYPE, VERSION, address, answer, coded, spoken, standard

METADATA = f"{BASE}/metadata"
router = APIRouter(dependencies=[Depends(spoken)], include_in_schema=False)
#: When what is said here last changed.
CHANGED = "2026-11-24"
#: What is there of Bulk Data Access.
BULK = "http://hl7.org/fhir/uv/bulkdata/"
OPERATIONS = {"Group": [{"name": "export", "definition": BULK + "OperationDefinition/group-export"}]}
#: Where SMART has a statement say at which address tokens are given.
OAUTH_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
#: Resources by name: the parameters of their search, and what a reader must know of them.
SERVED: dict[str, tuple[dict[str, str], str]] = {
    "RiskAssessment": (risk_assessment.SEARCHED, "probabilityDecimal is a percentage, 0-100. A search names one patient; one who is not there is a 404."),
    "List": (list_of_practice.SEARCHED, "A practice's priority list of the published run, in its order."),
    "Group": (group.SEARCHED, "The people of a practice's priority list. $export gives them as files: Patient, RiskAssessment and Flag."),
    "Flag": (flag.SEARCHED, "Directives and plans first, then a place on the list. A search names one patient."),
    "AuditEvent": (audit_event.SEARCHED, "Who asked what about a person, the oldest first. A search names one patient."),
    "Patient": ({}, "A pseudonym that is the caller's own, sex and practice."),
}  # fmt: skip


@router.get(METADATA)
def metadata(request: Request) -> Response:
    """Open to all; it says nothing of runs or people."""
    return answer(statement(address(request), smart.token_address(request)))


def statement(url: str, token: str) -> dict[str, Any]:
    """What is served at ``url``, with tokens of ``token``."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": CHANGED,
        "kind": "instance",
        "instantiates": [BULK + "CapabilityStatement/bulk-data"],
        "software": {"name": "frailty-risk", "version": version("frailty-risk")},
        "implementation": {"description": "people at risk of an unplanned admission, pseudonymous, with reasons", "url": url},
        "fhirVersion": VERSION,
        "format": [MEDIA_TYPE, "json"],
        "rest": [{
            "mode": "server",
            "documentation": "A parameter that is not served is refused. Every answer about a person is in the audit before it is sent.",
            "security": {
                "extension": [{"url": OAUTH_URIS, "extension": [{"url": "token", "valueUri": token}]}],
                "service": [coded("OAuth", standard("restful-security-service", "SMART-on-FHIR"))],
                "description": f"SMART backend services, OAuth 2.0 client credentials: {url.removesuffix(BASE)}{smart.CONFIGURATION} says how",
            },
            "resource": [_resource(name, *about) for name, about in SERVED.items()],
        }],
    }  # fmt: skip


def _resource(name: str, searched: dict[str, str], documentation: str) -> dict[str, Any]:
    told = {"type": name, "interaction": [{"code": "read"}], "versioning": "no-version", "documentation": documentation}
    told |= {"operation": OPERATIONS[name]} if name in OPERATIONS else {}
    if not searched:
        return told
    parameters = [{"name": parameter, "type": kind} for parameter, kind in searched.items()]
    return told | {"interaction": [{"code": "read"}, {"code": "search-type"}], "searchParam": parameters}
