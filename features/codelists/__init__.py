"""Code sets as data, in the OpenCodelists shape: code, term, category, source.

The file's name ends in the system of its codes (``…_snomed.csv``, ``…_icd10.csv``, ``…_bnf.csv``). SNOMED CT, dm+d and other codes
stand for themselves; ICD-10, ICD-9-CM and BNF codes for themselves and everything beneath them.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from features.coding import SYSTEMS, CodingSystem
from features.errors import BadInput

#: Systems whose codes stand for everything beneath them.
HIERARCHICAL = {"icd10", "icd9cm", "bnf"}
COLUMNS = ["code", "term", "category", "source"]


@dataclass(frozen=True)
class CodeSet:
    """A named set of codes of one system; ``categories`` maps a code to its category."""

    name: str
    system: CodingSystem
    terms: dict[str, str]
    categories: dict[str, str]
    sources: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.terms)

    @property
    def fingerprint(self) -> str:
        """Hash of what decides which rows match."""
        return hashlib.sha256("\n".join([self.system.name, *sorted(self.codes)]).encode()).hexdigest()

    def holds(self, system: str, code: str) -> bool:
        """Whether a row with this system and code belongs to the set; dots and the SUS pad do not count."""
        if system != self.system.name:
            return False
        if system not in HIERARCHICAL:
            return code in self.terms
        return any(plain(code).startswith(plain(own)) for own in self.terms)


def plain(code: str) -> str:
    """An ICD or BNF code without its dot and its final X pad."""
    return code.replace(".", "").removesuffix("X") if len(code) <= 5 else code.replace(".", "")


@cache
def load(name: str) -> CodeSet:
    """The code set ``name``, or one category of it as ``name:category``; :class:`BadInput` says what is wrong."""
    if ":" in name:
        return _category(*name.split(":", 1))
    path = resources.files("features.codelists") / f"{name}.csv"
    system = SYSTEMS.get(name.rsplit("_", 1)[-1])
    if system is None or not path.is_file():
        raise BadInput(f"expected a code set among {', '.join(names())}; found {name!r}")
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    faults = faults_in(system, rows)
    if faults:
        raise BadInput(f"code set {name}: " + "; ".join(faults))
    return CodeSet(
        name,
        system,
        {row["code"]: row["term"] for row in rows},
        {row["code"]: row["category"] for row in rows},
        tuple(sorted({row["source"] for row in rows})),
    )


def _category(name: str, category: str) -> CodeSet:
    whole = load(name)
    codes = [code for code, its in whole.categories.items() if its == category]
    if not codes:
        raise BadInput(
            f"code set {name} has no category {category!r}; it has {', '.join(sorted(set(whole.categories.values())))}"
        )
    return CodeSet(
        f"{name}:{category}", whole.system, {code: whole.terms[code] for code in codes},
        dict.fromkeys(codes, category), whole.sources,
    )  # fmt: skip


def faults_in(system: CodingSystem, rows: list[dict[str, str]]) -> list[str]:
    """What is wrong with the rows of a code set's file, a phrase each."""
    if not rows or list(rows[0]) != COLUMNS:
        return [f"expected the columns {','.join(COLUMNS)} and one row or more"]
    faults = [f"line {line}: {row['code']!r} is not {system.shape}"
              for line, row in enumerate(rows, 2) if not system.well_formed(row["code"])]  # fmt: skip
    seen: set[str] = set()
    for line, row in enumerate(rows, 2):
        if row["code"] in seen:
            faults.append(f"line {line}: {row['code']} is given twice")
        seen.add(row["code"])
        if not row["term"] or not row["source"]:
            faults.append(f"line {line}: {row['code']} lacks a term or a source")
    return faults


def names() -> list[str]:
    """Every code set of the package."""
    folder = resources.files("features.codelists")
    return sorted(entry.name.removesuffix(".csv") for entry in folder.iterdir() if entry.name.endswith(".csv"))
