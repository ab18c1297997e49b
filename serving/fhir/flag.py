"""Flag: that somebody has a directive or a plan, and that they are on their practice's list. Plans come first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from risk.run.saying import FLAGS
from serving.fhir import searching
from serving.fhir.risk_assessment import about
from serving.fhir.speaking import BASE, answer, coded, own, patient, spoken, standard
from serving.problems import Problem

router = APIRouter(prefix=f"{BASE}/Flag", dependencies=[Depends(spoken)], include_in_schema=False)
SEARCHED = {"patient": "reference", "subject": "reference"}
LISTED = "listed"
#: R4's flag-category of each plan; of a place on the list, ``admin``.
CATEGORIES = {
    "respect": "advance-directive",
    "advance_decision": "advance-directive",
    "end_of_life_plan": "clinical",
    "palliative_register": "clinical",
}
_ID = re.compile(r"([a-z2-7]{39})-[a-z-]{1,24}")


@router.get("")
def search(request: Request) -> Response:
    """Of one patient."""
    searching.known(request, SEARCHED)
    person = searching.person(request)
    searching.page(request)
    return answer(searching.paged(request, flags(about(request, person))))


@router.get("/{flag}")
def read(request: Request, flag: str) -> Response:
    found = _ID.fullmatch(flag)
    told = about(request, found[1] if found else "")
    for one in flags(told):
        if one["id"] == flag:
            return answer(one)
    raise Problem("not-found")


def flags(told: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The flags of the API's answer about a person: those of plans, then that of the list. What is not said to be so has none."""
    plans = told["plan"]["plans"] if told["plan"] else ()
    made = [_flag(told, plan["name"], CATEGORIES[plan["name"]], f"{FLAGS[plan['name']]}: follow it", plan["on"]) for plan in plans]  # fmt: skip
    if told["listed"]:
        made.append(_flag(told, LISTED, "admin", f"on the practice's priority list, rank {told['rank']}", told["index_date"]))  # fmt: skip
    return made


def _flag(told: Mapping[str, Any], name: str, category: str, says: str, since: str | None) -> dict[str, Any]:
    flag = {
        "resourceType": "Flag",
        "id": f"{told['person']}-{name.replace('_', '-')}",
        "meta": {"versionId": str(told["run"])},
        "status": "active",
        "category": [coded(category, standard("flag-category", category))],
        "code": coded(says, own("flag", name)),
        "subject": patient(told["person"]),
    }
    return flag | ({"period": {"start": since}} if since else {})
