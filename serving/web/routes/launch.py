"""Opened by the practice's own system at the person on its screen: logged in by it, and on by a link that is good once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from features.linkage.revealing import person_of
from serving.installation import Installation
from serving.security.doors import COOKIE, PAGES, secure
from serving.security.issuers import Unreachable
from serving.security.launch import LONGEST, Launch, Launched
from serving.security.limits import spend
from serving.security.links import Link, Links
from serving.security.login import ATTEMPT, NotLoggedIn
from serving.web.page import away, router
from serving.web.rendering import HEADERS, html
from serving.web.signing_in import address, issuers, opened, record

routes = router()
ATTEMPTED, AT = "frailty_launch", f"{PAGES}/launch"


@routes.get("/launch")
def launch(request: Request, iss: str, launch: str) -> Response:
    """On to the system's own authorization, where the area's file names it."""
    number = next(
        (at for at, (one, _) in enumerate(issuers(request).launchers) if one.fhir.rstrip("/") == iss.rstrip("/")), None
    )
    if number is None or len(launch) > LONGEST:
        return _refused(request, "no system of ours")
    address, sealed = _launch(request, number).out(launch)
    answer = RedirectResponse(address, 303, headers=HEADERS)
    over_tls = secure(request.app.state.installation.settings, request.url.scheme)
    answer.set_cookie(ATTEMPTED, f"{number}.{sealed}", ATTEMPT, path=AT, secure=over_tls, httponly=True, samesite="lax")
    return answer


@routes.get("/launch/callback")
def callback(request: Request) -> Response:
    """Back from the system: a session, where the directory has a role for them there, and on to the person, who is seen by whoever sees them without it."""
    number, _, sealed = request.cookies.get(ATTEMPTED, "").partition(".")
    if not (number.isdecimal() and len(number) < 3 and int(number) < len(issuers(request).launchers)):
        return _refused(request, "no attempt of ours")
    try:
        launched = _launch(request, int(number)).back(sealed, request.query_params)
        secret, user_id = opened(request, launched.somebody)
        path = _on(request.app.state.installation, launched, user_id)
    except NotLoggedIn as error:
        return _refused(request, error.why)
    except Unreachable:
        return _refused(request, "the system does not answer")
    answer = away(path)
    answer.delete_cookie(ATTEMPTED, path=AT)
    over_tls = secure(request.app.state.installation.settings, request.url.scheme)
    answer.set_cookie(COOKIE, secret, path=PAGES, secure=over_tls, httponly=True, samesite="lax")
    return answer


def _on(installation: Installation, launched: Launched, user_id: str) -> str:
    """Below the pages, a link to the person on the screen; to nobody where nobody is known by their number, which is answered as for somebody who may not be
    seen. The first page where nobody was on the screen."""
    if launched.nhs_number is None:
        return ""
    settings = installation.settings
    spend(installation.limits.revealing, user_id)
    person = person_of(settings.identity_folder, settings.identity_key_file, launched.nhs_number)
    until = datetime.now(UTC) + timedelta(minutes=settings.link_minutes)
    link = Link("an EHR launch", int(until.timestamp()), person, None, user_id)
    return f"/links/{Links(installation.keys.token, installation.store).made(link)}"


def _launch(request: Request, number: int) -> Launch:
    launcher, channel = issuers(request).launchers[number]
    key = request.app.state.installation.keys.token
    return Launch(launcher, channel, key, f"{address(request)}{AT}/callback")


def _refused(request: Request, why: str) -> Response:
    record(request, "unknown", "refused", {"why": why, "by": "launch"})
    return html("not-logged-in.html", 403, issuers=[])
