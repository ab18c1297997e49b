"""A code set in memory: which codes, what they stand for, how much they weigh."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from features.coding import CodingSystem
from features.errors import BadInput

#: Systems whose codes stand for everything beneath them.
HIERARCHICAL = {"icd10", "icd9cm", "bnf"}


@dataclass(frozen=True)
class CodeSet:
    """A named set of codes of one system.

    ``categories`` maps a code to its category and ``points`` a category to what it weighs: 1 each where the set says nothing of
    points. ``weighed`` tells whether it does. ``origin`` is the folder of the area that the set is from; empty for the house's own.
    """

    name: str
    system: CodingSystem
    terms: dict[str, str]
    categories: dict[str, str]
    points: dict[str, float]
    sources: tuple[str, ...]
    weighed: bool = False
    origin: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.terms)

    @property
    def fingerprint(self) -> str:
        """Hash of what decides which rows match, as what, and what they weigh."""
        rows = sorted((code, category, self.points[category]) for code, category in self.categories.items())
        return hashlib.sha256(json.dumps([self.system.name, rows]).encode()).hexdigest()

    def holds(self, system: str, code: str) -> bool:
        """Whether a row with this system and code belongs to the set; dots and the SUS pad do not count."""
        if system != self.system.name:
            return False
        if system not in HIERARCHICAL:
            return code in self.terms
        return any(plain(code).startswith(plain(own)) for own in self.terms)

    def only(self, category: str) -> CodeSet:
        """The set cut to one category; :class:`BadInput` with those there are where it has none of that name."""
        codes = [code for code, its in self.categories.items() if its == category]
        if not codes:
            there = ", ".join(sorted(set(self.categories.values())))
            raise BadInput(f"code set {self.name} has no category {category!r}; it has {there}")
        return replace(
            self, name=f"{self.name}:{category}", terms={code: self.terms[code] for code in codes},
            categories=dict.fromkeys(codes, category), points={category: self.points[category]},
        )  # fmt: skip


def plain(code: str) -> str:
    """An ICD or BNF code without its dot and its final X pad."""
    return code.replace(".", "").removesuffix("X") if len(code) <= 5 else code.replace(".", "")
