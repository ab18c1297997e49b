"""A practice's list."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request, Response

from features.errors import FrailtyError
from risk import register, sections
from risk.run.reading import reasons_told
from serving import answers
from serving.documented import READING, documents
from serving.problems import Problem
from serving.security.caller import Caller
from serving.shapes.lists import ListChanges, PracticeList

router = APIRouter(prefix="/v1/practices", tags=["lists"])
SCOPE, ACTION, CHANGES = "lists:read", "list.read", "list.changes"
#: What an answer holds, so that nobody keeps one of before it held more.
SHAPE = hashlib.sha256(repr(PracticeList.model_json_schema()).encode()).hexdigest()[:16]
#: Codes of any scheme; no control characters, which databases treat differently.
CODE = r"^[^\x00-\x1f\x7f]{1,64}$"
#: Longest page, and the page when none is asked for: 2% of 10,000 adults.
LONGEST, USUAL = 1000, 200


@router.get(
    "/{code}/list",
    summary="A practice's priority list, by risk",
    responses={
        **documents(PracticeList, *READING),
        304: {"description": "The list is as the caller's ETag says; the question is in the audit like any other"},
    },
)  # fmt: skip
def practice_list(
    request: Request,
    code: Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])],
    run: Annotated[
        int | None, Query(ge=1, lt=2**31, description="an earlier published run; the current one when not given")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LONGEST, description="people on a page")] = USUAL,
    after: Annotated[
        int, Query(ge=0, lt=2**31, description="rank after which to go on: `next` of the page before")
    ] = 0,
    if_none_match: Annotated[
        str | None, Header(description="the ETag of the last answer: 304 where nothing changed")
    ] = None,
) -> Response:
    """Pseudonymous: a person is an opaque id that only this caller can use. Ages are five-year bands."""
    caller = Caller(request)
    asked = {"limit": limit, "after": after}
    held, practice = caller.held(code, SCOPE, ACTION, run, asked)
    provenance = answers.provenance(held, caller.installation.settings)
    store = caller.installation.store
    hidings = store.hiding_mark()
    tag = _tag(held, practice, caller.access.client_id, limit, after, provenance["stale_says"], hidings)
    kept = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if if_none_match is not None and _matches(if_none_match, tag):
        caller.audit(ACTION, "unchanged", organisation=code, run=held["number"], detail=asked)
        return Response(status_code=304, headers=kept)
    rows = store.practice_list(held["number"], code, practice["scheme"], after=after, limit=limit + 1)
    rows, more = rows[:limit], len(rows) > limit
    counted = store.sections(held["number"], code, practice["scheme"])
    body = {
        **provenance,
        **answers.denominators(practice),
        "withheld": store.withheld(held["number"], code, practice["scheme"]),
        "sections": sections.described(counted, (held["counts"] or {}).get("sections_inside", ())),
        "people": answers.listed(rows, caller.pseudonyms),
        "next": rows[-1]["rank"] if more else None,
    }
    answer = answers.json(body, **kept)
    people = [row["person_id"] for row in rows]
    caller.audit(ACTION, "answered", organisation=code, people=people, run=held["number"], detail=asked)
    return answer


@router.get(
    "/{code}/changes",
    summary="Who joined a practice's list, left it and moved since the run before",
    responses=documents(ListChanges, *READING),
)
def changes(
    request: Request,
    code: Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])],
) -> Response:
    """Of the current run. Whoever calls may stand outside the practice: a reason other than death or a move is not told."""
    caller = Caller(request)
    held, practice = caller.held(code, SCOPE, CHANGES)
    installation = caller.installation
    try:
        found = register.changes(
            installation.store, installation.settings.runs, held, code, practice["scheme"], to_the_practice=False,
            reasons=reasons_told(installation.settings),
        )  # fmt: skip
    except (FrailtyError, OSError) as error:
        raise Problem("unavailable") from error
    kinds = ("joined", "left", "moved")
    people = [row["person_id"] for kind in kinds for row in found[kind]]
    said = {
        kind: [{"person": caller.pseudonyms.of(row.pop("person_id")), **row} for row in found[kind]] for kind in kinds
    }
    body = {
        **answers.provenance(held, installation.settings),
        **{name: practice[name] for name in ("practice", "scheme")},
        **{name: found[name] for name in ("previous", "not_shown")},
        **said,
    }
    answer = answers.json(body)
    caller.audit(CHANGES, "answered", organisation=code, people=people, run=held["number"])
    return answer


def _tag(run: dict[str, Any], practice: dict[str, Any], client: str, limit: int, after: int, age: str | None,
         hidings: str) -> str:  # fmt: skip
    """Names the answer: the run's content never changes, and the rest of what the answer depends on is here, what an answer
    holds among it."""
    parts = (
        SHAPE,
        run["number"],
        run["content_sha256"],
        practice["scheme"],
        practice["practice"],
        client,
        limit,
        after,
        age,
        hidings,
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _matches(if_none_match: str, tag: str) -> bool:
    """RFC 9110 §13.1.2: weak comparison with each tag given, or any."""
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in given or given == ["*"]
