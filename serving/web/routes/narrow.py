"""Pages of roles that read no list: the actions given to somebody's own team, and the look-up of one person."""

from __future__ import annotations

from typing import get_args

import orjson
from fastapi import Request, Response
from pydantic import ValidationError

from risk import given
from risk.decisions.catalogue import catalogue
from risk.members import ACTIONS, LOOKUP
from serving import answers
from serving.problems import Problem
from serving.routes import lookup
from serving.security.caller import Caller
from serving.shapes.lookup import LookupBody
from serving.web.page import practices, router, show
from serving.web.showing import dated

routes = router()
READ = "actions.given"
PURPOSES = get_args(LookupBody.model_fields["purpose"].annotation)


@routes.get("/actions")
def actions(request: Request) -> Response:
    """What is to be done, for whom by pseudonym, and by when. No reason, no word of a meeting, no risk and no list."""
    caller = Caller(request)
    caller.needs(ACTIONS, READ)
    held, access, session = caller.installation, caller.access, request.state.session
    run = caller.run()
    to = given.names(held.store, session.user_id, session.scheme, session.organisation, held.today)
    found = given.given(held.store, run, practices(access, ACTIONS), to, catalogue(held.settings.actions))
    rows = [
        {"person": caller.pseudonyms.of(one.person_id), "what": one.what, "due": one.due, "practice": one.practice}
        for one in found
    ]
    answer = show(request, "given.html", title="Actions given to you", rows=rows)
    caller.audit(READ, "answered", people=sorted({one.person_id for one in found}), run=run["number"])
    return answer


@routes.get("/look-up")
def ask(request: Request) -> Response:
    """The form. It shows nobody."""
    Caller(request).needs(LOOKUP, lookup.ACTION)
    return show(request, "look-up.html", title="Look somebody up", purposes=PURPOSES, found=None)


@routes.post("/look-up")
def look_up(request: Request) -> Response:
    """The API's own answer, and so its own row in the audit. The number is on no page afterwards."""
    said = request.state.form
    try:
        body = LookupBody(nhs_number=said.get("number", ""), purpose=said.get("purpose", ""))
    except ValidationError as error:
        raise Problem("unfit-parameter", errors=[{"where": "NHS number", "why": "ten digits, the last its check digit, and what it is for"}]) from error  # fmt: skip
    told = orjson.loads(lookup.lookup(request, body).body)
    run = {
        name: told[name] for name in answers.provenance(Caller(request).run(), request.app.state.installation.settings)
    }
    found = {**told, "plan": dated(told["plan"], request.state.access.dates)}
    return show(request, "look-up.html", title="Look somebody up", run=run, purposes=PURPOSES, found=found)
