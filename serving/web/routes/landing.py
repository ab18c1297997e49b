"""The first page: what is new, changed and overdue this week."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from risk.clients import Access
from risk.decisions.folding import DUE
from risk.decisions.meeting import meeting
from serving import answers
from serving.meeting_answers import at_meeting
from serving.security.caller import Caller
from serving.web.page import practices, router, show
from serving.web.showing import people as shown

routes = router()
ACTION = "page.landing"
#: People named on the first page.
FIRST = 5


@routes.get("")
def landing(request: Request) -> Response:
    """Of each practice that somebody reaches. Whoever reaches none sees where else they may go."""
    caller = Caller(request)
    access: Access = caller.access
    run = caller.installation.store.current_run()
    if run is None or not practices(access):
        caller.audit(ACTION, "answered")
        provenance = answers.provenance(run, caller.installation.settings) if run else None
        return show(request, "landing.html", title="This week", run=provenance, places=[])
    places, told = [], []
    for scheme, code in practices(access):
        place = _place(caller, run, scheme, code)
        if place is not None:
            places.append(place[0])
            told += place[1]
    answer = show(
        request,
        "landing.html",
        title="This week",
        run=answers.provenance(run, caller.installation.settings),
        places=places,
    )
    caller.audit(ACTION, "answered", people=told, run=run["number"])
    return answer


def _place(caller: Caller, run: dict[str, Any], scheme: str, code: str) -> tuple[dict[str, Any], list[int]] | None:
    """A practice's counts and the first of its people to look at; None where the run has no such practice."""
    store = caller.installation.store
    held = [row for row in store.practices(run["number"], code) if row["scheme"] == scheme]
    if not held:
        return None
    seen = meeting(store, run, code, scheme, caller.installation.today)
    first = [one for view in DUE for one in seen.listed if one.placed.view == view][:FIRST]
    names = {row["scheme"]: row["name"] for row in store.organisations(code)}
    place = {
        **answers.denominators(held[0]),
        "name": names.get(scheme, code),
        "counts": seen.counts,
        "due": sum(seen.counts[view] for view in DUE),
        "first": shown([at_meeting(one, caller.pseudonyms) for one in first], caller.access),
    }
    return place, [one.row["person_id"] for one in first]
