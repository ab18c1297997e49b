"""The frailty register: a practice's, and one person's, for a clinician to confirm, change or reject. Apart from every list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from features.errors import FrailtyError
from risk.frailty_register import answering, changes, missing
from risk.frailty_register.reading import SAYS, told
from risk.frailty_register.register import register
from risk.frailty_register.rules import faults
from risk.frailty_register.standing import STATES
from serving import answers
from serving.documented import READING, documents
from serving.listing import CODE, LONGEST, USUAL
from serving.preconditions import WRITES, Asking, problems, tag
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.frailty import AnswerBody, Answered, FrailtyHistory, FrailtyRegister, RegisterChanges

router = APIRouter(prefix="/v1", tags=["frailty register"])
READ, WRITE = "register:read", "register:write"
VIEW, CHANGES, OF_PERSON, ANSWER = "register.read", "register.changes", "register.person", "register.answer"
Person = Annotated[str, Path(description="the id that the register gave this caller")]
_OF_RUN = ("run", "index_date", "data_as_at", "about", "marking", "valid_until", "expired", "stale", "stale_says",
           "not_for")  # fmt: skip


@router.get(
    "/practices/{code}/frailty-register", summary="A practice's frailty register", responses=documents(FrailtyRegister, *READING)
)  # fmt: skip
def practice_register(
    request: Request,
    code: Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])],
    state: Annotated[Literal["all", "waiting", "look_again", "confirmed", "rejected"], Query(description="whom to name")] = "all",
    limit: Annotated[int, Query(ge=1, le=LONGEST, description="people on a page")] = USUAL,
    after: Annotated[int, Query(ge=0, lt=2**31, description="place after which to go on: `next` of the page before")] = 0,
) -> Response:  # fmt: skip
    """Of people of 65 and over. Pseudonymous; by the current run. Only a clinician's answer counts anybody as frail."""
    caller = Caller(request)
    run, practice = caller.held(code, READ, VIEW)
    whole = register(caller.installation.store, run, code, practice["scheme"])
    asked = whole.among(STATES if state == "all" else (state,))
    people = asked[after : after + limit]
    body = {
        **of_run(caller, run, practice),
        "counts": whole.counts,
        "missing": missing.told(practice),
        "people": [{"person": caller.pseudonyms.of(one.row["person_id"]), **told(one)} for one in people],
        "next": after + limit if len(asked) > after + limit else None,
        "says": SAYS,
    }
    answer = answers.json(body)
    caller.audit(VIEW, "answered", organisation=code, people=[one.row["person_id"] for one in people], run=run["number"],
                 detail={"state": state, "limit": limit, "after": after})  # fmt: skip
    return answer


@router.get(
    "/practices/{code}/frailty-register/changes", summary="Who joined a practice's frailty register, left it and moved since the run before",
    responses=documents(RegisterChanges, *READING),
)  # fmt: skip
def register_changes(
    request: Request,
    code: Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])],
) -> Response:
    """Of the current run. Whoever calls may stand outside the practice: a reason other than death or a move is not told."""
    caller = Caller(request)
    run, practice = caller.held(code, READ, CHANGES)
    found = changed(caller, run, practice, to_the_practice=False)
    answer = answers.json({**of_run(caller, run, practice), **found.told})
    caller.audit(CHANGES, "answered", organisation=code, people=found.people, run=run["number"])
    return answer


@dataclass(frozen=True)
class Changed:
    """What changed as it is ``told``, and the ``people`` in it by ``person_id``."""

    told: dict[str, Any]
    people: list[int]


def changed(caller: Caller, run: Mapping[str, Any], practice: Mapping[str, Any], *, to_the_practice: bool) -> Changed:
    """Of a practice's register since the run before, people by the caller's own ids."""
    held = caller.installation
    try:
        found = changes.changes(held.store, held.settings.runs, run, practice["practice"], practice["scheme"], to_the_practice=to_the_practice)  # fmt: skip
    except (FrailtyError, OSError) as error:
        raise Problem("unavailable") from error
    kinds = ("joined", "left", "moved")
    people = [row["person_id"] for kind in kinds for row in found[kind]]
    said = {kind: [{"person": caller.pseudonyms.of(row.pop("person_id")), **row} for row in found[kind]] for kind in kinds}  # fmt: skip
    return Changed({**found, **said}, people)


@router.get(
    "/persons/{person}/frailty", summary="What is proposed of a person, and what clinicians answered",
    responses=documents(FrailtyHistory, *READING),
)  # fmt: skip
def of_person(request: Request, person: Person) -> Response:
    """The ETag is what an answer must bring back."""
    caller = Caller(request)
    run, row = caller.person(person, READ, OF_PERSON)
    one, history = answering.place(caller.installation.store, run["number"], row)
    body = {**of_run(caller, run, row), "person": person, **told(one), "answers": [said(entry) for entry in history]}
    answer = answers.json(body, ETag=tag(one.stands.version))
    caller.audit(OF_PERSON, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"])
    return answer


@router.post(
    "/persons/{person}/frailty", summary="Confirm, change or reject what is proposed of a person",
    responses=documents(Answered, *WRITES),
)  # fmt: skip
def confirm(request: Request, person: Person, body: AnswerBody, pre: Asking) -> Response:
    """By a clinician who assessed the person. It takes the place of the answer before, which stays in the history."""
    caller = Caller(request)
    run, row = caller.person(person, WRITE, ANSWER)
    posted, today = body.model_dump(), caller.installation.today
    read = pre.read(faults(posted, today))
    asked = answering.Asked(posted, caller.access.client_id, person, read, str(pre.key))
    with problems():
        done = answering.write(caller.installation.store, run["number"], row, asked, today)
    answer = answers.json({"person": person, **said(done)}, ETag=tag(done["version"]))
    caller.audit(ANSWER, "answered", organisation=row["practice"], person_id=row["person_id"], run=run["number"],
                 detail={"entry": done["seq"], "version": done["version"]})  # fmt: skip
    return answer


def of_run(caller: Caller, run: dict[str, Any], practice: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of the run, without the model and outcome: the register has neither."""
    held = answers.provenance(run, caller.installation.settings)
    return {**{name: held[name] for name in _OF_RUN}, "practice": practice["practice"], "scheme": practice["scheme"]}


def said(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An answer of the history as it is told."""
    body, texts = entry["body"], entry["texts"]
    return {
        **{name: entry[name] for name in ("seq", "version", "supersedes", "run", "day", "at", "by")},
        "answer": entry["kind"],
        **{name: body.get(name) for name in ("category", "proposed", "how", "on", "why_rejected")},
        **{name: texts.get(name) for name in ("assessor", "words")},
    }
