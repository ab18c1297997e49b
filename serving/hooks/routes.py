"""One card by two services, of the hooks ``patient-view`` and ``encounter-start``: discovery, the card and feedback (CDS Hooks 2.0, https://cds-hooks.hl7.org/2.0/).

Who is not on a list, not known, hidden or another practice's has no card, in the same words. Where nobody can say whose card is asked for there is no
answer rather than none: an empty answer would read as somebody who is not at risk.
"""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response

from features.linkage.revealing import person_of
from serving import answers
from serving.fhir.risk_assessment import about
from serving.hooks.bodies import PATIENT, Call, Feedback
from serving.hooks.card import OVERRIDES, SYSTEM, card
from serving.problems import Problem
from serving.routes import persons
from serving.security.caller import Caller
from serving.security.hook_tokens import HOOKS

router = APIRouter(prefix=HOOKS, include_in_schema=False)
CARD, FEEDBACK = "person.card", "card.feedback"
NHS_NUMBER, OWN = "https://fhir.nhs.uk/Id/nhs-number", "urn:frailty:person"
#: Services by the hook that each is of: the standard gives a service one hook.
SERVICES = {"patient-view": "patient-risk", "encounter-start": "patient-risk-at-encounter"}
DESCRIBED = {
    "title": "Risk of an unplanned admission",
    "description": "A card for somebody on their practice's priority list: risk, strongest reasons, and a directive or plan first",
    "prefetch": {PATIENT: "Patient/{{context.patientId}}"},
    "usageRequirements": "The Patient must be sent along, with an NHS number or this service's own id as an identifier: nothing is fetched.",
}


@router.get("")
def discovery(request: Request) -> Response:
    return answers.json(
        {"services": [{"hook": hook, "id": service, **DESCRIBED} for hook, service in SERVICES.items()]}
    )


@router.post("/{service}")
def view(request: Request, service: str, call: Call) -> Response:
    """A card, or none."""
    _known(service)
    caller = Caller(request)
    caller.needs(persons.SCOPE, CARD)
    if SERVICES[call.hook] != service:
        raise Problem("unfit-parameter", errors=[{"where": "body.hook", "why": "another hook than the service's"}])
    patient = call.patient
    if patient is None:
        raise Problem("data-missing", "send `patient` along as discovery says")
    if patient.get("id") != call.context.patientId:
        raise Problem("unfit-parameter", errors=[{"where": "body.prefetch.patient.id", "why": "another patient than the context's"}])  # fmt: skip
    person = _person(caller, patient)
    try:
        run, row = caller.person(person, persons.SCOPE, CARD)
    except Problem as problem:
        if problem.kind != "not-found":
            raise
        return answers.json({"cards": []})
    if not row["listed"]:
        caller.audit(CARD, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"], detail={"card": None})  # fmt: skip
        return answers.json({"cards": []})
    named = str(uuid.uuid4())
    shown = card(about(request, person), named, caller.installation.settings.address.rstrip("/"))
    caller.audit(CARD, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"], detail={"card": named})  # fmt: skip
    return answers.json({"cards": [shown]})


@router.post("/{service}/feedback")
def feedback(request: Request, service: str, told: Feedback) -> Response:
    """What became of cards, into the audit beside the row of each card. Reasons are kept as far as a card offered them; comments are not kept."""
    _known(service)
    caller = Caller(request)
    caller.needs(persons.SCOPE, FEEDBACK)
    for one in told.feedback:
        given = one.overrideReason.reason if one.overrideReason else None
        code = given.code if given and given.system == SYSTEM and given.code in OVERRIDES else None
        detail = {"card": str(one.card), "at": one.outcomeTimestamp.isoformat(), "override": code or ("other" if one.overrideReason else None)}  # fmt: skip
        caller.audit(FEEDBACK, one.outcome, detail=detail)
    return answers.json({})


def _known(service: str) -> None:
    if service not in SERVICES.values():
        raise Problem("not-found")


def _person(caller: Caller, patient: dict[str, Any]) -> str:
    """What the caller's answers call the Patient: by an id of ours, or by the one NHS number; an empty text where neither stands for anybody."""
    held = patient.get("identifier")
    identifiers = [one for one in held if isinstance(one, dict)] if isinstance(held, list) else []
    ours, numbers = ({str(one.get("value")) for one in identifiers if one.get("system") == system} for system in (OWN, NHS_NUMBER))  # fmt: skip
    if len(ours) == 1:
        return ours.pop()[:64]
    if len(numbers) != 1:
        return ""
    caller.reveals(CARD)
    settings = caller.installation.settings
    found = person_of(settings.identity_folder, settings.identity_key_file, numbers.pop().replace(" ", "")[:64])
    return "" if found is None else caller.pseudonyms.of(found)


def add_hooks(app: FastAPI) -> None:
    """The routes, put into the application."""
    app.include_router(router)
