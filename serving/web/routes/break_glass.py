"""Emergency access: one person opened by NHS number, for a reason; and the page on which information governance looks at each."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import Path, Request, Response

from features.coding import NHS_NUMBER
from features.errors import Refused, WrongUsage
from features.linkage.revealing import person_of
from risk import break_glass
from risk.break_glass import LASTS, LONGEST, OPEN, REVIEW, SHORTEST, VERDICTS
from serving.problems import Problem
from serving.routes import persons
from serving.security.caller import Caller
from serving.web.page import away, router, show

routes = router()
OPENED, REVIEWED, LISTED = "person.break_glass", "break_glass.review", "break_glass.list"
Number = Annotated[int, Path(ge=1, lt=2**31)]


@routes.get("/break-glass")
def ask(request: Request) -> Response:
    """The form. It shows nobody."""
    Caller(request).needs(OPEN, OPENED)
    return show(
        request,
        "break-glass.html",
        title="Emergency access",
        minutes=LASTS.seconds // 60,
        shortest=SHORTEST,
        longest=LONGEST,
    )


@routes.post("/break-glass")
def open_person(request: Request) -> Response:
    """Open somebody. Whoever is unknown, not scored, opted out, restricted or dead is not there, in the same words."""
    caller, said = Caller(request), request.state.form
    caller.needs(OPEN, OPENED)
    number, reason = said.get("number", "").replace(" ", ""), said.get("reason", "").strip()
    faults = [
        {"where": where, "why": why}
        for where, wrong, why in (
            ("NHS number", not NHS_NUMBER.well_formed(number), "ten digits, the last its check digit"),
            ("reason", not SHORTEST <= len(reason) <= LONGEST, f"a reason of {SHORTEST} to {LONGEST} letters"),
        )
        if wrong
    ]
    if faults:
        raise Problem("unfit-parameter", errors=faults)
    caller.reveals(OPENED)
    settings, store = caller.installation.settings, caller.installation.store
    found = person_of(settings.identity_folder, settings.identity_key_file, number)
    run = caller.run()
    row = None if found is None else store.person(run["number"], found)
    if row is None:
        caller.audit(OPENED, "refused", person_id=found, run=run["number"], reason=reason)
        raise Problem("not-found")
    where = f"/persons/{caller.pseudonyms.of(row['person_id'])}"
    if caller.access.may(persons.SCOPE, row["scheme"], row["practice"]):
        return away(where)  # their own: there is no glass to break
    seq = caller.audit(OPENED, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"], reason=reason, detail={"minutes": LASTS.seconds // 60})  # fmt: skip
    opened = break_glass.open_(store, caller.access, row, seq)
    structlog.get_logger().warning(
        "somebody was opened outside a relationship", opening=opened.number, user=caller.access.client_id
    )
    return away(where)


@routes.get("/break-glass/review")
def waiting(request: Request) -> Response:
    """Openings that nobody has signed off, and those that somebody has."""
    caller = Caller(request)
    caller.needs(REVIEW, LISTED)
    store = caller.installation.store
    held, done = break_glass.told(store), break_glass.told(store, reviewed=True)
    answer = show(
        request,
        "break-glass-review.html",
        title="Emergency access to review",
        waiting=held,
        done=done[-50:][::-1],
        verdicts=VERDICTS,
    )
    caller.audit(LISTED, "answered", detail={"waiting": len(held)})
    return answer


@routes.post("/break-glass/{number}/review")
def sign_off(request: Request, number: Number) -> Response:
    """Sign one off. Nobody signs off their own."""
    caller, verdict = Caller(request), request.state.form.get("verdict", "")
    caller.needs(REVIEW, REVIEWED)
    try:
        done = break_glass.review(caller.installation.store, number, verdict, caller.access.client_id)
    except (Refused, WrongUsage) as error:
        caller.audit(REVIEWED, "refused", detail={"opening": number})
        raise Problem("conflict", str(error)) from error
    caller.audit(REVIEWED, "done", detail={"opening": number, "verdict": done["verdict"]})
    return away("/break-glass/review")
