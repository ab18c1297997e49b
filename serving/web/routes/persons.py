"""One person: risk, why, and what stands."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, get_args

import orjson
from fastapi import Path, Request, Response

from features.linkage.revealing import nhs_numbers
from risk import waterfall
from risk.members import IDENTIFY, LETTERS, told
from serving import answers
from serving.routes import decisions, persons
from serving.security.caller import Caller
from serving.security.identity import IDENTIFIED, fit_reason
from serving.shapes.meeting_bodies import AnswerBody, CorrectionBody
from serving.web import deciding, disputing, history, showing
from serving.web.page import router, show

routes = router()
Person = Annotated[str, Path()]


@routes.get("/persons/{person}")
def one(request: Request, person: Person, saved: bool = False) -> Response:
    """The API's own answers, and so its own rows in the audit."""
    return page_of(request, person, f"/persons/{person}?saved=true", saved=saved)


def page_of(request: Request, person: str, back: str, *, saved: bool = False, status: int = 200) -> Response:
    """The person's page; its form of a decision goes back to ``back``."""
    answered = about(request, person)
    return show(
        request,
        "person.html",
        status,
        title="Person",
        run=answered["told"],
        one=answered,
        form=deciding.form(request, answered, back) if answered["may_decide"] else None,
        disputable=disputing.choices(answered),
        told_by=get_args(CorrectionBody.model_fields["told_by"].annotation),
        answers=get_args(AnswerBody.model_fields["answer"].annotation),
        place=_place(answered),
        saved=saved,
    )


@routes.post("/persons/{person}/identity")
def identify(request: Request, person: Person) -> Response:
    """The person's NHS number, to their own practice, for a reason that stands in the audit before it is shown."""
    caller = Caller(request)
    run, row = caller.person(person, IDENTIFY, IDENTIFIED)
    reason = fit_reason(caller, request.state.form.get("reason", ""))
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
        "corrections": _open_corrections(written["entries"]),
        "opening": getattr(request.state, "opening", None),
        "may_identify": access.may(IDENTIFY, risk["scheme"], risk["practice"]),
        "may_write_to": access.may(LETTERS, risk["scheme"], risk["practice"]),
        "may_decide": access.may("decisions:write", risk["scheme"], risk["practice"]),
    }


def _place(one: dict[str, Any]) -> dict[str, str]:
    """Whether a clinician may put the person on the list or take them off, as things stand (:func:`risk.decisions.rules.conflict`)."""
    what = (one["decided"] or {}).get("what")
    on = what == "added" or (one["listed"] and what != "removed")
    return {"path": "remove", "says": "Take the person off the list"} if on else {"path": "add", "says": "Put the person on the list"}  # fmt: skip


def _open_corrections(written: list[dict[str, Any]]) -> list[dict[str, Any]]:
    answered = {entry["of"] for entry in written if entry["kind"] == "correction_answer"}
    return [entry for entry in written if entry["kind"] == "correction" and entry["seq"] not in answered]


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
