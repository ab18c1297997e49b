"""What of an assessment a search may ask for beside patient and day: the outcome, and how likely it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from fastapi import Request

from serving.fhir.searching import unfit

#: Of an outcome: ``condition`` as a reference to it, by its name or by its identifier, ``risk`` as the code of what is predicted.
CONDITION, BY_IDENTIFIER, RISK, PROBABILITY = "condition", "condition:identifier", "risk", "probability"
SEVERAL = (PROBABILITY,)
_LONGEST = 128
#: R4 lets a number have an exponent, and reads 1e2 otherwise than its own rule of precision does; such a one is refused.
_NUMBER = re.compile(r"(eq|ne|gt|lt|ge|le|sa|eb)?([0-9]{1,3}(?:\.[0-9]{1,12})?)")
#: By prefix, whether a value fits a number, which reaches half a step of its last place either way: of ``eq`` and ``ne`` alone, every other takes it as it is
#: (http://hl7.org/fhir/R4/search.html#number).
_FITS: dict[str, Callable[[Decimal, Decimal, Decimal], bool]] = {
    "eq": lambda value, number, half: number - half <= value < number + half,
    "ne": lambda value, number, half: not number - half <= value < number + half,
    "gt": lambda value, number, _: value > number,
    "lt": lambda value, number, _: value < number,
    "ge": lambda value, number, _: value >= number,
    "le": lambda value, number, _: value <= number,
    "sa": lambda value, number, _: value > number,
    "eb": lambda value, number, _: value < number,
}


def probabilities(request: Request) -> list[Callable[[Decimal], bool]]:
    """What was asked of a probability, each to be kept to: a percentage, as ``probabilityDecimal`` is."""
    return [_asked(said) for said in request.query_params.getlist(PROBABILITY)]


def _asked(said: str) -> Callable[[Decimal], bool]:
    found = _NUMBER.fullmatch(said)
    number = Decimal(found[2]) if found else None
    if found is None or number is None or number > 100:
        raise unfit(PROBABILITY, "a percentage from 0 to 100, such as ge20 or 34.0")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    fits, half = _FITS[found[1] or "eq"], Decimal(5).scaleb(exponent - 1)
    return lambda value: fits(value, number, half)


def outcomes(request: Request, system: str, known: Collection[str]) -> set[str]:
    """Names of the outcomes that were asked for, of those ``known``: all where none was. One that nobody is scored for is refused: an empty page would read as
    somebody without that risk."""
    wanted = set(known)
    for name, plain in ((CONDITION, _reference), (BY_IDENTIFIER, _token), (RISK, _token)):
        if name in request.query_params:
            said = {plain(one, system) for one in request.query_params[name][: _LONGEST * 8].split(",")}
            if not said <= set(known):
                raise unfit(name, "an outcome that is scored here, as `condition` of an assessment names it")
            wanted &= said
    return wanted


def _reference(said: str, system: str) -> str:
    return _token(said, system) if "|" in said else said.removeprefix("Condition/")


def _token(said: str, system: str) -> str:
    """The code of ``code``, ``|code`` or ``system|code``; nothing of another system's."""
    of, bar, code = said.rpartition("|")
    return code if of == system or not bar else ""


def fitting(found: Iterable[dict[str, Any]], wanted: Collection[str], asked: Collection[Callable[[Decimal], bool]]) -> list[dict[str, Any]]:  # fmt: skip
    """Those of the assessments that keep to all of it, as they stand."""
    return [one for one in found if one["condition"]["identifier"]["value"] in wanted and _likely(one, asked)]


def _likely(one: Mapping[str, Any], asked: Collection[Callable[[Decimal], bool]]) -> bool:
    value = Decimal(str(one["prediction"][0]["probabilityDecimal"]))
    return all(fits(value) for fits in asked)
