"""How every list is asked for, and answered: a page by the key of its last row, 304 where nothing changed, and the audit before either.

What an answer depends on is named by its ETag: the run's content never changes, and who asks, who is hidden by now, how old the data is said to be and what
an answer holds are in it too. A question that costs a 304 is in the audit like any other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from fastapi import Depends, Header, Path, Query, Response

from serving import answers
from serving.kept import Told
from serving.security.caller import Caller
from serving.shapes.shape import Shape

#: Codes of any scheme; no control characters, which databases treat differently.
CODE = r"^[^\x00-\x1f\x7f]{1,64}$"
#: Longest page, and the page when none is asked for: 2% of 10,000 adults.
LONGEST, USUAL = 1000, 200
UNCHANGED: dict[str, Any] = {
    "description": "The list is as the caller's ETag says; the question is in the audit like any other"
}

PracticeCode = Annotated[str, Path(pattern=CODE, description="the practice's code", examples=["A81001"])]
Run = Annotated[
    int | None, Query(ge=1, lt=2**31, description="an earlier published run; the current one when not given")
]
Limit = Annotated[int, Query(ge=1, le=LONGEST, description="people on a page")]
After = Annotated[int, Query(ge=0, lt=2**31, description="place after which to go on: `next` of the page before")]
IfNoneMatch = Annotated[str | None, Header(description="the ETag of the last answer: 304 where nothing changed")]


@dataclass(frozen=True)
class Asked:
    """A run (None: the current one), a page of it (``limit`` 0: the list is one page), and the tag that the caller holds."""

    run: int | None
    if_none_match: str | None
    limit: int = 0
    after: int = 0

    @property
    def detail(self) -> dict[str, int]:
        """What the audit keeps of it."""
        return {"limit": self.limit, "after": self.after} if self.limit else {}

    def page(self, rows: Sequence[Mapping[str, Any]], key: str) -> tuple[list[Mapping[str, Any]], int | None]:
        """The page of ``rows``, of which one more was read than it holds, and ``after`` of the next: the ``key`` of its last row."""
        own = list(rows[: self.limit])
        return own, own[-1][key] if len(rows) > self.limit else None


# Awaited, though there is nothing to await: a plain function would take a turn of a thread.
async def _whole(run: Run = None, if_none_match: IfNoneMatch = None) -> Asked:
    return Asked(run, if_none_match)


async def _page(run: Run = None, limit: Limit = USUAL, after: After = 0, if_none_match: IfNoneMatch = None) -> Asked:
    return Asked(run, if_none_match, limit, after)


Whole = Annotated[Asked, Depends(_whole)]
Page = Annotated[Asked, Depends(_page)]


@dataclass(frozen=True)
class Listing:
    """A list of ``run``: the ``action`` of the audit and its ``organisation``; what its answers hold (``shape``, of :func:`held_by`); and ``of``, whatever
    else tells it from another list of that action. ``kept``: its answers are kept as bytes (:mod:`serving.kept`)."""

    action: str
    organisation: str
    run: Mapping[str, Any]
    shape: str
    of: tuple[object, ...] = ()
    more: Mapping[str, Any] | None = None
    kept: bool = False


def held_by(shape: type[Shape]) -> str:
    """What an answer holds, so that nobody keeps one of before it held more."""
    return hashlib.sha256(repr(shape.model_json_schema()).encode()).hexdigest()[:16]


def answer(
    caller: Caller, asked: Asked, listing: Listing, own: Callable[[], tuple[dict[str, Any], Sequence[int]]]
) -> Response:
    """The list, or 304: with where it comes from, and ``own``, the list's part of the answer and the people in it. ``own`` may say otherwise of what
    stands in both."""
    run, store = listing.run, caller.installation.store
    provenance = answers.provenance(run, caller.installation.settings)
    detail = {**asked.detail, **(listing.more or {})} or None
    with store.viewing():  # the tag and the list are of one moment
        mark = store.hiding_mark()
        tag = _tag(caller, asked, listing, provenance["stale_says"], mark)
        same = asked.if_none_match is not None and matches(asked.if_none_match, tag)
        told = None if same else _told(caller, listing, mark, tag, provenance, own)
    kept = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if told is None:
        caller.audit(listing.action, "unchanged", organisation=listing.organisation, run=run["number"], detail=detail)
        return Response(status_code=304, headers=kept)
    caller.audit(
        listing.action,
        "answered",
        organisation=listing.organisation,
        people=told.people,
        run=run["number"],
        detail=detail,
    )
    return Response(told.text, 200, kept, "application/json")


def _told(caller: Caller, listing: Listing, mark: str, tag: str, provenance: Mapping[str, Any],
          own: Callable[[], tuple[dict[str, Any], Sequence[int]]]) -> Told:  # fmt: skip
    """The answer under a tag, as it is kept or made."""
    keeping = caller.installation.kept if listing.kept else None
    if keeping is not None and (held := keeping.held(mark, tag)) is not None:
        return held
    body, people = own()
    told = Told(orjson.dumps({**provenance, **body}), tuple(people))
    if keeping is not None:
        keeping.keep(mark, tag, told)
    return told


def _tag(caller: Caller, asked: Asked, listing: Listing, age: str | None, mark: str) -> str:
    return tagged(listing.shape, listing.action, listing.run["number"], listing.run["content_sha256"], listing.organisation, listing.of,
             caller.access.client_id, caller.access.reader, asked.limit, asked.after, age, mark)  # fmt: skip


def tagged(*parts: object) -> str:
    """The ETag of an answer that depends on ``parts`` and on nothing else."""
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def matches(if_none_match: str, tag: str) -> bool:
    """RFC 9110 §13.1.2: weak comparison with each tag given, or any."""
    given = [part.strip().removeprefix("W/") for part in if_none_match.split(",")]
    return tag in given or given == ["*"]
