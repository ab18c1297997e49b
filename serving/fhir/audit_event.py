"""AuditEvent: who asked what about a person of the caller's own practices, for whoever keeps watch (http://hl7.org/fhir/R4/auditevent.html).

Nobody's name is in it: people are the caller's own pseudonyms, systems the ids that they have here, users and operators a keyed hash that is the caller's own
and the same in every answer. Reasons, which are free text, are not told here.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from serving.fhir import searching
from serving.fhir.speaking import BASE, answer, coded, identifier, own, patient, spoken
from serving.problems import Problem
from serving.security.caller import Caller

router = APIRouter(prefix=f"{BASE}/AuditEvent", dependencies=[Depends(spoken)], include_in_schema=False)
SCOPE, ACTION = "audit:read", "person.audit"
SEARCHED = {"patient": "reference", "date": "date"}
#: R4's audit-event-outcome of each of ours; anything else went wrong.
OUTCOMES = {"answered": "0", "unchanged": "0", "done": "0", "refused": "4"}
WENT_WRONG = "8"
_ID = re.compile(r"([a-z2-7]{39})-([0-9]{1,18})")


@router.get("")
def search(request: Request) -> Response:
    """Of one patient, by day; the oldest first, so that pages do not move while somebody goes through them."""
    searching.known(request, SEARCHED, several=("date",))
    person = searching.person(request)
    searching.on(request, date.min)
    count, offset = searching.page(request)
    caller, rows = _about(request, person)
    found = [row for row in rows if searching.on(request, date.fromisoformat(row["at"][:10]))]
    events = [resource(caller, person, row) for row in found[offset : offset + count]]
    return answer(searching.bundle(request, events, len(found), count, offset))


@router.get("/{event}")
def read(request: Request, event: str) -> Response:
    """One, by the id that a search gave."""
    asked = _ID.fullmatch(event)
    caller, rows = _about(request, asked[1] if asked else "")
    for row in rows:
        if asked and row["seq"] == int(asked[2]):
            return answer(resource(caller, asked[1], row))
    raise Problem("not-found")


def _about(request: Request, person: str) -> tuple[Caller, list[dict[str, Any]]]:
    """The audit's rows about somebody whom the caller reaches, before the one of this question."""
    caller = Caller(request)
    run, row = caller.person(person, SCOPE, ACTION)
    rows = caller.installation.store.audit_about(row["person_id"])
    caller.audit(ACTION, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return caller, rows


def resource(caller: Caller, person: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the audit as an AuditEvent."""
    agent = {"who": {"identifier": identifier(row["actor_kind"], _actor(caller, row))}, "requestor": True}
    about = [{"what": patient(person)}, *([{"what": {"identifier": identifier("run", str(row["run"]))}}] if row["run"] else [])]  # fmt: skip
    return {
        "resourceType": "AuditEvent",
        "id": f"{person}-{row['seq']}",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "subtype": [own("audit", row["action"])],
        "recorded": row["at"],
        "outcome": OUTCOMES.get(row["outcome"], WENT_WRONG),
        "agent": [agent | ({"role": [coded(row["role"], own("role", row["role"]))]} if row["role"] else {})],
        "source": {"observer": {"display": "frailty-risk"}},
        "entity": about,
    }


def _actor(caller: Caller, row: Mapping[str, Any]) -> str:
    """A client's id says nothing of anybody; a user's may be somebody's name."""
    if row["actor_kind"] == "client":
        return str(row["actor"])
    key = caller.installation.keys.person.derived("actor")
    said = "\n".join((caller.access.reader, row["actor_kind"], row["actor"]))
    return hmac.digest(key, said.encode(), "sha256")[:16].hex()
