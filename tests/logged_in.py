"""People who are logged in, for tests of the pages: a directory with each role, and a browser that holds a session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from risk.organisations import import_file
from risk.sessions import Sessions
from serving.security.doors import COOKIE
from tests.service import Service

DIRECTORY = """
organisation = [
  {code = "A81001", name = "The Limes Surgery", kind = "practice", from = 2020-01-01},
  {code = "A81002", name = "Mill Lane Practice", kind = "practice", from = 2020-01-01},
  {code = "RXC", name = "A community trust", kind = "trust", from = 2020-01-01},
  {code = "806", name = "A council", kind = "council", from = 2020-01-01},
  {code = "QXX", name = "An integrated care board", kind = "system", from = 2020-01-01},
]
team = [
  {id = "north", name = "North team", kind = "neighbourhood", organisation = "RXC", from = 2020-01-01, covers = [{practice = "A81001", from = 2020-01-01}]},
  {id = "care", name = "Council team", kind = "social_care", organisation = "806", from = 2020-01-01, covers = [{practice = "A81001", from = 2020-01-01}]},
]
user = [
  {id = "gp", subject = "s-gp", name = "Dr A. Example", from = 2020-01-01, roles = [{role = "gp", organisation = "A81001", from = 2020-01-01}]},
  {id = "other", subject = "s-other", name = "Dr B. Example", from = 2020-01-01, roles = [{role = "gp", organisation = "A81002", from = 2020-01-01}]},
  {id = "matron", subject = "s-matron", name = "C. Example", from = 2020-01-01, roles = [{role = "matron", team = "north", from = 2020-01-01}]},
  {id = "social", subject = "s-social", name = "D. Example", from = 2020-01-01, roles = [{role = "social_worker", team = "care", from = 2020-01-01}]},
  {id = "analyst", subject = "s-analyst", name = "E. Example", from = 2020-01-01, roles = [{role = "analyst", organisation = "QXX", from = 2020-01-01}]},
  {id = "governance", subject = "s-governance", name = "F. Example", from = 2020-01-01, roles = [{role = "information_governance", organisation = "QXX", from = 2020-01-01}]},
]
"""
#: The organisation that each selects.
SELECTS = {"gp": "A81001", "other": "A81002", "matron": "RXC", "social": "806", "analyst": "QXX", "governance": "QXX"}


def directory(service: Service, changed: str = DIRECTORY) -> None:
    """Take the directory in."""
    file = Path(service.settings.home) / "organisations.toml"
    file.write_text(changed)
    import_file(service.store, file)


def sessions(service: Service) -> Sessions:
    """As the service has them."""
    held: Sessions = service.http.app.state.installation.sessions  # type: ignore[attr-defined]
    return held


def cookie(service: Service, user: str, organisation: str | None = None) -> dict[str, str]:
    """Headers of a browser in which somebody is logged in."""
    return {"Cookie": f"{COOKIE}={sessions(service).open(user, 'ods', organisation or SELECTS[user])}"}


def token(service: Service, headers: dict[str, str]) -> str:
    """The form token of a browser's session."""
    held = sessions(service)
    session = held.held(headers["Cookie"].partition("=")[2])
    assert session is not None
    return held.form_token(session)


def post(service: Service, headers: dict[str, str], path: str, **fields: Any) -> Any:
    """Send a form as a page of the session would; redirects are not followed."""
    form = {"token": token(service, headers), **fields}
    return service.http.post(path, headers=headers, data=form, follow_redirects=False)
