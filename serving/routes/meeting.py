"""A practice's list as its meeting works through it, and what is left undone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from risk.decisions.folding import DUE
from risk.decisions.meeting import Meeting, meeting
from risk.decisions.metrics import metrics
from serving import answers
from serving.documented import READING, documents
from serving.listing import CODE
from serving.meeting_answers import MeetingMetrics, PracticeMeeting, added, at_meeting
from serving.security.caller import Caller

router = APIRouter(prefix="/v1/practices", tags=["decisions"])
SCOPE, VIEW, COUNTS = "decisions:read", "meeting.view", "meeting.metrics"
Code = Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])]
Asked = Literal["due", "new", "changed", "overdue", "unchanged", "folded", "all"]


@router.get(
    "/{code}/meeting",
    summary="A practice's list, folded by what was decided",
    responses=documents(PracticeMeeting, *READING),
)
def practice_meeting(
    request: Request,
    code: Code,
    view: Annotated[Asked, Query(description="due: new, then changed, then overdue")] = "due",
) -> Response:
    """Pseudonymous, as the list. Whoever was declined, is known already or was taken off is folded away until a review day or a stated
    change, and stays in every count."""
    caller = Caller(request)
    run, practice, held = _held(caller, code, VIEW)
    views = {"due": DUE, "all": tuple(held.counts)}.get(view, (view,))
    people = [one for name in views for one in held.listed if one.placed.view == name]
    body = {
        **answers.provenance(run, caller.installation.settings),
        **answers.denominators(practice),
        "withheld": caller.installation.store.withheld(run["number"], code, practice["scheme"]),
        "view": view,
        "counts": held.counts,
        "people": [at_meeting(one, caller.pseudonyms) for one in people],
        "added": [added(one, caller.pseudonyms) for one in held.added],
    }
    answer = answers.json(body)
    told = [one.row["person_id"] for one in (*people, *held.added)]
    caller.audit(VIEW, "answered", organisation=code, people=told, run=run["number"], detail={"view": view})
    return answer


@router.get(
    "/{code}/meeting/metrics",
    summary="What a practice's meetings have left undone",
    responses=documents(MeetingMetrics, *READING),
)
def meeting_metrics(request: Request, code: Code) -> Response:
    """Counts alone."""
    caller = Caller(request)
    run, practice, held = _held(caller, code, COUNTS)
    body = {
        **answers.provenance(run, caller.installation.settings),
        "practice": practice["practice"],
        "scheme": practice["scheme"],
        "withheld": caller.installation.store.withheld(run["number"], code, practice["scheme"]),
        **metrics(held, caller.installation.today),
    }
    answer = answers.json(body)
    caller.audit(COUNTS, "answered", organisation=code, run=run["number"])
    return answer


def _held(caller: Caller, code: str, action: str) -> tuple[dict[str, Any], dict[str, Any], Meeting]:
    """The current run, the practice's row in it, and its meeting; a practice that is not the caller's is not there."""
    run, practice = caller.held(code, SCOPE, action)
    installation = caller.installation
    return run, practice, meeting(installation.store, run, code, practice["scheme"], installation.today)
