"""Our own reading of R4 (4.0.1), written from its definitions and knowing nothing of the service: what a resource must, may and must not hold.

Of each element that the service uses: how often it may occur and of what kind it is. Whatever is not named here is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

Rule = tuple[int, int | None, Any]
MANY = None


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matching(pattern: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _day(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _instant(value: Any) -> bool:
    """With seconds and a zone, as R4 has an instant."""
    return (
        isinstance(value, str)
        and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None
    )


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _percentage(value: Any) -> bool:
    """R4's ras-2: at most 100."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 100


def _of(*codes: str) -> Callable[[Any], bool]:
    return lambda value: value in codes


ID, URI = _matching(r"[A-Za-z0-9.-]{1,64}"), _matching(r"\S+")
CODE = _matching(r"[^\s]+(\s[^\s]+)*")
CODING = {"system": (0, 1, URI), "version": (0, 1, _text), "code": (0, 1, CODE), "display": (0, 1, _text)}
CONCEPT = {"coding": (0, MANY, CODING), "text": (0, 1, _text)}
IDENTIFIER = {"system": (0, 1, URI), "value": (0, 1, _text)}
REFERENCE = {"reference": (0, 1, URI), "type": (0, 1, URI), "identifier": (0, 1, IDENTIFIER), "display": (0, 1, _text)}
PERIOD = {"start": (0, 1, _day), "end": (0, 1, _day)}
NOTE = {"text": (1, 1, _text)}
META = {"versionId": (0, 1, ID), "security": (0, MANY, CODING)}
_EVERY = {"resourceType": (1, 1, _text), "id": (0, 1, ID), "meta": (0, 1, META)}

RESOURCES: dict[str, dict[str, Any]] = {
    "RiskAssessment": {
        "identifier": (0, MANY, IDENTIFIER),
        "status": (1, 1, _of("registered", "preliminary", "final", "amended", "corrected", "cancelled", "entered-in-error", "unknown")),
        "method": (0, 1, CONCEPT),
        "subject": (1, 1, REFERENCE),
        "condition": (0, 1, REFERENCE),
        "occurrenceDateTime": (0, 1, _day),
        "basis": (0, MANY, REFERENCE),
        "prediction": (0, MANY, {
            "outcome": (0, 1, CONCEPT), "probabilityDecimal": (0, 1, _percentage), "qualitativeRisk": (0, 1, CONCEPT),
            "whenPeriod": (0, 1, PERIOD), "rationale": (0, 1, _text),
        }),
        "mitigation": (0, 1, _text),
        "note": (0, MANY, NOTE),
    },
    "List": {
        "identifier": (0, MANY, IDENTIFIER),
        "status": (1, 1, _of("current", "retired", "entered-in-error")),
        "mode": (1, 1, _of("working", "snapshot", "changes")),
        "title": (0, 1, _text), "code": (0, 1, CONCEPT), "date": (0, 1, _day), "orderedBy": (0, 1, CONCEPT), "note": (0, MANY, NOTE),
        "entry": (0, MANY, {"flag": (0, 1, CONCEPT), "item": (1, 1, REFERENCE)}),
        "emptyReason": (0, 1, CONCEPT),
    },
    "Group": {
        "identifier": (0, MANY, IDENTIFIER), "active": (0, 1, _truth), "type": (1, 1, _of("person", "animal", "practitioner", "device", "medication", "substance")),
        "actual": (1, 1, _truth), "code": (0, 1, CONCEPT), "name": (0, 1, _text), "quantity": (0, 1, _whole), "managingEntity": (0, 1, REFERENCE),
        "member": (0, MANY, {"entity": (1, 1, REFERENCE), "period": (0, 1, PERIOD), "inactive": (0, 1, _truth)}),
    },
    "AuditEvent": {
        "type": (1, 1, CODING), "subtype": (0, MANY, CODING), "action": (0, 1, _of("C", "R", "U", "D", "E")), "recorded": (1, 1, _instant),
        "outcome": (0, 1, _of("0", "4", "8", "12")),
        "agent": (1, MANY, {"who": (0, 1, REFERENCE), "requestor": (1, 1, _truth), "role": (0, MANY, CONCEPT)}),
        "source": (1, 1, {"observer": (1, 1, REFERENCE)}), "entity": (0, MANY, {"what": (0, 1, REFERENCE)}),
    },
    "Flag": {
        "status": (1, 1, _of("active", "inactive", "entered-in-error")),
        "category": (0, MANY, CONCEPT), "code": (1, 1, CONCEPT), "subject": (1, 1, REFERENCE), "period": (0, 1, PERIOD),
    },
    "Patient": {
        "identifier": (0, MANY, IDENTIFIER), "gender": (0, 1, _of("male", "female", "other", "unknown")),
        "managingOrganization": (0, 1, REFERENCE),
    },
    "OperationOutcome": {"issue": (1, MANY, {
        "severity": (1, 1, _of("fatal", "error", "warning", "information")),
        "code": (1, 1, _of("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown", "expired", "forbidden", "suppressed",
                           "processing", "not-supported", "duplicate", "multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension",
                           "too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store", "exception", "timeout", "incomplete",
                           "throttled", "informational")),
        "details": (0, 1, CONCEPT), "diagnostics": (0, 1, _text),
    })},
    "Bundle": {
        "type": (1, 1, _of("searchset")), "total": (0, 1, _whole),
        "link": (0, MANY, {"relation": (1, 1, _text), "url": (1, 1, URI)}),
        "entry": (0, MANY, {"fullUrl": (0, 1, _matching(r"https?://\S+")), "resource": (0, 1, dict), "search": (0, 1, {"mode": (0, 1, _of("match", "include", "outcome"))})}),
    },
    "CapabilityStatement": {
        "status": (1, 1, _of("draft", "active", "retired", "unknown")), "date": (1, 1, _day), "kind": (1, 1, _of("instance", "capability", "requirements")),
        "instantiates": (0, MANY, URI),
        "software": (0, 1, {"name": (1, 1, _text), "version": (0, 1, _text)}),
        "implementation": (0, 1, {"description": (1, 1, _text), "url": (0, 1, URI)}),
        "fhirVersion": (1, 1, _of("4.0.1")), "format": (1, MANY, CODE),
        "rest": (0, MANY, {
            "mode": (1, 1, _of("client", "server")), "documentation": (0, 1, _text),
            "security": (0, 1, {"extension": (0, MANY, {"url": (1, 1, URI), "extension": (1, MANY, {"url": (1, 1, _text), "valueUri": (1, 1, URI)})}), "service": (0, MANY, CONCEPT), "description": (0, 1, _text)}),
            "resource": (0, MANY, {
                "type": (1, 1, CODE), "documentation": (0, 1, _text), "versioning": (0, 1, _of("no-version", "versioned", "versioned-update")),
                "interaction": (0, MANY, {"code": (1, 1, _of("read", "vread", "update", "patch", "delete", "history-instance", "history-type", "create", "search-type"))}),
                "operation": (0, MANY, {"name": (1, 1, _text), "definition": (1, 1, URI)}),
                "searchParam": (0, MANY, {"name": (1, 1, _text), "type": (1, 1, _of("number", "date", "string", "token", "reference", "composite", "quantity", "uri", "special"))}),
            }),
        }),
    },
}  # fmt: skip


