"""A system tells that somebody is to be shown no more: a death, a move, a restricted address, an opt-out."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from risk import telling
from risk.grounds import GROUNDS, LEFT_PRACTICE
from risk.store.hiding import Told
from serving import answers
from serving.documented import documents
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.lists import Suppressed
from serving.shapes.shape import EXAMPLE_PERSON

router = APIRouter(prefix="/v1/suppressions", tags=["suppressions"])
SCOPE, ACTION = "suppressions:write", "suppression.tell"


class Suppression(BaseModel):
    """What is told of one person."""

    model_config = ConfigDict(extra="forbid")

    person: str = Field(max_length=64, description="the id that a list gave this caller", examples=[EXAMPLE_PERSON])
    ground: Literal["died", "died_informal", "left_practice", "restricted", "opted_out", "unlinked"] = Field(
        description="; ".join(f"{ground.name}: {ground.says}" for ground in GROUNDS.values()),
        examples=["died_informal"],
    )
    since: Annotated[date, Field(alias="from", description="a day that has come", examples=["2024-12-01"])]
    act: Literal["hide", "lift"] = Field("hide", description="lift takes back what this caller told before")
    practice: str | None = Field(
        None, max_length=64, description="with left_practice, and with no other ground: the one that was left"
    )


@router.post(
    "",
    summary="Show a person no more, in every list and answer, at once",
    responses=documents(Suppressed, "unauthenticated", "insufficient-scope", "not-found", "unfit-parameter", "too-large",
                        "unavailable"),
)  # fmt: skip
def tell(request: Request, told: Suppression) -> Response:
    """Of people whom a run scored in a practice of the caller's. Whether somebody was hidden before makes no difference to the answer. Not
    found and not the caller's give the same answer, and so does a lift of what this caller never told."""
    caller = Caller(request)
    caller.needs(SCOPE, ACTION)
    ground, day = GROUNDS[told.ground], caller.installation.today
    wrong = (
        ("from", told.since > day, "a later day than today: tell it when it has come"),
        ("practice", ground.of_a_practice != bool(told.practice), "goes with left_practice, and with no other ground"),
        ("act", told.act == "lift" and not ground.lifts, "a registered death is lifted by no caller"),
    )
    if errors := [{"where": f"body.{where}", "why": why} for where, found, why in wrong if found]:
        raise Problem("unfit-parameter", errors=errors)
    store, client = caller.installation.store, caller.access.client_id
    person_id = caller.pseudonyms.person(told.person)
    place = None if person_id is None else _place(caller, person_id, told)
    if person_id is None or place is None:
        caller.audit(ACTION, "refused", person_id=person_id, detail={"ground": told.ground, "act": told.act})
        raise Problem("not-found")
    scheme, practice = place if told.ground == LEFT_PRACTICE else ("", "")
    row = Told(person_id, told.ground, told.since, client, client, told.act == "hide", scheme, practice)
    telling.tell(caller.installation.settings, store, [row])
    caller.audit(ACTION, "answered", organisation=place[1], person_id=person_id,
                 detail={"ground": told.ground, "act": told.act})  # fmt: skip
    return answers.json({"ground": told.ground, "from": told.since, "act": told.act})


def _place(caller: Caller, person_id: int, told: Suppression) -> tuple[str, str] | None:
    """The practice by which the caller may tell it: one that scored the person and has them still; to lift, one for which it was this
    caller that told it."""
    store = caller.installation.store
    mine = [
        place for place in store.practices_of(person_id, left=told.act == "lift") if caller.access.may(SCOPE, *place)
    ]
    if told.act == "lift":
        own = {
            (row["ground"], row["practice"])
            for row in store.standing([person_id])
            if row["source"] == caller.access.client_id
        }
        if (told.ground, told.practice or "") not in own:
            return None
    return next((place for place in mine if told.practice in (None, place[1])), None)
