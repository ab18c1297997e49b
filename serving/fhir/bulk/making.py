"""The files of an export: of each person of the list what the service would answer about them, one at a time, a resource on a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import IO, Any

import orjson

from risk.store.exporting import CHUNK
from serving.fhir import flag, outcomes, patient, risk_assessment
from serving.fhir.bulk.keeping import DONE, Job, made
from serving.problems import Problem
from serving.routes import persons
from serving.security.caller import Caller

Told = Mapping[str, Any]
#: People after whom it is said how far it is.
EVERY = 25
#: Resources of an export, each made of what the API tells of a person and of their row of the run.
TYPES: dict[str, Callable[[Told, Told], list[dict[str, Any]]]] = {
    "Patient": lambda told, row: [patient.resource(told["person"], row, told["run"])],
    "RiskAssessment": lambda told, _: risk_assessment.assessments(told),
    "Flag": lambda told, _: flag.flags(told),
}
ERRORS = "OperationOutcome"


def file_of(kind: str) -> str:
    return f"{kind}.ndjson"


def write(caller: Caller, job: Job, run: dict[str, Any], going_on: Callable[[], bool]) -> None:
    """Make the files of ``job`` for ``caller`` as long as it is ``going_on``. Whoever cannot be told of stands among its errors, and whoever was hidden meanwhile
    nowhere. :class:`FileNotFoundError` where the job was deleted meanwhile."""
    store, done = caller.installation.store, 0
    lines: dict[str, int] = {}
    with ExitStack() as open_files:
        files: dict[str, IO[bytes]] = {}

        def line(kind: str, person: str, resource: Mapping[str, Any]) -> None:
            if kind not in files:
                files[kind] = open_files.enter_context(made(job.folder / file_of(kind)))
            files[kind].write(person.encode() + b"\t" + orjson.dumps(resource) + b"\n")
            lines[file_of(kind)] = lines.get(file_of(kind), 0) + 1

        for number in _people(caller, job):
            if not going_on():
                return
            row = store.person(run["number"], number)
            if row is not None:
                _of_person(caller, run, row, job.said["types"], line)
            done += 1
            if done % EVERY == 0:
                job.saying(done=done)
    job.saying(state=DONE, done=done, lines=lines)


def _people(caller: Caller, job: Job) -> Iterator[int]:
    """Who is on the list, a page in memory at a time; nobody where nothing changed since the moment that was asked for."""
    said, store = job.said, caller.installation.store
    after: int | None = 0 if said["changed"] else None
    while after is not None:
        page = store.practice_list(said["run"], said["practice"], said["scheme"], after=after, limit=CHUNK)
        yield from (row["person_id"] for row in page)
        after = page[-1]["rank"] if page else None


def _of_person(caller: Caller, run: dict[str, Any], row: dict[str, Any], types: list[str], line: Callable[[str, str, Mapping[str, Any]], None]) -> None:  # fmt: skip
    person = caller.pseudonyms.of(row["person_id"])
    try:
        told = orjson.loads(orjson.dumps(persons.told(caller, run, row)))
    except Problem as problem:
        line(ERRORS, person, outcomes.outcome(orjson.loads(bytes(problem.response().body))))
        return
    for kind in types:
        for resource in TYPES[kind](told, row):
            line(kind, person, resource)
