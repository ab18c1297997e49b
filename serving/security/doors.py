"""The two doors: systems come with a bearer token to the API, people with a session's cookie to the pages, and neither opens the other's.

What is behind a door, and what of it is open, is decided by the path alone.
"""

from __future__ import annotations

from datetime import date
from http.cookies import CookieError, SimpleCookie

from risk import members
from risk.clients import Access
from risk.sessions import Session, Sessions
from risk.settings import Settings
from risk.store import Store

PAGES = "/pages"
STATIC = f"{PAGES}/static/"
#: What of the pages anyone may ask for, exactly as written; beside them the files under :data:`STATIC`, which are in the wheel.
OPEN_PAGES = frozenset(
    {f"{PAGES}/login", f"{PAGES}/login/start", f"{PAGES}/login/callback", f"{PAGES}/launch", f"{PAGES}/launch/callback",
     f"{PAGES}/demo-issuer/authorize", f"{PAGES}/demo-issuer/grant"}
)  # fmt: skip
COOKIE = "frailty_session"


def secure(settings: Settings, scheme: str) -> bool:
    """Whether cookies go over TLS alone: always in production."""
    return settings.environment == "production" or scheme == "https" or settings.address.startswith("https")


def own_address(settings: Settings, asked: str) -> str:
    """Where people reach the pages: by the setting; without one, as the request ``asked``."""
    return (settings.address or asked).rstrip("/")


def of_pages(path: str) -> bool:
    """Whether a path is behind the people's door."""
    return path == PAGES or path.startswith(f"{PAGES}/")


def secret(cookies: str) -> str | None:
    """What the session's cookie holds, of a ``Cookie`` header; None where there is none."""
    try:
        found = SimpleCookie(cookies).get(COOKIE)
    except CookieError:
        return None
    return found.value if found is not None and len(found.value) <= 64 else None


def person(sessions: Sessions, store: Store, cookies: str, day: date) -> tuple[Session, Access] | None:
    """The session of a request, and what its owner may see today; None where either is not there any more."""
    held = secret(cookies)
    session = sessions.held(held) if held else None
    if session is None:
        return None
    access = members.access(store, session.user_id, session.scheme, session.organisation, day)
    return None if access is None else (session, access)
