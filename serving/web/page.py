"""What every page has in common: who is there, a form token that every form must bring, and problems told as pages.

No form can be forgotten: whatever is posted behind the people's door is checked here, before the page's own code.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from features.errors import FrailtyError
from risk import break_glass
from risk.audit import Event
from risk.clients import Access
from risk.members import ACTIONS, AUDIT, DUTIES, FIGURES, LOOKUP, REGISTER
from risk.sessions import Session
from risk.store.directory import EVERY
from serving.installation import Installation
from serving.logs import where
from serving.problems import Problem
from serving.security.doors import PAGES
from serving.web import refusals
from serving.web.rendering import HEADERS, html

#: Pages of whoever reads the area's figures.
_OF_FIGURES = (("Figures", "figures"), ("Validation", "validation"), ("Feeds", "feeds"))
RUNS = "runs:read"
#: Fields of the largest form.
FIELDS = 64


class Page(APIRoute):
    """A route whose answers are pages, also where something is wrong."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def page(request: Request) -> Response:
            try:
                if request.method == "POST":
                    await _form(request)
                return await answer(request)
            except Problem as problem:
                return refusals.of(problem)
            except RequestValidationError:
                return refusals.of(Problem("not-found"))
            except FrailtyError as error:
                structlog.get_logger().error("page failed", request_id=request.state.request_id, **where(error))
                return refusals.unavailable()

        return page


def router() -> APIRouter:
    """A router of pages; none is in the OpenAPI document, which is for systems."""
    return APIRouter(prefix=PAGES, route_class=Page, include_in_schema=False)


async def _form(request: Request) -> None:
    """The form into ``request.state.form``; :class:`Problem` where it does not carry the session's token, and a row in the audit."""
    fields = {
        name: value
        for name, value in (await request.form(max_files=0, max_fields=FIELDS)).items()
        if isinstance(value, str)
    }
    session: Session = request.state.session
    installation: Installation = request.app.state.installation
    if not installation.sessions.of_form(session, fields.pop("token", "")):
        refused = Event("user", session.user_id, "form.refused", "refused", request_id=request.state.request_id)
        await run_in_threadpool(installation.audit.record, refused)
        raise Problem("form-refused")
    request.state.form = fields


def show(request: Request, template: str, status: int = 200, **context: Any) -> Response:
    """A page for whoever is logged in."""
    return html(template, status, who=who(request), **context)


def away(path: str) -> Response:
    """To another page, after something was written: loading it again writes nothing again."""
    return RedirectResponse(f"{PAGES}{path}", 303, headers=HEADERS)


def practices(access: Access, scope: str = "lists:read") -> list[tuple[str, str]]:
    """(scheme, code) of the practices that somebody reaches."""
    return sorted({(scheme, code) for scheme, code, scopes in access.grants if scope in scopes and code != EVERY})


def who(request: Request) -> dict[str, Any]:
    """The person who is logged in, and where they may go."""
    installation: Installation = request.app.state.installation
    session, access = request.state.session, request.state.access
    user = installation.store.user(installation.today, user_id=session.user_id) or {"name": session.user_id}
    places = {row["scheme"]: row["name"] for row in installation.store.organisations(session.organisation)}
    roles = [DUTIES[role].title for role in (access.role or "").split(",") if role in DUTIES]
    return {
        "name": user["name"],
        "role": " and ".join(roles),
        "organisation": places.get(session.scheme, session.organisation),
        "token": installation.sessions.form_token(session),
        "nav": _nav(request.url.path, access),
    }


def _nav(path: str, access: Access) -> list[dict[str, Any]]:
    held = practices(access)
    items = [("This week", PAGES)]
    if len(held) == 1:
        here = f"{PAGES}/practices/{held[0][1]}"
        items += [
            ("List", f"{here}/list"),
            ("Meeting", f"{here}/meeting"),
            ("Changes", f"{here}/changes"),
            ("Minutes", f"{here}/minutes"),
        ]
        items += [("Frailty register", f"{here}/frailty-register")] if REGISTER in access.scopes else []
    items += [("Overview", f"{PAGES}/overview")] if held or FIGURES in access.scopes else []
    items += [(says, f"{PAGES}/{path}") for says, path in _OF_FIGURES] if FIGURES in access.scopes else []
    items += [("Runs", f"{PAGES}/runs")] if RUNS in access.scopes else []
    items += [("Audit", f"{PAGES}/audit")] if AUDIT in access.scopes else []
    items += [("Actions given to you", f"{PAGES}/actions")] if ACTIONS in access.scopes else []
    items += [("Look somebody up", f"{PAGES}/look-up")] if LOOKUP in access.scopes else []
    items += [("Emergency access", f"{PAGES}/break-glass")] if break_glass.OPEN in access.scopes else []
    items += (
        [("Emergency access to review", f"{PAGES}/break-glass/review")] if break_glass.REVIEW in access.scopes else []
    )
    return [{"text": text, "href": href, "current": path == href} for text, href in items]
