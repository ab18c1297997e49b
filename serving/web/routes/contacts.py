"""One person's contacts with every service, on one axis."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from features.errors import FrailtyError
from risk import contacts
from serving import answers
from serving.problems import Problem
from serving.routes import persons
from serving.security.caller import Caller
from serving.web import contacts as drawn
from serving.web.page import router, show

routes = router()
ACTION = "person.contacts"


@routes.get("/persons/{person}/contacts")
def of_person(request: Request, person: Annotated[str, Path()]) -> Response:
    """As the record had them at the run's date. A role that reads some domains alone sees the services of those."""
    caller = Caller(request)
    run, row = caller.person(person, persons.SCOPE, ACTION)
    settings = caller.installation.settings
    try:
        lanes = contacts.of_person(settings, row["person_id"], row["practice"], run["index_date"])
    except (FrailtyError, OSError) as error:
        raise Problem("unavailable") from error
    domains = caller.access.domains
    mine = [lane for lane in lanes or () if domains is None or lane.service.domain in domains]
    answer = show(
        request,
        "contacts.html",
        title="Contacts",
        run=answers.provenance(run, settings),
        person=person,
        at=run["index_date"],
        known=lanes is not None,
        lanes=mine,
        others=sorted({lane.service.title for lane in lanes or ()} - {lane.service.title for lane in mine}),
        picture=drawn.svg(mine, run["index_date"]) if mine else "",
    )
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer
