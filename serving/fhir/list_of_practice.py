"""List: a practice's priority list of the published run, in its order (http://hl7.org/fhir/R4/list.html)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from serving.fhir import searching, wording
from serving.fhir.speaking import BASE, answer, coded, identifier, notes, own, patient, spoken, standard
from serving.listing import LONGEST, Asked
from serving.problems import Problem
from serving.routes import practices
from serving.security.caller import Caller

router = APIRouter(prefix=f"{BASE}/List", dependencies=[Depends(spoken)], include_in_schema=False)
SEARCHED = {"identifier": "token"}
#: Before a practice's code in a list's id. A code that no id can hold (R4: 64 letters, digits, ``-`` and ``.``) is served by the API alone.
PRIORITY = "priority-"
_CODE = re.compile(r"[A-Za-z0-9.-]{1,55}")
#: Lists on a page: each holds all its people.
USUAL = 5


@router.get("")
def search(request: Request) -> Response:
    """The lists of the caller's practices; of one by ``identifier``."""
    searching.known(request, SEARCHED)
    count, offset = searching.page(request, USUAL)
    caller = Caller(request)
    caller.needs(practices.SCOPE, practices.ACTION)
    run = caller.run()
    rows = caller.installation.store.practices(run["number"])
    mine = sorted({row["practice"] for row in rows if caller.access.may(practices.SCOPE, row["scheme"], row["practice"])})  # fmt: skip
    asked = request.query_params.get("identifier")
    wanted = None if asked is None else asked.rpartition("|")[2]
    codes = [code for code in mine if _CODE.fullmatch(code) and wanted in (None, PRIORITY + code)]
    lists = [of_practice(request, code) for code in codes[offset : offset + count]]
    return answer(searching.bundle(request, lists, len(codes), count, offset))


@router.get("/{listing}")
def read(request: Request, listing: str) -> Response:
    """One practice's, with all its people."""
    code = listing.removeprefix(PRIORITY)
    if not listing.startswith(PRIORITY) or not _CODE.fullmatch(code):
        raise Problem("not-found")
    return answer(of_practice(request, code))


def of_practice(request: Request, code: str) -> dict[str, Any]:
    """A practice's list by the API's own answers, page after page, and so its rows in the audit."""
    told: dict[str, Any] = {}
    people: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        held = practices.practice_list(request, code, Asked(None, None, LONGEST, after))
        told = orjson.loads(held.body)
        people += told["people"]
        after = told["next"]
    return resource(told, people)


def resource(told: Mapping[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
    """The API's answer about a practice's list as a List."""
    outcome = told["outcome"]
    listed = {
        "resourceType": "List",
        "id": PRIORITY + told["practice"],
        "meta": {"versionId": str(told["run"])},
        "identifier": [identifier("list", PRIORITY + told["practice"])],
        "status": "current",
        "mode": "snapshot",
        "title": f"Priority list of {told['practice']}: {outcome['title']} within {outcome['horizon_days']} days",
        "code": coded("priority list of people at risk", own("list", "priority")),
        "date": told["index_date"],
        "orderedBy": coded("by risk", standard("list-order", "priority")),
        "note": notes([f"{told['k']} places among {told['scored']} people scored; {told['withheld']} listed people are not shown.", *wording.beside(told)]),
    }  # fmt: skip
    if people:
        return listed | {"entry": [_entry(one) for one in people]}
    return listed | {"emptyReason": coded("nobody of the list may be shown", standard("list-empty-reason", "withheld" if told["withheld"] else "nilknown"))}  # fmt: skip


def _entry(one: Mapping[str, Any]) -> dict[str, Any]:
    words = (wording.plan(one), f"rank {one['rank']}; {one['band']}; {wording.risk(one)}.")
    return {
        "flag": coded(" ".join(said for said in words if said), own("band", one["band"])),
        "item": patient(one["person"]),
    }
