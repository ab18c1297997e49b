"""The published run."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from risk.store.directory import EVERY
from serving import answers
from serving.documented import documents
from serving.security.caller import Caller
from serving.shapes.run import CurrentRun
from serving.shapes.shape import Shape

router = APIRouter(prefix="/v1/runs", tags=["runs"])
SCOPE = "runs:read"
#: Longest page of what happened to runs.
LONGEST = 200


class RunEvent(Shape):
    """Something that happened to a run; in the order in which it did."""

    seq: int = Field(description="give the last one as `since` the next time", examples=[14])
    kind: str = Field(description="run.published, or run.withdrawn: a recall", examples=["run.withdrawn"])
    run: int = Field(examples=[12])
    at: datetime = Field(examples=["2024-12-03T08:30:00Z"])
    body: dict[str, Any] = Field(
        description="of a recall: why, and the run that is current in its place (null: none)",
        examples=[{"reason": "the hospital feed was last month's", "current": 11}],
    )


class RunEvents(Shape):
    events: list[RunEvent]
    next: int = Field(description="`since` of the next call", examples=[14])


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
            **answers.provenance(run, caller.installation.settings),
            "list_fraction": run["fraction"],
            "feeds": run["feeds"],
            "practices": [answers.denominators(row) for row in mine],
            "counts": run["counts"] if caller.access.may(SCOPE, EVERY, EVERY) else None,
        }
    )


@router.get(
    "/changes",
    summary="Runs published and taken back since the caller last asked",
    responses=documents(RunEvents, "unauthenticated", "insufficient-scope", "unfit-parameter", "unavailable"),
)
def changes(
    request: Request,
    since: Annotated[int, Query(ge=0, lt=2**31, description="`next` of the answer before; 0 for all there is")] = 0,
    limit: Annotated[int, Query(ge=1, le=LONGEST)] = LONGEST,
) -> Response:
    """Says nothing of any person. Whoever keeps copies of a run that is recalled here must delete them and pull anew."""
    caller = Caller(request)
    caller.needs(SCOPE, "run.changes")
    told = caller.installation.store.told_since(since, limit)
    return answers.json({"events": told, "next": told[-1]["seq"] if told else since})
