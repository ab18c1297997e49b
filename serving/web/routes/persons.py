"""One person: risk, why, what stands, and what is written of them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Path, Request, Response

from features.linkage.revealing import nhs_numbers
from risk import waterfall
from risk.members import IDENTIFY, LETTERS, told
from serving import answers
from serving.problems import Problem
from serving.routes import decisions, persons
from serving.security.caller import Caller
from serving.shapes.meeting_bodies import ActionBody, OutcomeBody
from serving.web import deciding, history, showing
from serving.web.page import away, router, show

routes = router()
Person = Annotated[str, Path()]
#: Of the audit's rows of whom somebody was told by NHS number; and letters of a reason for it.
IDENTIFIED, SHORTEST, LONGEST = "person.identify", 8, 300
Number = Annotated[int, Path(ge=1, lt=2**31)]


@routes.get("/persons/{person}")
def one(request: Request, person: Person, saved: bool = False) -> Response:
    """The API's own answers, and so its own rows in the audit."""
    answered = about(request, person)
    told_of = answered["told"]
    return show(
        request,
        "person.html",
        title="Person",
        run=told_of,
        one=answered,
        form=deciding.form(request, answered, f"/persons/{person}?saved=true") if answered["may_decide"] else None,
        saved=saved,
    )


@routes.post("/persons/{person}/decide")
def decide(request: Request, person: Person) -> Response:
    said = request.state.form
    back, pre = deciding.back(said), deciding.precondition(said)
    decisions.decide(request, person, deciding.decision(said), pre)
    return away(back or f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/act")
def act(request: Request, person: Person) -> Response:
    said = request.state.form
    back, pre = deciding.back(said), deciding.precondition(said)
    decisions.act(request, person, deciding.body(ActionBody, said), pre)
    return away(back or f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/actions/{number}/outcome")
def end(request: Request, person: Person, number: Number) -> Response:
    said = request.state.form
    back, pre = deciding.back(said), deciding.precondition(said)
    decisions.end(request, person, number, deciding.body(OutcomeBody, said), pre)
    return away(back or f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/identity")
def identify(request: Request, person: Person) -> Response:
    """The person's NHS number, to their own practice, for a reason that stands in the audit before it is shown."""
    caller, reason = Caller(request), request.state.form.get("reason", "").strip()
    run, row = caller.person(person, IDENTIFY, IDENTIFIED)
    caller.reveals(IDENTIFIED)
    if not SHORTEST <= len(reason) <= LONGEST:
        raise Problem(
            "unfit-parameter", errors=[{"where": "reason", "why": f"a reason of {SHORTEST} to {LONGEST} letters"}]
        )
    settings = caller.installation.settings
    numbers = nhs_numbers(settings.identity_folder, settings.identity_key_file, row["person_id"])
    answer = show(
        request,
        "identity.html",
        title="Who this is",
        run=answers.provenance(run, settings),
        person=person,
        numbers=numbers,
    )
    caller.audit(
        IDENTIFIED,
        "answered",
        organisation=row["practice"],
        person_id=row["person_id"],
        run=run["number"],
        reason=reason,
    )
    return answer


def about(request: Request, person: str) -> dict[str, Any]:
    """What a page shows of somebody: the API's answers, and the pictures drawn of them."""
    risk = orjson.loads(persons.risk(request, person).body)
    written = orjson.loads(decisions.history(request, person).body)
    access = request.state.access
    shown = showing.person(
        {**risk, **{name: written[name] for name in ("version", "decision", "actions", "disputed")}},
        access,
    )
    past = _past(request, person)
    main = {"title": risk["outcome"]["title"], "days": risk["outcome"]["horizon_days"], "probability": risk["probability"],
            "interval": risk["interval"], "band": risk["band"], "points": past.get("", [])}  # fmt: skip
    others = [
        {"title": other["title"], "days": other["horizon_days"], "probability": other["probability"], "interval": other["interval"],
         "band": other["band"], "points": past.get(other["name"], []), "reasons": told(other["reasons"], access) if other["reasons"] else None}
        for other in risk["outcomes"]
    ]  # fmt: skip
    risks = [main, *others]
    for number, each in enumerate(risks):
        each["picture"] = history.svg(each["title"], each["points"], number) if len(each["points"]) > 1 else ""
        each["words"] = history.in_words(each["points"]) if each["points"] else ""
    return {
        **shown,
        "told": risk,
        "risks": risks,
        "waterfall": waterfall.svg(shown["reasons"]),
        "waterfall_words": waterfall.in_words(shown["reasons"]),
        "entries": written["entries"],
        "opening": getattr(request.state, "opening", None),
        "may_identify": access.may(IDENTIFY, risk["scheme"], risk["practice"]),
        "may_write_to": access.may(LETTERS, risk["scheme"], risk["practice"]),
        "may_decide": access.may("decisions:write", risk["scheme"], risk["practice"]),
    }


def _past(request: Request, person: str) -> dict[str, list[history.Point]]:
    """By outcome (empty: the one that the lists rank by) the person's risk in published runs, by their days, as far as they were in practices of
    the reader's then."""
    caller = Caller(request)
    store, person_id = caller.installation.store, caller.pseudonyms.person(person)
    found: dict[str, dict[date, history.Point]] = {}
    for run in reversed(store.runs("published")[: history.DRAWN]):
        row = None if person_id is None else store.person(run["number"], person_id)
        if row is None or not caller.access.may(persons.SCOPE, row["scheme"], row["practice"]):
            continue
        on = run["index_date"]
        found.setdefault("", {})[on] = _point(on, row)  # of two runs of one day the later counts
        for other in row["outcomes"]:
            found.setdefault(other["outcome"], {})[on] = _point(on, other)
    return {outcome: [held[on] for on in sorted(held)] for outcome, held in found.items()}


def _point(on: date, row: dict[str, Any]) -> history.Point:
    return history.Point(on, row["probability"], row["low"], row["high"])
