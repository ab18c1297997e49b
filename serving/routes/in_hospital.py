"""Who of a practice is in hospital now."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from serving import listing
from serving.documented import READING, documents
from serving.listing import UNCHANGED, Listing, Page, PracticeCode
from serving.security.caller import Caller
from serving.shapes.events import InHospital

router = APIRouter(prefix="/v1/practices", tags=["lists"])
SCOPE, ACTION = "lists:read", "in_hospital.read"
SHAPE = listing.held_by(InHospital)
#: Of a practice of which the record was not asked yet.
NOT_YET: dict[str, Any] = {"day": None, "up_to": None, "fresh": False}
NOT_KNOWN = "Who is in hospital now is not known: {why}. Nobody on this list means nothing."


@router.get(
    "/{code}/in-hospital",
    summary="Who of a practice is in hospital now, since when, and whether a home-care package is held",
    responses={**documents(InHospital, *READING), 304: UNCHANGED},
)
def in_hospital(request: Request, code: PracticeCode, asked: Page) -> Response:
    """Of everybody whom the run scored, listed or not, by rank. By the day that `feed` says; where it is not fresh nobody is on the list."""
    caller = Caller(request)
    run, practice = caller.held(code, SCOPE, ACTION, asked.run, asked.detail)
    store, number, scheme = caller.installation.store, run["number"], practice["scheme"]
    reach = store.in_hospital_reach(code, scheme) or NOT_YET

    def own() -> tuple[dict[str, Any], list[int]]:
        rows = (
            store.in_hospital(number, code, scheme, after=asked.after, limit=asked.limit + 1) if reach["fresh"] else []
        )
        people, following = asked.page(rows, "rank")
        names = (
            "since",
            "admission",
            "package",
            "package_on",
            "listed",
            "rank",
            "band",
            "probability",
            "age_band",
            "sex",
        )
        return {
            **{name: practice[name] for name in ("practice", "scheme")},
            "feed": {"taken": reach["day"], "up_to": reach["up_to"], "fresh": reach["fresh"]},
            "withheld": store.in_hospital_withheld(number, code, scheme),
            "says": says(reach),
            "people": [
                {"person": caller.pseudonyms.of(row["person_id"]), "where": row["kind"], "ready_since": row["ready"], "expected_discharge": None,
                 **{name: row[name] for name in names}} for row in people
            ],
            "next": following,
        }, [row["person_id"] for row in people]  # fmt: skip

    mark = store.in_hospital_mark()
    return listing.answer(caller, asked, Listing(ACTION, code, run, SHAPE, (scheme, mark)), own)


def says(reach: dict[str, Any]) -> str:
    """What the list rests on, in a sentence."""
    if reach["fresh"]:
        return f"In hospital by what hospitals had told up to {reach['up_to']}."
    if reach["day"] is None:
        return NOT_KNOWN.format(why="the record was not asked yet")
    if reach["up_to"] is None:
        return NOT_KNOWN.format(why="no feed of admissions reaches this practice")
    return NOT_KNOWN.format(why=f"hospitals last told of {reach['up_to']}")
