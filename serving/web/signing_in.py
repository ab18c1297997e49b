"""What a log-in and a launch have in common: a session for somebody whom the directory knows, and its row in the audit."""

from __future__ import annotations

from fastapi import Request

from risk import members
from risk.audit import Event
from serving.installation import Installation
from serving.security.doors import own_address
from serving.security.login import NotLoggedIn, Somebody
from serving.security.vouching import Issuers


def opened(request: Request, somebody: Somebody) -> tuple[str, str]:
    """The secret of a session of theirs, and their id in the directory; :class:`NotLoggedIn` where it knows no such person, or no role of theirs there today."""
    installation: Installation = request.app.state.installation
    store, day = installation.store, installation.today
    user = store.user(day, subject=somebody.subject)
    if user is None:
        raise NotLoggedIn("not in the directory")
    if members.access(store, user["user_id"], somebody.scheme, somebody.organisation, day) is None:
        raise NotLoggedIn("no role there today")
    secret = installation.sessions.open(user["user_id"], somebody.scheme, somebody.organisation)
    record(request, user["user_id"], "done", {"selected": f"{somebody.scheme} {somebody.organisation}"})
    return secret, str(user["user_id"])


def record(request: Request, user: str, outcome: str, detail: dict[str, str], action: str = "session.begin") -> None:
    """A row of the audit about a session."""
    installation: Installation = request.app.state.installation
    installation.audit.record(Event("user", user, action, outcome, request_id=request.state.request_id, detail=detail))


def issuers(request: Request) -> Issuers:
    """Who vouches for people here."""
    found: Issuers = request.app.state.issuers
    return found


def address(request: Request) -> str:
    """The pages' own."""
    return own_address(request.app.state.installation.settings, str(request.base_url))
