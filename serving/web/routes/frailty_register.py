"""A practice's frailty register, and one person's place on it: proposed by what is recorded, and counted by a clinician's word alone. No score has part in it."""

from __future__ import annotations

import secrets
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request, Response

from risk.frailty_register import answering, missing
from risk.frailty_register.categories import AGE_BANDS, ASSESSED, CATEGORIES
from risk.frailty_register.reading import SAYS, told
from risk.frailty_register.register import register
from risk.frailty_register.standing import STATES
from serving.listing import CODE
from serving.problems import KINDS, Problem
from serving.routes import frailty_register as api
from serving.security.caller import Caller
from serving.shapes.frailty import AnswerBody
from serving.web import deciding
from serving.web.page import away, router, show

routes = router()
#: People of a page: what keeps it small.
ON_A_PAGE = 50
VIEW, OF_PERSON = "page.register", "page.register_person"
Code = Annotated[str, Path(pattern=CODE)]
Person = Annotated[str, Path()]
#: What the states are called.
SHOWN = {"all": "Everybody", "waiting": "To answer", "look_again": "Look again", "confirmed": "Confirmed", "rejected": "Rejected"}  # fmt: skip
assert set(SHOWN) == {"all", *STATES}
ANSWERS = (("confirm", "Confirm what is proposed"), ("change", "Another category"), ("reject", "Reject: the record is not right, or says nothing of it"))  # fmt: skip


@routes.get("/practices/{code}/frailty-register")
def practice_register(
    request: Request,
    code: Code,
    state: Literal["all", "waiting", "look_again", "confirmed", "rejected"] = "all",
    page: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    """Of people of 65 and over, by the current run; by state, fifty a page."""
    caller = Caller(request)
    run, practice = caller.held(code, api.READ, VIEW)
    whole = register(caller.installation.store, run, code, practice["scheme"])
    asked = whole.among(STATES if state == "all" else (state,))
    people = asked[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
    first = state == "all" and page == 1
    since = _since(caller, run, practice) if first else None
    answer = show(
        request,
        "frailty-register.html",
        title="Frailty register",
        of=api.of_run(caller, run, practice),
        code=code,
        counts=whole.counts,
        missing=missing.told(practice)["says"],
        people=[{"person": caller.pseudonyms.of(one.row["person_id"]), **told(one)} for one in people],
        states=[(name, says, len(whole.among(STATES if name == "all" else (name,)))) for name, says in SHOWN.items()],
        state=state,
        page=page,
        pages=-(-len(asked) // ON_A_PAGE),
        says=SAYS,
        first=first,
        since=since and since.told,
    )
    seen = sorted({*(one.row["person_id"] for one in people), *(since.people if since else ())})
    caller.audit(VIEW, "answered", organisation=code, people=seen, run=run["number"],
                 detail={"state": state, "page": page})  # fmt: skip
    return answer


def _since(caller: Caller, run: dict[str, Any], practice: dict[str, Any]) -> api.Changed | None:
    """What changed since the run before; None where the files of the run are not there: the register stands without them."""
    try:
        return api.changed(caller, run, practice, to_the_practice=True)
    except Problem:
        return None


@routes.get("/persons/{person}/frailty")
def of_person(request: Request, person: Person, saved: bool = False) -> Response:
    """What is proposed of somebody and on what it rests, what clinicians answered, and the form by which one answers."""
    return _of_person(request, person, saved=saved)


@routes.post("/persons/{person}/frailty")
def answered(request: Request, person: Person) -> Response:
    """A clinician's answer. A form that does not fit is shown again as it was filled in; nothing is written then."""
    said = request.state.form
    pre = deciding.precondition(said)
    try:
        api.confirm(request, person, deciding.body(AnswerBody, said), pre)
    except Problem as problem:
        if not deciding.again(request, said, problem, "answer"):
            raise
        return _of_person(request, person, status=KINDS[problem.kind].status)
    return away(f"/persons/{person}/frailty?saved=true")


def _of_person(request: Request, person: str, status: int = 200, saved: bool = False) -> Response:
    caller = Caller(request)
    run, row = caller.person(person, api.READ, OF_PERSON)
    installation = caller.installation
    one, history = answering.place(installation.store, run["number"], row)
    user = installation.store.user(installation.today, user_id=caller.access.client_id) or {"name": ""}
    form = {
        "key": secrets.token_urlsafe(24),
        "today": str(installation.today),
        "answers": [(code, says) for code, says in ANSWERS if one.proposed or code == "change"],
        "categories": CATEGORIES,
        "how": ASSESSED,
        "why_rejected": deciding.choices(AnswerBody, "why_rejected"),
        "said": {"on": str(installation.today), "assessor": user["name"], "category": one.proposed, **getattr(request.state, "again", {})},
        "faults": getattr(request.state, "faults", {}),
    }  # fmt: skip
    answer = show(request, "frailty-person.html", status, title="Frailty register", of=api.of_run(caller, run, row), person=person, one=told(one),
                  answers=[api.said(entry) for entry in reversed(history)], saved=saved, form=form,
                  may_answer=row["age_band"] in AGE_BANDS and caller.access.may(api.WRITE, row["scheme"], row["practice"]))  # fmt: skip
    caller.audit(OF_PERSON, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer
