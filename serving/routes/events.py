"""What happened to people since a client last asked, of those alone whom it may see when it asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from risk.events import SCOPE, Numbers, practices_of
from serving import answers, listing
from serving.documented import documents
from serving.listing import UNCHANGED, USUAL, IfNoneMatch, Limit
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.events import Events

router = APIRouter(prefix="/v1/events", tags=["events"])
ACTION = "events.read"
SHAPE = listing.held_by(Events)
Since = Annotated[
    str | None,
    Query(
        pattern=r"^[a-z2-7]{39}$",
        description="`next` of the answer before, or the id of the last event taken in; all that are kept when not given",
    ),
]


@router.get(
    "",
    summary="What happened to people whom the caller may see, since it last asked",
    responses={**documents(Events, "unauthenticated", "insufficient-scope", "not-found", "unfit-parameter", "too-many", "unavailable"), 304: UNCHANGED},
)  # fmt: skip
def events(request: Request, since: Since = None, limit: Limit = USUAL, if_none_match: IfNoneMatch = None) -> Response:
    """An event is told only while its person may be seen: of somebody hidden since, or of a practice that is the caller's no longer, it is gone. So is
    what a run told that was taken back, but for `run.withdrawn`. The lists hold what stands; events say when to read them."""
    caller = Caller(request)
    caller.needs(SCOPE, ACTION)
    installation, access = caller.installation, caller.access
    store, numbers = installation.store, Numbers(installation.keys.person, access.reader)
    after = 0 if since is None else numbers.person(since)
    if after is None:
        caller.audit(ACTION, "refused")
        raise Problem("not-found")
    detail = {"after": after, "limit": limit}
    with store.viewing():  # the tag, the events and the last of them are of one moment
        last, past = store.event_marks()
        run = store.current_run()
        provenance = {} if run is None else answers.provenance(run, installation.settings)
        practices = practices_of(access)
        tag = listing.tagged(SHAPE, ACTION, access.client_id, practices, since, limit, last, past, provenance.get("run"),
                             provenance.get("stale_says"), store.hiding_mark())  # fmt: skip
        same = if_none_match is not None and listing.matches(if_none_match, tag)
        rows = [] if same else store.events_since(after, practices, limit + 1)
    own = rows[:limit]
    more = len(rows) > limit
    people = sorted({row["person_id"] for row in own if row["person_id"] is not None})
    kept = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    number = provenance.get("run")
    if same:
        caller.audit(ACTION, "unchanged", run=number, detail=detail)
        return Response(status_code=304, headers=kept)
    told = answers.json(
        {
            "events": [_told(row, caller, numbers) for row in own],
            "next": numbers.of(own[-1]["seq"] if more else max(last, after)),
            "more": more,
            "missed": since is not None and after < past,
            "run": number,
            "marking": provenance.get("marking"),
            "stale_says": provenance.get("stale_says"),
            "not_for": answers.NOT_FOR,
        },
        **kept,
    )
    caller.audit(ACTION, "answered", people=people, run=number, detail=detail)
    return told


def _told(row: Mapping[str, Any], caller: Caller, numbers: Numbers) -> dict[str, Any]:
    person = row["person_id"]
    return {
        "id": numbers.of(row["seq"]),
        "kind": row["kind"],
        "run": row["run"],
        "person": None if person is None else caller.pseudonyms.of(person),
        "practice": row["practice"] or None,
        "scheme": row["scheme"] or None,
        **{name: row[name] for name in ("on", "at", "band", "band_before", "package")},
    }
