"""Lists over the practices of a team, a network or a place."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from risk.reach import Practice, reached
from risk.scopes import TEAM, scopes
from serving import listing
from serving.documented import READING, documents
from serving.listing import CODE, UNCHANGED, Asked, Listing, Page
from serving.problems import Problem
from serving.routes.lists_beside import SCOPE, wider
from serving.security.caller import Caller
from serving.shapes.lists_beside import WiderList

router = APIRouter(prefix="/v1", tags=["lists"])
ACTION = "list.wider"
SHAPE = listing.held_by(WiderList)
RESPONSES: dict[int | str, dict[str, Any]] = {**documents(WiderList, *READING), 304: UNCHANGED}
Organisation = Annotated[str, Path(pattern=CODE, description="the organisation's code", examples=["U12345"])]


@router.get(
    "/teams/{team}/list", summary="A team's priority list, over the practices that it covers", responses=RESPONSES
)
def team_list(
    request: Request,
    team: Annotated[str, Path(pattern=CODE, description="the team's id in the directory", examples=["north"])],
    asked: Page,
) -> Response:
    """As many as the team can take on. To a client granted the team, or every practice that it covers."""
    return _answer(request, TEAM, team, asked)


@router.get("/networks/{code}/list", summary="A network's priority list, over its practices", responses=RESPONSES)
def network_list(request: Request, code: Organisation, asked: Page) -> Response:
    """To a client that reads every practice of it."""
    return _answer(request, "network", code, asked)


@router.get("/places/{code}/list", summary="A place's priority list, over its practices", responses=RESPONSES)
def place_list(request: Request, code: Organisation, asked: Page) -> Response:
    """To a client that reads every practice of it."""
    return _answer(request, "place", code, asked)


def _answer(request: Request, kind: str, code: str, asked: Asked) -> Response:
    caller, more = Caller(request), {"kind": kind}
    run, one, practices = reached_list(caller, kind, code, asked.run, ACTION, {**asked.detail, **more})
    named = Listing(ACTION, code, run, SHAPE, (kind, one["list"], practices), more)
    return listing.answer(caller, asked, named, lambda: wider(caller, run, one, practices, asked))


def reached_list(
    caller: Caller, kind: str, code: str, number: int | None, action: str, detail: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any], tuple[Practice, ...]]:
    """The run, a list of it over several practices, and those of them whose people the caller is shown; :class:`Problem`, and a row in the audit, where there
    is none or it is not the caller's."""
    caller.needs(SCOPE, action)
    run = caller.run(number)
    held = caller.installation.store.wider_lists(run["number"], kind, code)
    of = {row["list"]: found for row in held if (found := _reached(caller, row)) is not None}
    if not of:
        caller.audit(action, "refused", organisation=code if held else None, run=run["number"], detail=detail)
        raise Problem("not-found")
    one = next(row for row in held if row["list"] in of)
    return run, one, of[one["list"]]


def _reached(caller: Caller, held: dict[str, Any]) -> tuple[Practice, ...] | None:
    """The practices of a list whose people the caller is shown. What belongs to it today is asked only where not all of it is the caller's."""
    drawn = [(scheme, code) for scheme, code in held["practices"]]

    def may(one: Practice) -> bool:
        return caller.access.may(SCOPE, *one)

    if all(map(may, drawn)):
        return tuple(sorted(drawn))
    installation = caller.installation
    today = scopes(installation.store.directory(), installation.today, (held["kind"],))
    now = [
        one.practices
        for one in today
        if (one.kind, one.scheme, one.code) == (held["kind"], held["scheme"], held["code"])
    ]
    return reached(drawn, now[0] if now else None, may)
