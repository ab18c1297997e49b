"""SNOMED CT codes with all beneath them, as an area's release of SNOMED CT has it."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

from features.codelists.codeset import CodeSet
from features.coding import SNOMED
from features.errors import BadInput

COLUMNS = ["code", "descendant"]


def with_descendants(held: CodeSet, path: Path) -> CodeSet:
    """The set with the descendants of its codes, each in the category of the code that it is beneath. A code that the set lists
    keeps its own category. One beneath several of them takes that of the nearest: of a code that is itself beneath the others;
    failing one, of the first in the set's file."""
    beneath = _beneath(path)
    above: dict[str, list[str]] = defaultdict(list)
    for code in held.codes:
        for descendant in beneath.get(code, ()):
            if descendant not in held.terms:
                above[descendant].append(code)
    terms, categories = dict(held.terms), dict(held.categories)
    for descendant in sorted(above):
        nearest = _nearest(above[descendant], beneath)
        terms[descendant] = f"beneath {held.terms[nearest]}"
        categories[descendant] = held.categories[nearest]
    return replace(held, terms=terms, categories=categories)


def _nearest(codes: list[str], beneath: dict[str, frozenset[str]]) -> str:
    within = [code for code in codes if all(code == other or code in beneath.get(other, ()) for other in codes)]
    return (within or codes)[0]


@cache
def _beneath(path: Path) -> dict[str, frozenset[str]]:
    """Descendants by code. :class:`BadInput` where the file is no such list."""
    found: dict[str, set[str]] = defaultdict(set)
    with path.open(encoding="utf-8-sig", newline="") as opened:
        rows = csv.DictReader(opened)
        if rows.fieldnames is None or list(rows.fieldnames) != COLUMNS:
            raise BadInput(f"{path}: expected the columns {','.join(COLUMNS)}, found {','.join(rows.fieldnames or [])}")
        for row in rows:
            wrong = [code for code in row.values() if not code or not SNOMED.well_formed(code)]
            if wrong:
                raise BadInput(f"{path}, line {rows.line_num}: {wrong[0]!r} is not {SNOMED.shape}")
            found[row["code"]].add(row["descendant"])
    return {code: frozenset(below) for code, below in found.items()}
