"""What is written of one person, from the forms of the pages: decisions, actions, a place on the list, and what is not right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Request, Response

from serving.problems import KINDS, Problem
from serving.routes import decisions
from serving.shapes.meeting_bodies import ActionBody, AnswerBody, OutcomeBody, PlaceBody
from serving.web import deciding, disputing
from serving.web.page import away, router
from serving.web.routes.persons import page_of

routes = router()
Person = Annotated[str, Path()]
Number = Annotated[int, Path(ge=1, lt=2**31)]


@routes.post("/persons/{person}/decide")
def decide(request: Request, person: Person) -> Response:
    """A form that does not fit is shown again as it was filled in, with what is wrong beside each field; nothing is written then."""
    said = request.state.form
    back, pre = deciding.back(said), deciding.precondition(said)
    try:
        decisions.decide(request, person, deciding.decision(said), pre)
    except Problem as problem:
        if not deciding.again(request, said, problem):
            raise
        return page_of(request, person, back, status=KINDS[problem.kind].status)
    return away(back or f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/add")
def add(request: Request, person: Person) -> Response:
    """On the list by clinical judgement."""
    return _placed(request, person, decisions.add)


@routes.post("/persons/{person}/remove")
def remove(request: Request, person: Person) -> Response:
    """Off the list by clinical judgement."""
    return _placed(request, person, decisions.remove)


def _placed(request: Request, person: str, write: Callable[..., Response]) -> Response:
    pre = deciding.precondition(request.state.form)
    write(request, person, deciding.body(PlaceBody, request.state.form), pre)
    return away(f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/dispute")
def dispute(request: Request, person: Person) -> Response:
    """ "This is not right about me": it goes to whoever answers for the source."""
    pre = deciding.precondition(request.state.form)
    decisions.dispute(request, person, disputing.correction(request.state.form), pre)
    return away(f"/persons/{person}?saved=true")


@routes.post("/persons/{person}/corrections/{number}/answer")
def answer_dispute(request: Request, person: Person, number: Number) -> Response:
    """What whoever answers for the source found."""
    pre = deciding.precondition(request.state.form)
    decisions.answer_dispute(request, person, number, deciding.body(AnswerBody, request.state.form), pre)
    return away(f"/persons/{person}?saved=true")


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
