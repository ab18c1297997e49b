"""Somebody looked up by NHS number, which comes in the body of a POST alone."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from features.linkage.revealing import person_of
from risk import plans
from risk.decisions.standing import coordinator
from risk.decisions.writing import entries
from serving import answers
from serving.documented import READING, documents
from serving.routes.persons import flags_of
from serving.security.caller import Caller
from serving.shapes.lookup import LookupBody, PersonLookup

router = APIRouter(prefix="/v1/persons", tags=["persons"])
SCOPE, ACTION = "persons:lookup", "person.lookup"


@router.post(
    "/lookup",
    summary="Whether somebody at a front door or on a call is known, by NHS number",
    responses=documents(PersonLookup, *READING, "too-large", "reasons-unavailable"),
)
def lookup(request: Request, body: LookupBody) -> Response:
    """Of somebody whom the current run scored in a practice of the caller's: the band, the plan that is to be followed, the coordinator that the practice's meeting
    named, and the id under which this caller may ask for more where it has the scopes. No reason, no number, no list. Unknown, not scored, opted out, died and not
    the caller's give the same answer. It is limited more tightly than other calls (`lookups_per_minute`), and each is in the audit with its purpose."""
    caller = Caller(request)
    caller.needs(SCOPE, ACTION)
    caller.reveals(ACTION)
    settings = caller.installation.settings
    found = person_of(settings.identity_folder, settings.identity_key_file, body.nhs_number)
    run, row = caller.known_person(found, SCOPE, ACTION, detail={"purpose": body.purpose})
    named = coordinator(entries(caller.installation.store, row))
    answer = answers.json({
        **answers.provenance(run, settings),
        "person": caller.pseudonyms.of(row["person_id"]),
        "band": row["band"],
        "plan": plans.followed(flags_of(caller, run, row) or {}),
        "coordinator": None if named is None else {"says": named[0], "on": named[1]},
    })  # fmt: skip
    relationship = caller.access.through(SCOPE, row["scheme"], row["practice"])
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"], detail={"purpose": body.purpose, "relationship": relationship})  # fmt: skip
    return answer
