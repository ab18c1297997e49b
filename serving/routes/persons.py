"""One person's risk and its reasons."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Request, Response

from features.errors import FrailtyError
from risk import plans
from risk.run import flags as beside_names
from risk.run import reading
from serving import answers
from serving.documented import READING, documents
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.person import PersonRisk

router = APIRouter(prefix="/v1/persons", tags=["persons"])
SCOPE, ACTION = "persons:read", "person.risk"


@router.get(
    "/{person}/risk",
    summary="A person's current risk, and why",
    responses=documents(PersonRisk, *READING, "reasons-unavailable"),
)
def risk(
    request: Request,
    person: Annotated[str, Path(description="the id that a list gave this caller")],
) -> Response:
    """For everyone whom the current run scored in a practice of the caller's, listed or not. Not found, not scored, no longer
    the caller's and made up give the same answer."""
    caller = Caller(request)
    run, row = caller.person(person, SCOPE, ACTION)
    answer = answers.json(told(caller, run, row))
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer


def told(caller: Caller, run: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """What is told of somebody by the run: ready for JSON. Whoever calls writes the audit. :class:`Problem` where the reasons cannot be told."""
    flags = flags_of(caller, run, row)
    plan = plans.followed(flags or {})
    practice = {key: row[key] for key in ("practice", "scheme")}
    return {
        **answers.provenance(run, caller.installation.settings),
        **practice,
        **answers.scored(row, caller.pseudonyms),
        "listed": row["listed"],
        "plan": plan,
        "section": row["section"],
        "home": row["home"],
        "listed_because": row["reason"],
        "flags": flags,
        "reasons": _reasons(caller, run["number"], row, plan is not None),
        "outcomes": _outcomes(caller, run["number"], row, plan is not None),
    }


def flags_of(caller: Caller, run: dict[str, Any], row: dict[str, Any]) -> Any:
    """As the list has them, or from the run's own files for somebody who is not listed."""
    if row["flags"] is not None:
        return orjson.loads(row["flags"])
    try:
        return beside_names.of_person(caller.installation.settings.runs, run, row["person_id"])
    except (FrailtyError, OSError) as error:
        raise Problem("reasons-unavailable") from error


def _outcomes(caller: Caller, number: int, row: dict[str, Any], planned: bool) -> list[dict[str, Any]]:
    """The outcomes scored beside, each with its own reasons from the run's files."""
    told = []
    for outcome in answers.scored(row, caller.pseudonyms)["outcomes"]:
        try:
            name = outcome["model"]["name"]
            why = reading.reasons(caller.installation.settings, number, row["person_id"], beside=name)
        except (FrailtyError, OSError) as error:
            raise Problem("reasons-unavailable") from error
        told.append({**outcome, "reasons": plans.giving_way(why) if planned and why else why})
    return told


def _reasons(caller: Caller, number: int, row: dict[str, Any], planned: bool) -> Any:
    """As the list has them, or from the run's own files for somebody who is not listed."""
    if row["reasons"] is not None:
        return orjson.Fragment(row["reasons"])
    try:
        found = reading.reasons(caller.installation.settings, number, row["person_id"])
    except (FrailtyError, OSError) as error:
        raise Problem("reasons-unavailable") from error
    if found is None:
        raise Problem("reasons-unavailable")
    return plans.giving_way(found) if planned else found
