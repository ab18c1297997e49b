"""Links into the pages, made for a system that shows people to clinicians."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response

from features.linkage.revealing import person_of
from serving import answers
from serving.documented import READING, documents
from serving.installation import Installation
from serving.problems import Problem
from serving.security.caller import Caller
from serving.security.doors import own_address
from serving.security.links import Link, Links
from serving.security.returning import LINKS
from serving.shapes.link import LinkBody, MadeLink

router = APIRouter(prefix="/v1/links", tags=["persons"])
SCOPE, ACTION = "links:write", "link.make"


@router.post(
    "",
    summary="A link that opens one person or one list in the pages, once",
    responses=documents(MadeLink, *READING, "too-large"),
)
def make(request: Request, body: LinkBody) -> Response:
    """To somebody whom the current run scored in a practice of the caller's, or to such a practice's list. Whoever follows it logs in as always and sees what their role
    and practice let them see; it is good once, for `link_minutes`. A call with an NHS number is one of the few a minute that go from a number to a person."""
    caller = Caller(request)
    caller.needs(SCOPE, ACTION)
    held = caller.installation
    user = _user(held, body.user)
    person_id = practice = None
    if body.practice is not None:
        run, row = caller.held(body.practice, SCOPE, ACTION)
        practice = row["practice"]
    else:
        run, row = caller.known_person(_person(caller, body), SCOPE, ACTION)
        person_id = row["person_id"]
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=held.settings.link_minutes)
    link = Link(caller.access.client_id, int(until.timestamp()), person_id, practice, user)
    address = own_address(held.settings, str(request.base_url))
    answer = answers.json({"url": f"{address}{LINKS}{Links(held.keys.token, held.store).made(link)}", "until": until})
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=person_id, run=run["number"], detail={"for": user})  # fmt: skip
    return answer


def _person(caller: Caller, body: LinkBody) -> int | None:
    if body.nhs_number is None:
        return caller.pseudonyms.person(body.person or "")
    caller.reveals(ACTION)
    settings = caller.installation.settings
    return person_of(settings.identity_folder, settings.identity_key_file, body.nhs_number)


def _user(held: Installation, named: str | None) -> str | None:
    """The directory's id of who alone may follow the link; :class:`Problem` where the directory has no such user today."""
    if named is None:
        return None
    found = held.store.user(held.today, user_id=named) or held.store.user(held.today, subject=named)
    if found is None:
        raise Problem("unfit-parameter", errors=[{"where": "body.user", "why": "no user of the directory today"}])
    return str(found["user_id"])
