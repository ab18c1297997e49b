"""Where somebody who must log in first goes on to: a link that they followed, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import Response

from serving.security.doors import PAGES
from serving.security.login import ATTEMPT

LINKS = f"{PAGES}/links/"
COOKIE, AT = "frailty_return", f"{PAGES}/login"
#: As :meth:`serving.security.links.Links.made` makes them: no address can be spelled in it.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,512}")


def remember(answer: Response, path: str, secure: bool) -> Response:
    """``answer``, by which the browser knows where to go on to after the log-in, where ``path`` is a link's."""
    token = path.removeprefix(LINKS)
    if path.startswith(LINKS) and _TOKEN.fullmatch(token):
        answer.set_cookie(COOKIE, token, ATTEMPT, path=AT, secure=secure, httponly=True, samesite="lax")
    return answer


def remembered(cookies: Mapping[str, str]) -> str:
    """Below the pages, where to go on to: a link, or the first page."""
    token = cookies.get(COOKIE, "")
    return f"/links/{token}" if _TOKEN.fullmatch(token) else ""
