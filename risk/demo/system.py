"""What a system does in the demonstration: it proves who it is, looks somebody up, has them scored now, and asks what happened."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from features.linkage.revealing import person_of
from features.record.reader import Record
from risk.demo.client import Client
from risk.demo.posting import rows_of
from risk.demo.serving import Service
from risk.demo.story import RUN_DATE, Demo
from risk.demo.telling import NotAsPromised, told
from risk.permissions import permissions
from risk.settings import load

SCOPES = ("persons:read", "persons:lookup", "score:write", "events:read")
#: NHS numbers that are looked up at most: some of a practice's oldest are scored by no run.
TRIED = 10
#: Of a score of the same person from the same rows, how far apart two may be.
ALIKE = 1e-9
_OLDEST = """
SELECT r.nhs_number FROM read_parquet($registration) r JOIN read_parquet($person) p USING (nhs_number)
WHERE r.practice = $practice AND r.kind = 'regular' AND r.end_date IS NULL AND r.known_until IS NULL
GROUP BY r.nhs_number ORDER BY min(p.birth_month), r.nhs_number LIMIT $tried
"""


def walk(demo: Demo, service: Service) -> list[dict[str, Any]]:
    """Token, look-up, score and events, as rows of what was asked and answered. :class:`NotAsPromised` where an answer is not what the service promises."""
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    made = demo.frailty("client", "add", "demo system", "--practice", service.practice, *scopes)
    issued = Client(service.address).token_for(made["client_id"], made["secret"])
    rows = [told("system: a token, for its secret", "/v1/token", issued, 200)]
    system = Client(service.address, issued.body["access_token"])
    number, found = _looked_up(demo, service.practice, system)
    person = found.body["person"]
    rows.append(told("system: somebody by NHS number", "/v1/persons/lookup", found, 200))
    posted = {"person": person, "at": RUN_DATE, "rows": _rows(demo, service.practice, number)}
    scored = system.post("/v1/score", posted)
    rows.append(told("system: the same person scored now", "/v1/score", scored, 200))
    run = system.get(f"/v1/persons/{person}/risk")
    if abs(run.body["probability"] - scored.body["probability"]) > ALIKE:
        raise NotAsPromised("system: expected the score from posted rows to be that of the run, found another")
    events = system.get("/v1/events")
    rows.append(told("system: what happened since the run before", "/v1/events", events, 200))
    if not events.body["events"] or system.get(f"/v1/events?since={events.body['next']}").body["events"]:
        raise NotAsPromised("system: expected events of two runs, and none after the last of them")
    rows.append(
        told("system: another's place among the events", "/v1/events", system.get(f"/v1/events?since={'a' * 39}"), 404)
    )
    return rows


def _looked_up(demo: Demo, practice: str, system: Client) -> tuple[str, Any]:
    """The NHS number of one of the practice's oldest whom the run scored, and the answer to it."""
    files = {name: str(demo.folder / "extract" / f"{name}.parquet") for name in ("registration", "person")}
    with duckdb.connect() as connection:
        numbers = connection.execute(_OLDEST, {**files, "practice": practice, "tried": TRIED}).fetchall()
    for (number,) in numbers:
        answer = system.post("/v1/persons/lookup", {"nhs_number": number, "purpose": "front_door"})
        if answer.status == 200:
            return str(number), answer
    raise NotAsPromised(f"system: expected one of the {TRIED} oldest of the practice to be known, found none")


def _rows(demo: Demo, practice: str, number: str) -> dict[str, list[dict[str, Any]]]:
    """What a system of the practice's would hold of the person: here, what the record does."""
    home, record = Path(demo.environment["FRAILTY_HOME"]), demo.folder / "record"
    at = date.fromisoformat(RUN_DATE)
    settings = load(home=home, environment="demo", today=at)
    person = person_of(settings.identity_folder, settings.identity_key_file, number)
    assert person is not None, "the service knew the number"
    with Record(record, purpose="case_finding", permissions=permissions(settings, record)) as held:
        return rows_of(held, {person: practice}, at)[person]
