"""Every run: when it was published, by which model, on data of which day, and whether it was taken back. Nobody of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from risk.members import AUDIT, FIGURES
from serving.routes.runs import SCOPE
from serving.security.caller import Caller
from serving.web.page import router, show

routes = router()
#: Runs on a page: half a year of weeks.
ON_A_PAGE = 26
#: What readers were ever given, and beside it what failed or is under way, for whoever keeps watch; shadow runs are analysts' alone.
GIVEN = ("published", "withdrawn")
WATCHED = (*GIVEN, "failed", "staging")
EVERY = (*WATCHED, "shadow")


@routes.get("/runs")
def runs(request: Request, before: Annotated[int | None, Query(ge=1, lt=2**31)] = None) -> Response:
    """The newest runs, or those before number ``before``."""
    caller = Caller(request)
    caller.needs(SCOPE, "page.runs")
    held = caller.access.scopes
    status = EVERY if FIGURES in held else WATCHED if AUDIT in held else GIVEN
    rows = caller.installation.store.run_history(status, before=before, limit=ON_A_PAGE + 1)
    older = rows[ON_A_PAGE - 1]["number"] if len(rows) > ON_A_PAGE else None
    answer = show(request, "runs.html", title="Runs", rows=rows[:ON_A_PAGE], older=older, before=before)
    caller.audit("page.runs", "answered")
    return answer
