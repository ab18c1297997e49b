"""What a meeting writes of one person, one version at a time; and the history of it.

Whoever writes says with ``If-Match`` which version they had read, and with ``Idempotency-Key`` which request it is. There is no route that decides
about several people.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from risk.decisions.catalogue import catalogue
from risk.decisions.rules import faults
from risk.decisions.standing import said, standing
from risk.decisions.writing import Asked, entries, write
from risk.store.meeting import ACTION, ADDITION, ANSWER, CORRECTION, DECISION, OUTCOME, REMOVAL
from serving import answers
from serving.documented import READING, documents
from serving.meeting_answers import History, Written, shown
from serving.preconditions import WRITES as _WRITES
from serving.preconditions import Asking, Precondition, problems, tag
from serving.security.caller import Caller
from serving.shapes.meeting_bodies import (
    ActionBody,
    AnswerBody,
    Body,
    CorrectionBody,
    DecisionBody,
    OutcomeBody,
    PlaceBody,
)

router = APIRouter(prefix="/v1/persons", tags=["decisions"])
READ, WRITE = "decisions:read", "decisions:write"

Person = Annotated[str, Path(description="the id that a list gave this caller")]
Number = Annotated[int, Path(ge=1, lt=2**31, description="the entry's `seq`", examples=[7])]


@router.get(
    "/{person}/decisions",
    summary="What was decided about a person, and what stands",
    responses=documents(History, *READING),
)
def history(request: Request, person: Person) -> Response:
    """Of what this practice's own meetings wrote, oldest first; the ETag is what a write must bring back."""
    caller = Caller(request)
    action = "person.decisions"
    run, row = caller.person(person, READ, action)
    rows = entries(caller.installation.store, row)
    stands = standing(rows)
    body = {
        **answers.provenance(run, caller.installation.settings),
        "person": person,
        "practice": row["practice"],
        "scheme": row["scheme"],
        **shown(stands),
        "entries": [said(entry) for entry in rows],
    }
    answer = answers.json(body, ETag=tag(stands.version))
    caller.audit(action, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer


@router.post("/{person}/decisions", summary="Decide about a person", responses=documents(Written, *_WRITES))
def decide(request: Request, person: Person, body: DecisionBody, pre: Asking) -> Response:
    """Accept, decline, defer, or already known. It takes the place of the decision before, which stays in the history."""
    return _write(request, person, DECISION, body, pre)


@router.post(
    "/{person}/additions",
    summary="Put a person on the list by clinical judgement",
    responses=documents(Written, *_WRITES),
)
def add(request: Request, person: Person, body: PlaceBody, pre: Asking) -> Response:
    """Outside the list's places: nobody is pushed off it."""
    return _write(request, person, ADDITION, body, pre)


@router.post(
    "/{person}/removals",
    summary="Take a person off the list by clinical judgement",
    responses=documents(Written, *_WRITES),
)
def remove(request: Request, person: Person, body: PlaceBody, pre: Asking) -> Response:
    """Folded away until the review, or until something stated changes. The person stays in every count."""
    return _write(request, person, REMOVAL, body, pre)


@router.post("/{person}/actions", summary="Write down something to be done", responses=documents(Written, *_WRITES))
def act(request: Request, person: Person, body: ActionBody, pre: Asking) -> Response:
    """From the area's catalogue. Open actions follow the person from run to run."""
    return _write(request, person, ACTION, body, pre)


@router.post(
    "/{person}/actions/{number}/outcome", summary="Say what became of an action", responses=documents(Written, *_WRITES)
)
def end(request: Request, person: Person, number: Number, body: OutcomeBody, pre: Asking) -> Response:  # fmt: skip
    """Closes it, once."""
    return _write(request, person, OUTCOME, body, pre, number)


@router.post(
    "/{person}/corrections",
    summary="Say that a fact about a person is not right",
    responses=documents(Written, *_WRITES),
)
def dispute(request: Request, person: Person, body: CorrectionBody, pre: Asking) -> Response:
    """The fact is marked as disputed until whoever answers for its source has answered."""
    return _write(request, person, CORRECTION, body, pre)


@router.post(
    "/{person}/corrections/{number}/answer",
    summary="Answer that a fact is not right",
    responses=documents(Written, *_WRITES),
)
def answer_dispute(request: Request, person: Person, number: Number, body: AnswerBody, pre: Asking) -> Response:  # fmt: skip
    """By whoever answers for the source. What was put right there is in the score of the first run that reads it."""
    return _write(request, person, ANSWER, body, pre, number)


def _write(request: Request, person: str, kind: str, body: Body, pre: Precondition, of: int | None = None) -> Response:
    """Permission first, so that nobody learns anything by what else is wrong; then what was said; then one short transaction; then the audit."""
    caller, action = Caller(request), f"person.{kind}"
    run, row = caller.person(person, WRITE, action)
    today, held = caller.installation.today, catalogue(caller.installation.settings.actions)
    said_now = body.model_dump()
    read = pre.read(faults(kind, said_now, today, held))
    asked = Asked(kind, said_now, caller.access.client_id, person, read, str(pre.key), of)
    with problems():
        done = write(caller.installation.store, run["number"], row, asked, today, held)
    answer = answers.json({"person": person, **said(done)}, ETag=tag(done["version"]))
    caller.audit(action, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"],
                 detail={"entry": done["seq"], "version": done["version"]})  # fmt: skip
    return answer
