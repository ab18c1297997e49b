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
    page = searching.page(request, USUAL)
    codes, total = asked_for(request, *page)
    lists = [of_practice(request, code) for code in codes]
    return answer(searching.bundle(request, lists, total, *page))


def asked_for(request: Request, count: int, offset: int) -> tuple[list[str], int]:
    """The practices of one page of a search, and how many there are on all of them."""
    caller = Caller(request)
    caller.needs(practices.SCOPE, practices.ACTION)
    run = caller.run()
    rows = caller.installation.store.practices(run["number"])
    mine = sorted({row["practice"] for row in rows if caller.access.may(practices.SCOPE, row["scheme"], row["practice"])})  # fmt: skip
    asked = request.query_params.get("identifier")
    wanted = None if asked is None else asked.rpartition("|")[2]
    codes = [code for code in mine if _CODE.fullmatch(code) and wanted in (None, PRIORITY + code)]
    return codes[offset : offset + count], len(codes)


@router.get("/{listing}")
def read(request: Request, listing: str) -> Response:
    """One practice's, with all its people."""
    return answer(of_practice(request, code_of(listing)))


def code_of(listing: str) -> str:
    """The practice of a list's id; :class:`Problem` where it is none."""
    code = listing.removeprefix(PRIORITY)
    if not listing.startswith(PRIORITY) or not _CODE.fullmatch(code):
        raise Problem("not-found")
    return code


def of_practice(request: Request, code: str) -> dict[str, Any]:
    return resource(*told(request, code))


def told(request: Request, code: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the API tells of a practice's list, and all its people: page after page, and so its rows in the audit."""
    page: dict[str, Any] = {}
    people: list[dict[str, Any]] = []
    after: int | None = 0
    while after is not None:
        held = practices.practice_list(request, code, Asked(None, None, LONGEST, after))
        page = orjson.loads(held.body)
        people += page["people"]
        after = page["next"]
    return page, people


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
