"""What is compared when people are linked: names, birth dates and postcodes as the identity store holds them, written alike.

A placeholder is nothing said: a birth date on the first of January 1900 or 1901, a postcode of the pseudo-district ZZ99 (no fixed
abode, not known; NHS Data Dictionary, postcode of usual address).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as arrow

from features.linkage.identity import IdentityStore
from features.linkage.matching import DESCRIPTION

_PLACEHOLDERS = {"1900-01-01", "1901-01-01"}
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
_TITLES = {"mr", "mrs", "miss", "ms", "dr", "sir", "dame", "rev", "mx"}
_COMPARED = ("given_name", "family_name", "birth_date", "postcode")


@dataclass(frozen=True)
class Descriptions:
    """``numbered`` and ``loose`` (in the shape of :data:`~features.linkage.matching.DESCRIPTION`): what is said of people with
    and without an NHS number. ``source`` of each person without one who is not linked yet, and for each source the people with
    a number who have a local id of it already (``taken``)."""

    numbered: arrow.Table
    loose: arrow.Table
    source: Mapping[int, str]
    taken: frozenset[tuple[str, int]]


def descriptions(identity: IdentityStore, sexes: Mapping[int, str], reads: Mapping[int, int]) -> Descriptions:
    """Of everybody of whom enough is said to compare. ``sexes`` is what the record says of people's sex (``unknown`` and
    ``indeterminate`` are nothing said); ``reads`` whom people linked already read as: those with a number are compared as
    who they are; those without one are compared all the same, since the model learns from them, and have no ``source``."""
    numbered, local = identity.held.numbers()
    said: dict[bool, set[tuple[Any, ...]]] = {True: set(), False: set()}
    for person, told in identity.held.everything_said():
        if person in numbered or person in local:
            row = compared(told)
            if enough(row):
                sex = sexes.get(person)
                sex = sex if sex in ("female", "male") else None
                one = reads.get(person, person) if person in numbered else person
                said[person in numbered].add((one, *(row[name] for name in _COMPARED), sex))
    first = _table(said[True], 0)
    return Descriptions(
        numbered=first,
        loose=_table(said[False], first.num_rows),
        source={
            person: next(iter(sorted(of)))
            for person, of in local.items()
            if person not in numbered and person not in reads
        },
        taken=frozenset(
            (source, reads.get(person, person))
            for person, of in local.items()
            if person in numbered or person in reads
            for source in of
        ),
    )


def enough(row: Mapping[str, str | None]) -> bool:
    """Whether what is said can tell one person from others: two of names, birth date and postcode. The national social care and
    community submissions carry no names."""
    named = bool(row["given_name"] and row["family_name"])
    return named + bool(row["birth_date"]) + bool(row["postcode"]) >= 2 or bool(
        row["family_name"] and row["birth_date"]
    )


def compared(told: Mapping[str, Any]) -> dict[str, str | None]:
    """What one source says of a person, written so that it can be compared; None for what it does not say."""
    given, family = told.get("given_name"), told.get("family_name")
    if not family and told.get("full_name"):
        words = [word for word in str(told["full_name"]).split() if word.strip(".").lower() not in _TITLES]
        given, family = (words[0] if len(words) > 1 else None), (words[-1] if words else None)
    return {
        "given_name": _name((given or "").split(" ")[0]),
        "family_name": _name(family or ""),
        "birth_date": _day(str(told.get("birth_date") or "")),
        "postcode": _postcode(str(told.get("postcode") or "")),
    }


def _name(text: str) -> str | None:
    """Lower case, letters alone: accents, hyphens and apostrophes are written now so, now otherwise."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in plain if letter.isalpha()) or None


def _day(text: str) -> str | None:
    try:
        day = date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None
    return None if day in _PLACEHOLDERS else day


def _postcode(text: str) -> str | None:
    bare = re.sub(r"\s", "", text).upper()
    return bare if _POSTCODE.fullmatch(bare) and not bare.startswith("ZZ99") else None


def _table(rows: set[tuple[Any, ...]], start: int) -> arrow.Table:
    # By what is said, then by person: the same data are drawn from alike in whatever identity store they are.
    held = sorted(rows, key=lambda row: tuple("" if value is None else str(value) for value in (*row[1:], row[0])))
    columns = [np.arange(start, start + len(held)), *([row[i] for row in held] for i in range(6))]
    return arrow.table(
        [arrow.array(column, field.type) for column, field in zip(columns, DESCRIPTION, strict=True)],
        schema=DESCRIPTION,
    )
