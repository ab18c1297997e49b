"""What an export may be asked for with (Bulk Data Access, "Query Parameters"); anything else is refused rather than passed over."""

from __future__ import annotations

from datetime import datetime

from fastapi import Request

from serving.fhir.bulk.making import TYPES
from serving.fhir.searching import unfit
from serving.problems import Problem

KNOWN = ("_type", "_since", "_outputFormat")
MEDIA_TYPE = "application/fhir+ndjson"
FORMATS = frozenset({MEDIA_TYPE, "application/ndjson", "ndjson"})


def asynchronous(request: Request) -> None:
    """:class:`Problem` where the caller does not say that it will wait: there is no such answer at once."""
    told = [one.strip().lower() for one in ",".join(request.headers.getlist("prefer")).split(",")]
    if "respond-async" not in told:
        raise Problem("invalid-request", "an export takes a while: ask with the header Prefer: respond-async")


def parameters(request: Request) -> tuple[list[str], datetime | None]:
    """The types wanted, each once in their usual order, and the moment after which a change counts."""
    given = request.query_params
    if not set(given) <= set(KNOWN):
        raise Problem("unfit-parameter", errors=[{"where": "query", "why": f"expected {', '.join(KNOWN)}"}])
    for name in ("_since", "_outputFormat"):
        if len(given.getlist(name)) > 1:
            raise unfit(name, "is given twice")
    if (
        given.get("_outputFormat", MEDIA_TYPE).replace(" ", "+") not in FORMATS
    ):  # a plus that was not escaped is a space
        raise unfit("_outputFormat", f"files are {MEDIA_TYPE} alone")
    return _types(given.getlist("_type")), _since(given.get("_since"))


def _types(said: list[str]) -> list[str]:
    wanted = {one.strip() for one in ",".join(said).split(",")} if said else set(TYPES)
    if not wanted <= set(TYPES):
        raise unfit("_type", f"expected {', '.join(TYPES)}")
    return [kind for kind in TYPES if kind in wanted]


def _since(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        moment = datetime.fromisoformat(said.replace(" ", "+"))
    except ValueError as error:
        raise unfit("_since", "a moment with its zone, such as 2024-11-30T06:00:00Z") from error
    if moment.tzinfo is None or "T" not in said:
        raise unfit("_since", "a moment with its zone, such as 2024-11-30T06:00:00Z")
    return moment
