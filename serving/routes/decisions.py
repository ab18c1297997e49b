"""What a meeting writes of one person, one version at a time; and the history of it.

Whoever writes says with ``If-Match`` which version they had read, and with ``Idempotency-Key`` which request it is. There is no route that decides
about several people.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Path, Request, Response

from risk.decisions.catalogue import catalogue
from risk.decisions.rules import conflict, faults
from risk.decisions.standing import kept, said, standing
from risk.decisions.words import apart
from risk.store import meeting as store_meeting
from risk.store.meeting import ACTION, ADDITION, ANSWER, CORRECTION, DECIDES, DECISION, OUTCOME, REMOVAL, NewEntry
from serving import answers
from serving.documented import documents
from serving.meeting_answers import History, Written, shown
from serving.meeting_shapes import (
    ActionBody,
    AnswerBody,
    Body,
    CorrectionBody,
    DecisionBody,
    OutcomeBody,
    PlaceBody,
)
from serving.problems import Problem
from serving.security.caller import Caller

router = APIRouter(prefix="/v1/persons", tags=["decisions"])
READ, WRITE = "decisions:read", "decisions:write"
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PROBLEMS = (
    "unauthenticated",
    "insufficient-scope",
    "not-found",
    "nothing-published",
    "unfit-parameter",
    "unavailable",
)
_WRITES = (*_PROBLEMS, "conflict", "changed-since", "version-needed", "key-reused", "too-large")

Person = Annotated[str, Path(description="the id that a list gave this caller")]
Number = Annotated[int, Path(ge=1, lt=2**31, description="the entry's `seq`", examples=[7])]
Match = Annotated[
    str | None, Header(description="the ETag of the person's history as it was read: 412 where somebody wrote since")
]
Key = Annotated[str | None, Header(description="16 to 64 letters and digits, new for each request; the same again writes nothing and gives the same answer")]  # fmt: skip


@router.get(
    "/{person}/decisions",
    summary="What was decided about a person, and what stands",
    responses=documents(History, *_PROBLEMS),
)
def history(request: Request, person: Person) -> Response:
    """Of what this practice's own meetings wrote, oldest first; the ETag is what a write must bring back."""
    caller = Caller(request)
    action = "person.decisions"
    caller.needs(READ, action)
    run, row = _row(caller, person, READ, action)
    rows = _entries(caller, row)
    stands = standing(rows)
    body = {
        **answers.provenance(run, caller.installation.today),
        "person": person,
        "practice": row["practice"],
        "scheme": row["scheme"],
        **shown(stands),
        "entries": [said(entry) for entry in rows],
    }
    answer = answers.json(body, ETag=_tag(stands.version))
    caller.audit(action, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer


@router.post("/{person}/decisions", summary="Decide about a person", responses=documents(Written, *_WRITES))
def decide(
    request: Request, person: Person, body: DecisionBody, if_match: Match = None, idempotency_key: Key = None
) -> Response:
    """Accept, decline, defer, or already known. It takes the place of the decision before, which stays in the history."""
    return _write(request, person, DECISION, body, if_match, idempotency_key)


@router.post(
    "/{person}/additions",
    summary="Put a person on the list by clinical judgement",
    responses=documents(Written, *_WRITES),
)
def add(
    request: Request, person: Person, body: PlaceBody, if_match: Match = None, idempotency_key: Key = None
) -> Response:
    """Outside the list's places: nobody is pushed off it."""
    return _write(request, person, ADDITION, body, if_match, idempotency_key)


@router.post(
    "/{person}/removals",
    summary="Take a person off the list by clinical judgement",
    responses=documents(Written, *_WRITES),
)
def remove(
    request: Request, person: Person, body: PlaceBody, if_match: Match = None, idempotency_key: Key = None
) -> Response:
    """Folded away until the review, or until something stated changes. The person stays in every count."""
    return _write(request, person, REMOVAL, body, if_match, idempotency_key)


@router.post("/{person}/actions", summary="Write down something to be done", responses=documents(Written, *_WRITES))
def act(
    request: Request, person: Person, body: ActionBody, if_match: Match = None, idempotency_key: Key = None
) -> Response:
    """From the area's catalogue. Open actions follow the person from run to run."""
    return _write(request, person, ACTION, body, if_match, idempotency_key)


@router.post(
    "/{person}/actions/{number}/outcome", summary="Say what became of an action", responses=documents(Written, *_WRITES)
)
def end(request: Request, person: Person, number: Number, body: OutcomeBody, if_match: Match = None, idempotency_key: Key = None) -> Response:  # fmt: skip
    """Closes it, once."""
    return _write(request, person, OUTCOME, body, if_match, idempotency_key, number)


@router.post(
    "/{person}/corrections",
    summary="Say that a fact about a person is not right",
    responses=documents(Written, *_WRITES),
)
def dispute(
    request: Request, person: Person, body: CorrectionBody, if_match: Match = None, idempotency_key: Key = None
) -> Response:
    """The fact is marked as disputed until whoever answers for its source has answered."""
    return _write(request, person, CORRECTION, body, if_match, idempotency_key)


@router.post(
    "/{person}/corrections/{number}/answer",
    summary="Answer that a fact is not right",
    responses=documents(Written, *_WRITES),
)
def answer_dispute(request: Request, person: Person, number: Number, body: AnswerBody, if_match: Match = None, idempotency_key: Key = None) -> Response:  # fmt: skip
    """By whoever answers for the source. What was put right there is in the score of the first run that reads it."""
    return _write(request, person, ANSWER, body, if_match, idempotency_key, number)


def _write(
    request: Request, person: str, kind: str, body: Body, match: str | None, key: str | None, of: int | None = None
) -> Response:
    """Permission first, so that nobody learns anything by what else is wrong; then what was said; then one short transaction; then the audit."""
    caller, action = Caller(request), f"person.{kind}"
    caller.needs(WRITE, action)
    run, row = _row(caller, person, WRITE, action)
    today, held = caller.installation.today, catalogue(caller.installation.settings.actions)
    wrong = faults(kind, body.model_dump(), today, held)
    if key is None or not _KEY.fullmatch(key):
        wrong.append(("Idempotency-Key", "16 to 64 letters, digits, - and _, new for each request"))
    if wrong:
        raise Problem("unfit-parameter", errors=[{"where": _where(where), "why": why} for where, why in wrong])
    if match is None:
        raise Problem("version-needed")
    codes, texts = apart(_codes(caller, kind, body, row))
    entry = NewEntry(
        row["person_id"], row["scheme"], row["practice"], kind, run["number"], today, caller.access.client_id, _read(match),
        _hash(key), _hash(person, kind, of, body.model_dump(mode="json")), codes, texts, of,
    )  # fmt: skip
    store = caller.installation.store
    if not store.asked_before(entry) and (why := conflict(kind, row["listed"], standing(_entries(caller, row)))):
        raise Problem("conflict", why)
    try:
        done = store.write_entry(entry)
    except store_meeting.Stale as error:
        raise Problem("changed-since") from error
    except store_meeting.KeyReused as error:
        raise Problem("key-reused") from error
    except store_meeting.Closed as error:
        raise Problem("conflict", str(error)) from error
    except store_meeting.NoSuchEntry as error:
        raise Problem("not-found") from error
    answer = answers.json({"person": person, **said(done)}, ETag=_tag(done["version"]))
    caller.audit(action, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"],
                 detail={"entry": done["seq"], "version": done["version"]})  # fmt: skip
    return answer


def _row(caller: Caller, person: str, scope: str, action: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The current run, and the person's row in it; not found, hidden, another's and made up give the same answer."""
    run = caller.run()
    person_id = caller.pseudonyms.person(person)
    row = None if person_id is None else caller.installation.store.person(run["number"], person_id)
    if row is None or not caller.access.may(scope, row["scheme"], row["practice"]):
        caller.audit(action, "refused", person_id=person_id, run=run["number"])
        raise Problem("not-found")
    return run, row


def _entries(caller: Caller, row: dict[str, Any]) -> list[dict[str, Any]]:
    return caller.installation.store.entries([row["person_id"]], row["practice"], row["scheme"]).get(
        row["person_id"], []
    )


def _codes(caller: Caller, kind: str, body: Body, row: dict[str, Any]) -> dict[str, Any]:
    """What is written of what was posted: with a decision what was seen, with a correction who must answer it."""
    said = body.model_dump(mode="json", exclude_none=True)
    if kind in DECIDES and row["listed"]:
        said["seen"] = kept(row)
    if kind == CORRECTION:
        said["source_owner"] = catalogue(caller.installation.settings.actions).owner(said["table"])
    return said


def _tag(version: int) -> str:
    return f'"v{version}"'


def _read(match: str) -> int:
    """The version that a tag names; one that is none, or is weak or any, matches nothing: a write needs to know what it writes on."""
    found = re.fullmatch(r'"v(\d{1,9})"', match.strip())
    return int(found[1]) if found else -1


def _hash(*parts: Any) -> bytes:
    return hashlib.sha256(orjson.dumps(parts)).digest()


def _where(where: str) -> str:
    return where if where == "Idempotency-Key" else f"body.{where}"
