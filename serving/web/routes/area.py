"""What reaches nobody: counts of the area's practices for analysts, and who asked what for information governance."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from risk.members import AUDIT, FIGURES
from serving import answers
from serving.security.caller import Caller
from serving.web.page import router, show

routes = router()
#: Rows of the audit on its page, the newest.
SHOWN = 200


@routes.get("/figures")
def figures(request: Request) -> Response:
    """Denominators of the current run by practice. Counts alone."""
    caller = Caller(request)
    caller.needs(FIGURES, "page.figures")
    run = caller.run()
    store = caller.installation.store
    rows = [answers.denominators(row) for row in store.practices(run["number"])]
    answer = show(
        request,
        "figures.html",
        title="Figures",
        run=answers.provenance(run, caller.installation.settings),
        practices=rows,
    )
    caller.audit("page.figures", "answered", run=run["number"])
    return answer


@routes.get("/audit")
def audit(request: Request) -> Response:
    """The newest rows: who, in which role, what of which organisation, about how many people; nobody by number."""
    caller = Caller(request)
    caller.needs(AUDIT, "page.audit")
    store = caller.installation.store
    users = {row["user_id"]: row["name"] for row in store.directory()["app_user"]}
    rows = [_row(row, users) for row in store.newest_audit_rows(SHOWN)]
    answer = show(request, "audit.html", title="Audit", rows=rows)
    caller.audit("page.audit", "answered")
    return answer


def _row(row: dict[str, Any], users: dict[str, str]) -> dict[str, Any]:
    people = (
        row["people"].count(",") + 1 if row["people"] and row["people"] != "[]" else int(row["person_id"] is not None)
    )
    return {**{name: row[name] for name in ("seq", "at", "role", "organisation", "action", "outcome", "run")},
            "actor": users.get(row["actor"], row["actor"]), "people": people}  # fmt: skip
