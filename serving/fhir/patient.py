"""Patient: as little as a reference needs. A pseudonym that is the caller's own, sex and practice; no name, number, date or place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from serving.fhir.speaking import BASE, answer, identifier, organisation, spoken
from serving.routes import persons
from serving.security.caller import Caller

router = APIRouter(prefix=f"{BASE}/Patient", dependencies=[Depends(spoken)], include_in_schema=False)
ACTION = "person.patient"
#: R4's AdministrativeGender; whatever else the record says is unknown to it.
GENDERS = {"female": "female", "male": "male", "other": "other"}


@router.get("/{person}")
def read(request: Request, person: str) -> Response:
    """Of whoever the current run scored in a practice of the caller's; of anybody else there is none."""
    caller = Caller(request)
    run, row = caller.person(person, persons.SCOPE, ACTION)
    found = answer(resource(person, row, run["number"]))
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return found


def resource(person: str, row: Mapping[str, Any], run: int) -> dict[str, Any]:
    """A row of the run as a Patient."""
    return {
        "resourceType": "Patient",
        "id": person,
        "meta": {"versionId": str(run), "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PSEUDED"}]},
        "identifier": [identifier("person", person)],
        "gender": GENDERS.get(row["sex"], "unknown"),
        "managingOrganization": organisation(row["scheme"], row["practice"]),
    }  # fmt: skip
