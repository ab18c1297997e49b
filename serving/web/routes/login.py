"""Log-in and log-out."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from risk import members
from serving.installation import Installation
from serving.problems import Problem
from serving.security import returning
from serving.security.demo_issuer import DemoIssuer
from serving.security.doors import COOKIE, PAGES, secure
from serving.security.issuers import Unreachable
from serving.security.login import ATTEMPT, LogIn, NotLoggedIn
from serving.web.page import away, router
from serving.web.rendering import HEADERS, html
from serving.web.signing_in import address, issuers, opened, record

routes = router()
ATTEMPTED = "frailty_login"
BACK = f"{PAGES}/login/callback"


@routes.get("/login")
def choose(request: Request) -> Response:
    """Where to log in."""
    return html("login.html", issuers=[issuer.name for issuer, _ in issuers(request).held])


@routes.get("/login/start")
def start(request: Request, issuer: int = 0) -> Response:
    """On to the issuer, with an attempt that only this browser can finish."""
    address, sealed = _log_in(request, issuer).begin()
    answer = RedirectResponse(address, 303, headers=HEADERS)
    answer.set_cookie(
        ATTEMPTED,
        f"{issuer}.{sealed}",
        ATTEMPT,
        path=f"{PAGES}/login",
        secure=_secure(request),
        httponly=True,
        samesite="lax",
    )
    return answer


@routes.get("/login/callback")
def callback(request: Request) -> Response:
    """Back from the issuer: a session, where the directory has a role for them there."""
    number, _, sealed = request.cookies.get(ATTEMPTED, "").partition(".")
    try:
        somebody = _log_in(request, int(number) if number.isdecimal() and len(number) < 3 else -1).finish(
            sealed, request.query_params
        )
        secret, _ = opened(request, somebody)
    except (NotLoggedIn, Unreachable) as error:
        why = error.why if isinstance(error, NotLoggedIn) else "the issuer does not answer"
        record(request, "unknown", "refused", {"why": why})
        return html("not-logged-in.html", 403, issuers=[])
    answer = away(returning.remembered(request.cookies))
    answer.delete_cookie(ATTEMPTED, path=f"{PAGES}/login")
    answer.delete_cookie(returning.COOKIE, path=returning.AT)
    answer.set_cookie(COOKIE, secret, path=PAGES, secure=_secure(request), httponly=True, samesite="lax")
    return answer


@routes.post("/logout")
def logout(request: Request) -> Response:
    """The session is over, here and for whoever else holds its cookie."""
    installation: Installation = request.app.state.installation
    installation.sessions.end(request.state.session)
    record(request, request.state.session.user_id, "done", {}, "session.end")
    answer = RedirectResponse(f"{PAGES}/login", 303, headers=HEADERS)
    answer.delete_cookie(COOKIE, path=PAGES)
    return answer


@routes.get("/demo-issuer/authorize")
def demonstration(request: Request) -> Response:
    """Choose whom to be. Only in a demonstration, and only over data of nobody."""
    _demo(request)
    installation: Installation = request.app.state.installation
    people = installation.store.selectable(installation.today)
    shown = [{**one, "title": members.DUTIES[one["role"]].title} for one in people if one["role"] in members.DUTIES]
    return html("demo-issuer.html", people=shown, asked=str(request.url.query))


@routes.get("/demo-issuer/grant")
def granted(request: Request, subject: str, scheme: str, organisation: str) -> Response:
    demo, asked = _demo(request), dict(request.query_params)
    if asked.get("redirect_uri") != f"{address(request)}{BACK}":
        raise Problem("not-found")
    code = demo.grant(asked, subject, scheme, organisation)
    answer = RedirectResponse(BACK, 303, headers=HEADERS)
    answer.headers["location"] = str(
        request.url.replace(path=BACK, query="").include_query_params(code=code, state=asked.get("state", ""))
    )
    return answer


def _demo(request: Request) -> DemoIssuer:
    """The demonstration's issuer; :class:`Problem` where there is none, and over a run of real people's data."""
    installation: Installation = request.app.state.installation
    demo, run = issuers(request).demo, installation.store.current_run()
    if demo is None or (run is not None and (run["about"] or {}).get("kind") == "real"):
        raise Problem("not-found")
    return demo


def _log_in(request: Request, number: int) -> LogIn:
    installation: Installation = request.app.state.installation
    held = issuers(request).held
    if not 0 <= number < len(held):
        raise Problem("not-found")
    issuer, channel = held[number]
    if channel is issuers(request).demo:
        issuer = issuer.model_copy(update={"authorize": f"{address(request)}{PAGES}/demo-issuer/authorize"})
    return LogIn(issuer, channel, installation.keys.token, f"{address(request)}{BACK}")


def _secure(request: Request) -> bool:
    return secure(request.app.state.installation.settings, request.url.scheme)
