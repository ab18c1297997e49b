"""Searches: which parameters there are, what they say, and pages of what was found.

A parameter that is not served is refused rather than passed over: an answer that holds more than was asked for is read as what was asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import Request

from serving.fhir.speaking import address
from serving.problems import Problem

#: Resources on a page, when nobody says otherwise and at the most.
USUAL, LONGEST = 50, 200
COUNT, OFFSET = "_count", "_offset"
#: Parameters of every search; those of a format are read elsewhere.
_EVERY = frozenset({COUNT, OFFSET, "_format"})
_WHOLE = re.compile(r"[0-9]{1,9}")
_WHEN = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb)?([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
#: By prefix, whether a day fits the period from a first to a last day (http://hl7.org/fhir/R4/search.html#prefix).
_FITS: dict[str, Callable[[date, date, date], bool]] = {
    "eq": lambda day, first, last: first <= day <= last,
    "ne": lambda day, first, last: not first <= day <= last,
    "gt": lambda day, _, last: day > last,
    "lt": lambda day, first, _: day < first,
    "ge": lambda day, first, _: day >= first,
    "le": lambda day, _, last: day <= last,
    "sa": lambda day, _, last: day > last,
    "eb": lambda day, first, _: day < first,
}


def unfit(name: str, why: str) -> Problem:
    return Problem("unfit-parameter", errors=[{"where": f"query.{name}", "why": why}])


def known(request: Request, names: Collection[str], several: Collection[str] = ()) -> None:
    """Refuse parameters other than ``names``, and any but ``several`` that is given twice."""
    for name in request.query_params:
        if name not in _EVERY and name not in names:
            raise Problem("unfit-parameter", errors=[{"where": "query", "why": "a parameter that is not served here; /fhir/R4/metadata names those that are"}])  # fmt: skip
        if name not in several and len(request.query_params.getlist(name)) > 1:
            raise unfit(name, "is given twice")


def person(request: Request) -> str:
    """Whom a search is about: ``patient`` (or ``subject``), an id or a reference. A search about nobody is refused: there is no answer of everybody."""
    given = [request.query_params[name] for name in ("patient", "subject") if name in request.query_params]
    if len(given) != 1:
        raise unfit("patient", "name one patient, by the id that a list gave this caller")
    said = given[0].removeprefix(address(request) + "/").removeprefix("Patient/")
    return said if len(said) <= 64 else ""


def on(request: Request, day: date) -> bool:
    """Whether ``day`` fits every ``date`` that was asked for."""
    return all(_fits(said, day) for said in request.query_params.getlist("date"))


def _fits(said: str, day: date) -> bool:
    found = _WHEN.fullmatch(said)
    if found is None:
        raise unfit("date", "a day, a month or a year such as ge2024-11-30")
    prefix, year, month, of_month = found.groups()
    try:
        first = date(int(year), int(month or 1), int(of_month or 1))
        if of_month:
            last = first
        elif month:
            last = date(first.year + first.month // 12, first.month % 12 + 1, 1) - timedelta(days=1)
        else:
            last = date(first.year, 12, 31)
    except ValueError as error:
        raise unfit("date", "a day that there is") from error
    return _FITS[prefix or "eq"](day, first, last)


def page(request: Request, usual: int = USUAL) -> tuple[int, int]:
    """How many on a page, and after how many it begins."""
    count = _whole(request, COUNT, usual)
    return min(count, LONGEST), _whole(request, OFFSET, 0)


def _whole(request: Request, name: str, otherwise: int) -> int:
    said = request.query_params.get(name)
    if said is None:
        return otherwise
    if not _WHOLE.fullmatch(said):
        raise unfit(name, "a whole number")
    return int(said)


def bundle(
    request: Request, resources: Sequence[dict[str, Any]], total: int, count: int, offset: int
) -> dict[str, Any]:
    """A searchset of one page: ``resources`` are those of it, ``total`` how many there are. Of ``_count=0`` there is the total alone."""
    base = address(request)
    kind = request.url.path.removeprefix("/fhir/R4/")
    asked = [(name, value) for name, value in request.query_params.multi_items() if name not in (COUNT, OFFSET)]

    def link(relation: str, at: int) -> dict[str, str]:
        return {"relation": relation, "url": f"{base}/{kind}?{urlencode([*asked, (COUNT, count), (OFFSET, at)])}"}

    links = [link("self", offset)]
    if count and offset:
        links.append(link("previous", max(0, offset - count)))
    if count and offset + count < total:
        links.append(link("next", offset + count))
    entries = [
        {"fullUrl": f"{base}/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in resources
    ]
    found = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return found | ({"entry": entries} if entries else {})


def paged(request: Request, resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The page that was asked for of ``resources`` that are all here."""
    count, offset = page(request)
    return bundle(request, resources[offset : offset + count], len(resources), count, offset)
