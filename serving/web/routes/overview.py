"""What practices' meetings have left undone, in counts; for analysts, how the live run's model was judged and what its feeds had delivered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from risk.decisions.meeting import meeting
from risk.decisions.metrics import metrics
from risk.list_size import report_of
from risk.members import FIGURES
from serving import answers
from serving.routes.meeting import COUNTS, SCOPE
from serving.security.caller import Caller
from serving.web.page import practices, router, show

routes = router()
#: Practices of a page: each is a whole list read.
ON_A_PAGE = 20
JUDGED, FED = "page.validation", "page.feeds"


@routes.get("/overview")
def overview(request: Request, page: Annotated[int, Query(ge=1, le=1000)] = 1) -> Response:
    """Counts alone, of the practices that somebody reaches; of every practice for whoever reads the area's figures."""
    caller = Caller(request)
    installation = caller.installation
    of_area = FIGURES in caller.access.scopes
    if not of_area:
        caller.needs(SCOPE, COUNTS)
    run = caller.run()
    mine = set(practices(caller.access, SCOPE))
    rows = [
        row
        for row in installation.store.practices(run["number"])
        if of_area or (row["scheme"], row["practice"]) in mine
    ]
    rows.sort(key=lambda row: (row["practice"], row["scheme"]))
    told = []
    for row in rows[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]:
        held = meeting(installation.store, run, row["practice"], row["scheme"], installation.today)
        told.append({**answers.denominators(row), **metrics(held, installation.today)})
    answer = show(request, "overview.html", title="Overview", run=answers.provenance(run, installation.settings), rows=told, page=page,
                  pages=-(-len(rows) // ON_A_PAGE), reaches=mine and not of_area)  # fmt: skip
    for row in told:
        caller.audit(COUNTS, "answered", organisation=row["practice"], run=run["number"])
    return answer


@routes.get("/validation")
def validation(request: Request) -> Response:
    """Of the current run's model: the report that was released with it, every figure with its interval, and on which data."""
    caller = Caller(request)
    caller.needs(FIGURES, JUDGED)
    run = caller.run()
    report = report_of(caller.installation.settings, run)
    answer = show(request, "validation.html", title="Validation", run=answers.provenance(run, caller.installation.settings),
                  report=report, models=_models(report or {}), top=((report or {}).get("performance", {}).get("ours", {}).get("top", ())),
                  test=(report or {}).get("test", {}), limits=(report or {}).get("limits", ()))  # fmt: skip
    caller.audit(JUDGED, "answered", run=run["number"])
    return answer


@routes.get("/feeds")
def feeds(request: Request) -> Response:
    """What each table's feeds had delivered when the current run was made, the oldest first."""
    caller = Caller(request)
    caller.needs(FIGURES, FED)
    run = caller.run()
    held = [{"table": table, **about} for table, about in (run["feeds"] or {}).items()]
    answer = show(request, "feeds-held.html", title="Feeds", run=answers.provenance(run, caller.installation.settings),
                  rows=sorted(held, key=lambda row: (str(row.get("up_to") or ""), row["table"])))  # fmt: skip
    caller.audit(FED, "answered", run=run["number"])
    return answer


def _models(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Ours and what it is held against, each with its figures; a figure that a report does not have is None."""
    names = ("auroc", "auprc", "brier", "slope", "intercept")
    return [
        {"name": name, "says": each.get("says", name), "figures": [each.get(figure) for figure in names]}
        for name, each in report.get("performance", {}).items()
    ]
