"""An export asked for, waited for, fetched and deleted, by the client that began it and nobody else."""

from __future__ import annotations

from email.utils import format_datetime
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request, Response

from serving.fhir.bulk import asking, sending
from serving.fhir.bulk.keeping import FAILED, WORKING, Job
from serving.fhir.bulk.making import ERRORS, file_of
from serving.fhir.bulk.working import Working
from serving.fhir.list_of_practice import code_of
from serving.fhir.speaking import BASE, address, spoken
from serving.problems import Problem
from serving.security.caller import Caller

router = APIRouter(prefix=BASE, include_in_schema=False)
SCOPE = "bulk:read"
BEGIN, STATUS, FILE, DELETE = "bulk.begin", "bulk.status", "bulk.file", "bulk.delete"
#: Seconds after which to ask again.
AGAIN = "2"


@router.get("/Group/{group}/$export", dependencies=[Depends(spoken)])
def begin(request: Request, group: str) -> Response:
    """Of the people of a practice's list as they stand: 202, and where to ask how far it is."""
    caller = Caller(request)
    caller.needs(SCOPE, BEGIN)
    code = code_of(group)
    asking.asynchronous(request)
    types, since = asking.parameters(request)
    run, practice = caller.held(code, SCOPE, BEGIN)
    store = caller.installation.store
    changed = since is None or store.changed_at() > since
    shown = practice["listed"] - store.withheld(run["number"], code, practice["scheme"])
    job = _working(request).begin(caller, run, group=group, practice=code, scheme=practice["scheme"], types=types, changed=changed, of=shown if changed else 0,
                                  request=_asked(request))  # fmt: skip
    caller.audit(BEGIN, "answered", organisation=code, run=run["number"], detail={"job": job.id, "types": types})
    return Response(status_code=202, headers={"Content-Location": f"{_address(request, job)}"})


@router.get("/bulk/{job}")
def status(request: Request, job: str) -> Response:
    """How far it is (202), its manifest (200), or that it was cut off (500)."""
    caller = Caller(request)
    held = _own(request, caller, job, STATUS)
    state = held.state
    if state == FAILED:
        raise Problem("export-failed")
    if state == WORKING:
        said = f"{held.said['done']} of {held.said['of']} people"
        return Response(status_code=202, headers={"X-Progress": said, "Retry-After": AGAIN})
    headers = {"Expires": format_datetime(held.until, usegmt=True)}
    return Response(orjson.dumps(_manifest(request, held)), 200, headers, "application/json")


@router.get("/bulk/{job}/{file}")
def fetch(request: Request, job: str, file: str) -> Response:
    """A file, for whoever still reaches the practice, of the run that is still the current one."""
    caller = Caller(request)
    held = _own(request, caller, job, FILE)
    if file not in held.said["lines"]:
        raise Problem("not-found")
    about: dict[str, Any] = {"job": held.id, "file": file}
    run, practice = caller.held(held.said["practice"], SCOPE, FILE, detail=about)
    if run["number"] != held.said["run"] or practice["scheme"] != held.said["scheme"]:
        caller.audit(FILE, "refused", organisation=practice["practice"], run=run["number"], detail=about)
        raise Problem("not-found", "another run is published since: export again")
    try:
        lines = (held.folder / file).open("rb")  # what is deleted from now on still goes out whole
    except FileNotFoundError as error:
        raise Problem("not-found") from error
    try:
        shown = sending.people(caller, held, lines)
        caller.audit(FILE, "answered", organisation=practice["practice"], people=shown, run=run["number"], detail=about)
    except BaseException:
        lines.close()
        raise
    return sending.sent(caller, lines, shown)


@router.delete("/bulk/{job}")
def delete(request: Request, job: str) -> Response:
    """All of it, done or not."""
    caller = Caller(request)
    held = _own(request, caller, job, DELETE)
    caller.audit(DELETE, "answered", organisation=held.said["practice"], run=held.said["run"], detail={"job": held.id})
    _working(request).jobs.remove(held)
    return Response(status_code=202)


def _own(request: Request, caller: Caller, job: str, action: str) -> Job:
    """One of the caller's own: another client's, one that is gone and one that never was are one answer."""
    caller.needs(SCOPE, action)
    found = _working(request).jobs.of(caller.access.client_id, job)
    if found is None:
        caller.audit(action, "refused")
        raise Problem("not-found")
    return found


def _manifest(request: Request, job: Job) -> dict[str, Any]:
    def files(errors: bool) -> list[dict[str, str]]:
        names = [name for name in job.said["lines"] if (name == file_of(ERRORS)) == errors]
        return [{"type": name.removesuffix(".ndjson"), "url": f"{_address(request, job)}/{name}"} for name in sorted(names)]  # fmt: skip

    return {
        "transactionTime": job.said["begun"],
        "request": job.said["request"],
        "requiresAccessToken": True,
        "output": files(errors=False),
        "error": files(errors=True),
    }


def _asked(request: Request) -> str:
    """The address that was asked, under the installation's own."""
    query = f"?{request.url.query}" if request.url.query else ""
    return address(request) + request.url.path.removeprefix(BASE) + query


def _address(request: Request, job: Job) -> str:
    return f"{address(request)}/bulk/{job.id}"


def _working(request: Request) -> Working:
    held: Working = request.app.state.bulk
    return held