def faults(resource: Mapping[str, Any]) -> list[str]:
    """What in a resource breaks a rule of R4, each with where; empty where nothing does."""
    kind = resource.get("resourceType")
    if kind not in RESOURCES:
        return [f"{kind}: no resource that is served"]
    found = list(_elements({**_EVERY, **RESOURCES[kind]}, resource, kind)) or list(_invariants(kind, resource))
    for entry in resource.get("entry", ()) if kind == "Bundle" else ():
        found += faults(entry["resource"])
    return found


def _elements(rules: Mapping[str, Rule], held: Any, where: str) -> Iterator[str]:
    if not isinstance(held, Mapping) or not held:
        yield f"{where}: expected an object that is not empty"
        return
    yield from (f"{where}.{name}: there is no such element here" for name in held if name not in rules)
    for name, (least, most, kind) in rules.items():
        value = held.get(name)
        if (name in held and value in (None, [], {}, "")) or (
            (most is MANY) != isinstance(value, list) and value is not None
        ):
            yield f"{where}.{name}: null, empty, or one for many"
            continue
        values = value if isinstance(value, list) else [] if value is None else [value]
        if len(values) < least:
            yield f"{where}.{name}: is required"
        for one in values:
            if isinstance(kind, Mapping):
                yield from _elements(kind, one, f"{where}.{name}")
            elif not (isinstance(one, dict) if kind is dict else kind(one)):
                yield f"{where}.{name}: is not of its kind"


def _invariants(kind: str, held: Mapping[str, Any]) -> Iterator[str]:
    """What R4 says beyond elements."""
    if kind == "List" and "entry" in held and "emptyReason" in held:
        yield "lst-1: a list that is not empty has no reason for being so"
    if kind == "Group" and "member" in held and not held["actual"]:
        yield "grp-1: only a group of those who are has members"
    if kind == "Bundle":
        urls = [entry.get("fullUrl") for entry in held.get("entry", ())]
        if len(set(urls)) != len(urls):
            yield "bdl-7: a fullUrl is there once"
        if "self" not in [link["relation"] for link in held.get("link", ())]:
            yield "a searchset says what was searched for"
        if any(
            entry["fullUrl"].rsplit("/", 2)[1:] != [entry["resource"]["resourceType"], entry["resource"]["id"]]
            for entry in held.get("entry", ())
        ):
            yield "bdl: a fullUrl ends in its resource's type and id"
    if kind == "CapabilityStatement" and held.get("kind") == "instance" and "implementation" not in held:
        yield "cpb-14: an instance says of what"
    for prediction in held.get("prediction", ()) if kind == "RiskAssessment" else ():
        if {"probabilityDecimal", "probabilityRange"} <= set(prediction):
            yield "a choice of one kind of probability"
        if (period := prediction.get("whenPeriod")) and period["start"] > period["end"]:
            yield "per-1: a period ends after it begins"
