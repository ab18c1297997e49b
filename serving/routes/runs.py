"""The published run."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from risk.store.directory import EVERY
from serving import answers
from serving.documented import CurrentRun, documents
from serving.security.caller import Caller

router = APIRouter(prefix="/v1/runs", tags=["runs"])
SCOPE = "runs:read"


@router.get(
    "/current",
    summary="The published run, and the caller's practices in it",
    responses=documents(CurrentRun, "unauthenticated", "insufficient-scope", "nothing-published", "unavailable"),
)
def current(request: Request) -> Response:
    """Says nothing of any person. Numbers of the whole area are for callers granted all of it."""
    caller = Caller(request)
    caller.needs(SCOPE, "run.read")
    run = caller.run()
    practices = caller.installation.store.practices(run["number"])
    mine = [row for row in practices if caller.access.may(SCOPE, row["scheme"], row["practice"])]
    return answers.json(
        {
            **answers.provenance(run, caller.installation.today),
            "list_fraction": run["fraction"],
            "feeds": run["feeds"],
            "practices": [answers.denominators(row) for row in mine],
            "counts": run["counts"] if caller.access.may(SCOPE, EVERY, EVERY) else None,
        }
    )
