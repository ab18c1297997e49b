"""A practice's list."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from features.errors import FrailtyError
from risk import register, sections
from risk.run.reading import reasons_told
from risk.run.saying_numbers import TIES, places_by
from serving import answers, listing
from serving.documented import READING, documents
from serving.listing import UNCHANGED, Asked, Listing, Page, PracticeCode
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.lists import ListChanges, PracticeList

router = APIRouter(prefix="/v1/practices", tags=["lists"])
SCOPE, ACTION, CHANGES = "lists:read", "list.read", "list.changes"
SHAPE = listing.held_by(PracticeList)


@router.get(
    "/{code}/list",
    summary="A practice's priority list, by risk",
    responses={**documents(PracticeList, *READING), 304: UNCHANGED},
)
def practice_list(request: Request, code: PracticeCode, asked: Page) -> Response:
    """Pseudonymous: a person is an opaque id that only this caller can use. Ages are five-year bands."""
    caller = Caller(request)
    with caller.installation.store.viewing():
        return _list(caller, code, asked)


def _list(caller: Caller, code: str, asked: Asked) -> Response:
    run, practice = caller.held(code, SCOPE, ACTION, asked.run, asked.detail)
    store, number, scheme = caller.installation.store, run["number"], practice["scheme"]

    def own() -> tuple[dict[str, Any], list[int]]:
        rows = store.practice_list(number, code, scheme, after=asked.after, limit=asked.limit + 1)
        people, following = asked.page(rows, "rank")
        return {
            **answers.denominators(practice),
            "capacity": (run["counts"] or {}).get("capacity", {}).get(code),
            "places_by": f"{places_by(answers.sized_by(run, code))}. {TIES}",
            "withheld": store.withheld(number, code, scheme),
            "sections": sections.described(
                store.sections(number, code, scheme),
                (run["counts"] or {}).get("sections_inside", ()),
                practice["details"],
            ),
            "people": answers.listed(people, caller.pseudonyms),
            "next": following,
        }, [row["person_id"] for row in people]

    return listing.answer(caller, asked, Listing(ACTION, code, run, SHAPE, (scheme,), kept=True), own)


@router.get(
    "/{code}/changes",
    summary="Who joined a practice's list, left it and moved since the run before",
    responses=documents(ListChanges, *READING),
)
def changes(request: Request, code: PracticeCode) -> Response:
    """Of the current run. Whoever calls may stand outside the practice: a reason other than death or a move is not told."""
    caller = Caller(request)
    held, practice = caller.held(code, SCOPE, CHANGES)
    installation = caller.installation
    try:
        found = register.changes(
            installation.store, installation.settings.runs, held, code, practice["scheme"], to_the_practice=False,
            reasons=reasons_told(installation.settings),
        )  # fmt: skip
    except (FrailtyError, OSError) as error:
        raise Problem("unavailable") from error
    kinds = ("joined", "left", "moved")
    people = [row["person_id"] for kind in kinds for row in found[kind]]
    said = {
        kind: [{"person": caller.pseudonyms.of(row.pop("person_id")), **row} for row in found[kind]] for kind in kinds
    }
    body = {
        **answers.provenance(held, installation.settings),
        **{name: practice[name] for name in ("practice", "scheme")},
        **{name: found[name] for name in ("previous", "not_shown")},
        **said,
    }
    answer = answers.json(body)
    caller.audit(CHANGES, "answered", organisation=code, people=people, run=held["number"])
    return answer
