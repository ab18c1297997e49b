"""What may inform a score and is told to few: detention under mental health law, self-harm, misuse of substances, abuse, prison,
asylum, safeguarding.

A reason that rests on such a thing shows a reader its domain alone, unless the reader's role allows the detail. Which codes
they are is in the sets ``sensitive_*``; what the record tells in a column of its own is in :data:`COLUMNS`. A number over a
broad set, such as how many long-term conditions somebody has, gives none of them away.
"""

from __future__ import annotations

from typing import Any, Protocol

from features.codelists import CodeSet, load
from features.governance.by_bnf import bnf_of_dmd

#: Sets by the system of the codes that are asked about; a dm+d code is a SNOMED CT identifier.
SETS = {
    "snomed": ("sensitive_snomed", "sensitive_dmd"),
    "dmd": ("sensitive_snomed", "sensitive_dmd"),
    "icd10": ("sensitive_icd10",),
    "bnf": ("sensitive_bnf",),
}
#: A set of one thing gives away what this share of its codes tell of; below it a reader can conclude nothing of anybody (a few
#: codes of liver disease are of drink).
TELLING = 1 / 3
#: Columns of the record that tell of such a thing, whatever their value.
COLUMNS = {
    "legal_status": "mental_health_detention",
    "detained": "mental_health_detention",
    "safeguarding": "safeguarding",
    "prison": "prison",
    "asylum": "asylum",
}
#: What a condition on any column would say by itself.
VALUES = {
    "safeguarding": "safeguarding",
    "self_harm": "self_harm",
    "substance_misuse": "substance_misuse",
    "drug_and_alcohol": "substance_misuse",
    "alcohol": "substance_misuse",
    "prison": "prison",
    "asylum": "asylum",
    "abuse": "abuse",
}


class Shown(Protocol):
    """What is asked about: a declaration of a predictor, of any kind."""

    @property
    def name(self) -> str: ...


def of_code(system: str, code: str) -> str | None:
    """What a code tells of that is sensitive; None where it tells of nothing such. For timelines."""
    for name in SETS.get(system, ()):
        held = load(name)
        for what in dict.fromkeys(held.categories.values()):
            if held.only(what).holds(held.system.name, code):
                return what
    by_bnf = bnf_of_dmd().get(code) if system in ("dmd", "snomed") else None
    return of_code("bnf", by_bnf) if by_bnf else None


def of_predictor(declared: Shown) -> str | None:
    """What a predictor tells of that is sensitive; None where it tells of nothing such."""
    facts = getattr(declared, "of", None)
    if facts is not None and (found := _of_facts(facts)):
        return found
    return next((found for part in getattr(declared, "parts", ()) if (found := of_predictor(part))), None)


def _of_facts(facts: Any) -> str | None:
    for column, values in getattr(facts, "where", ()):
        if column in COLUMNS:
            return COLUMNS[column]
        told = values if isinstance(values, tuple) else ()
        if told and all(value in VALUES for value in told):
            return VALUES[told[0]]
    name = getattr(facts, "codes", None)
    return _of_set(load(name), broad=":" not in name) if name else None


def _of_set(held: CodeSet, *, broad: bool) -> str | None:
    """A set of one thing is sensitive if :data:`TELLING` of its codes are; a broad one if all of them are."""
    told = [of_code(held.system.name, code) for code in held.codes]
    if sum(what is not None for what in told) < (1 if broad else TELLING) * len(told):
        return None
    return next((what for what in told if what), None)
