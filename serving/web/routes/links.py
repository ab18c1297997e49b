"""A link of another system, followed: to the person or the list that it leads to, once, for whoever sees them without it."""

from __future__ import annotations

from fastapi import Request, Response

from serving.problems import Problem
from serving.routes import persons, practices
from serving.security.caller import Caller
from serving.security.links import Links
from serving.web.page import away, router

routes = router()
ACTION = "link.follow"


@routes.get("/links/{token}")
def follow(request: Request, token: str) -> Response:
    """On to the page. A link that is made up, over, used or another's has one answer; whoever may not see what it leads to does not use it up."""
    caller = Caller(request)
    # A browser that fetches ahead of its user's wish must not use the link up (https://wicg.github.io/nav-speculation/prefetch.html).
    if "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", "")):
        raise Problem("not-found")
    links = Links(caller.installation.keys.token, caller.installation.store)
    link = links.opened(token)
    if link is None or link.user not in (None, caller.access.client_id):
        caller.audit(ACTION, "refused")
        raise Problem("link-over")
    if link.practice is not None:
        run, row = caller.held(link.practice, practices.SCOPE, ACTION)
        path = f"/practices/{row['practice']}/list"
    else:
        caller.needs(persons.SCOPE, ACTION)
        run, row = caller.known_person(link.person_id, persons.SCOPE, ACTION)
        path = f"/persons/{caller.pseudonyms.of(row['person_id'])}"
    if not links.first_use(link, token):
        caller.audit(ACTION, "refused")
        raise Problem("link-over")
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=link.person_id, run=run["number"], detail={"link_of": link.client})  # fmt: skip
    return away(path)
