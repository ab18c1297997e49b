"""A score of one person asked for now, from posted rows of the record. Nothing posted is stored or logged."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from serving.documented import READING, documents
from serving.security.caller import Caller
from serving.shapes.score import ScoreAnswer, ScoreBody

router = APIRouter(prefix="/v1", tags=["score"])
SCOPE, ACTION = "score:write", "person.score"


@router.post(
    "/score",
    summary="Score one person now, from posted rows of the record",
    responses=documents(ScoreAnswer, *READING, "too-little", "too-large", "model-unavailable", "reasons-unavailable"),
)
def score(request: Request, body: ScoreBody) -> Response:
    """By the model that is live for the outcome of the current run, of somebody whom that run scored in a practice of the caller's. Not found, not
    scored, opted out, no longer the caller's and made up give the same answer. What is posted is checked, used and forgotten."""
    # LightGBM and the compiled engine take seconds to come: only a service that scores waits for them, and once.
    from serving.scoring import Asked, scorers

    caller = Caller(request)
    with caller.installation.store.viewing():
        run, row = caller.person(body.person, SCOPE, ACTION)
        return Asked(caller, run, row, body).answer(scorers(request.app.state), SCOPE, ACTION)
