"""Group: the people of a practice's priority list, by opaque ids, for whoever takes them as one (http://hl7.org/fhir/R4/group.html)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from serving.fhir import list_of_practice, searching
from serving.fhir.list_of_practice import PRIORITY
from serving.fhir.speaking import BASE, answer, coded, identifier, organisation, own, patient, spoken

router = APIRouter(prefix=f"{BASE}/Group", dependencies=[Depends(spoken)], include_in_schema=False)
SEARCHED = {"identifier": "token"}


@router.get("")
def search(request: Request) -> Response:
    """Those of the caller's practices; of one by ``identifier``."""
    searching.known(request, SEARCHED)
    page = searching.page(request, list_of_practice.USUAL)
    codes, total = list_of_practice.asked_for(request, *page)
    groups = [resource(*list_of_practice.told(request, code)) for code in codes]
    return answer(searching.bundle(request, groups, total, *page))


@router.get("/{group}")
def read(request: Request, group: str) -> Response:
    """One practice's, with all its people."""
    return answer(resource(*list_of_practice.told(request, list_of_practice.code_of(group))))


def resource(told: Mapping[str, Any], people: list[dict[str, Any]]) -> dict[str, Any]:
    """The API's answer about a practice's list as a Group. It is without members where nobody of the list may be shown."""
    made = {
        "resourceType": "Group",
        "id": PRIORITY + told["practice"],
        "meta": {"versionId": str(told["run"])},
        "identifier": [identifier("list", PRIORITY + told["practice"])],
        "active": True,
        "type": "person",
        "actual": True,
        "code": coded("people of a practice's priority list", own("list", "priority")),
        "name": f"Priority list of {told['practice']}",
        "quantity": len(people),
        "managingEntity": organisation(told["scheme"], told["practice"]),
    }
    return made | ({"member": [{"entity": patient(one["person"])} for one in people]} if people else {})
