"""A practice's list taken away as a file, by those whose role may; with NHS numbers by those who may re-identify, for a reason."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response

from risk.export.columns import EXPORTS, NUMBER
from risk.export.writing import FORMATS
from risk.members import EXPORT
from serving.exporting import ACTION, Wanted
from serving.listing import CODE
from serving.problems import Problem
from serving.routes.exports import practice_export
from serving.security.caller import Caller
from serving.web.page import router

routes = router()
LIST = "list"


@routes.post("/practices/{code}/exports")
def download(request: Request, code: Annotated[str, Path(pattern=CODE)]) -> Response:
    """The whole list as it stands now, whichever view of it is on the page. A form, so that no other site's link fetches it."""
    caller, said = Caller(request), request.state.form
    caller.needs(EXPORT, ACTION)
    if said.get("format") not in FORMATS:
        raise Problem("not-found")
    usual = EXPORTS[LIST].usual
    columns = (NUMBER, *usual) if said.get("numbers") else usual
    return practice_export(caller, code, LIST, None, Wanted(said["format"], columns, said.get("reason")), EXPORT)
