"""Whether the service lives, and whether it can answer."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Request, Response

from features.errors import FrailtyError
from serving import answers
from serving.documented import documents
from serving.installation import Installation
from serving.problems import Problem
from serving.shapes.service import Health, Ready

router = APIRouter(tags=["service"])
_ALIVE = orjson.dumps({"status": "alive"})


@router.get("/health", summary="Whether the process answers", responses=documents(Health))
async def health() -> Response:
    """Says nothing of the store; for whatever restarts a process that hangs."""
    return Response(_ALIVE, media_type="application/json")


@router.get("/ready", summary="Whether it can answer about people", responses=documents(Ready, "not-ready"))
def ready(request: Request) -> Response:
    """The store is reachable, a run is published, and its files are there; 503 says which is missing."""
    missing = _missing(request.app.state.installation)
    if missing:
        raise Problem("not-ready", "missing: " + ", ".join(missing), missing=missing)
    return answers.json({"status": "ready"})


def _missing(installation: Installation) -> list[str]:
    try:
        run = installation.store.current_run()
    except FrailtyError:
        return ["the store"]
    if run is None:
        return ["a published run"]
    folder = installation.settings.runs / str(run["number"])
    return [] if folder.is_dir() else ["the published run's files"]
