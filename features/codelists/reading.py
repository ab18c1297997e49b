"""Reading a code set's file, saying line by line what is wrong with it."""

from __future__ import annotations

import csv
from importlib.resources.abc import Traversable
from pathlib import Path

from features.codelists import place
from features.codelists.codeset import CodeSet
from features.codelists.descendants import with_descendants
from features.coding import SYSTEMS, CodingSystem
from features.errors import BadInput

COLUMNS = ["code", "term", "category", "source"]
POINTS = "points"
Row = dict[str, str]


def read(name: str, path: Traversable | Path, area: Path | None) -> CodeSet:
    """The set of that name as ``path`` holds it; :class:`BadInput` with every fault. A set in the place of the house's own has its
    columns and its categories, no more and no fewer: predictors are declared by them."""
    system = SYSTEMS[name.rsplit("_", 1)[-1]]
    rows = rows_of(path)
    faults = faults_in(system, rows)
    own = isinstance(path, Path) and area is not None and path.parent == area
    if own and not faults:
        faults = _misfits(rows, rows_of(place.house(name)))
    if faults:
        raise BadInput(f"code set {name}" + (f" in {area}" if own else "") + ": " + "; ".join(faults))
    held = CodeSet(
        name,
        system,
        {row["code"]: row["term"] for row in rows},
        {row["code"]: row["category"] for row in rows},
        {row["category"]: float(row.get(POINTS) or 1) for row in rows},
        tuple(sorted({row["source"] for row in rows})),
        weighed=POINTS in rows[0],
        origin=str(area) if own else "",
    )
    below = place.descendants(area) if system.name == "snomed" else None
    return held if below is None else with_descendants(held, below)


def rows_of(path: Traversable | Path) -> list[Row]:
    """Rows of a CSV file, its header's names for keys; a byte-order mark is no part of it."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").removeprefix("\ufeff").splitlines()))


def faults_in(system: CodingSystem, rows: list[Row]) -> list[str]:
    """What is wrong with the rows of a code set's file, a phrase each."""
    if not rows or list(rows[0]) not in (COLUMNS, [*COLUMNS, POINTS]):
        return [f"expected the columns {','.join(COLUMNS)}, then points if codes weigh, and one row or more"]
    faults = [f"line {line}: {row['code']!r} is not {system.shape}"
              for line, row in enumerate(rows, 2) if not system.well_formed(row["code"])]  # fmt: skip
    seen: set[str] = set()
    weights: dict[str, float | None] = {}
    for line, row in enumerate(rows, 2):
        if row["code"] in seen:
            faults.append(f"line {line}: {row['code']} is given twice")
        seen.add(row["code"])
        if not row["term"] or not row["category"] or not row["source"]:
            faults.append(f"line {line}: {row['code']} lacks a term, a category or a source")
        if POINTS in row:
            weight = _number(row[POINTS])
            if weight is None:
                faults.append(f"line {line}: expected points as a number, found {row[POINTS]!r}")
            elif weights.setdefault(row["category"], weight) != weight:
                faults.append(f"line {line}: category {row['category']} has other points above")
    return faults


def _misfits(rows: list[Row], house: list[Row]) -> list[str]:
    """Why a set cannot stand in the place of the house's own."""
    if list(rows[0]) != list(house[0]):
        return [f"expected the columns {','.join(house[0])} of the set that it replaces, found {','.join(rows[0])}"]
    has, wanted = ({row["category"] for row in held} for held in (rows, house))
    faults = []
    if wanted - has:
        faults.append(f"category {', '.join(sorted(wanted - has))}: no code is given for it")
    if has - wanted:
        faults.append(f"category {', '.join(sorted(has - wanted))}: the set that it replaces has none of that name")
    return faults


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None
