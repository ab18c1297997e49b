"""What is wrong with the code sets, or unsure about them, all at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

from features.codelists import load, names
from features.codelists.codeset import HIERARCHICAL, CodeSet, plain
from features.codelists.place import area_folder, descendants
from features.codelists.reading import rows_of
from features.errors import BadInput

UNCHECKED = "not yet checked"
#: Sets that are lists of one thing each, so that a code in two of them is a mistake. Scores and indices share codes on purpose.
APART = ("measurements_snomed", "lifestyle_snomed", "reviews_snomed", "long_term_conditions_snomed", "frailty_snomed")


@dataclass(frozen=True)
class Found:
    """``faults``: sets that cannot be used. ``replaced``: sets of the area's own. ``nested``: a code beneath another of its set in
    another category (the longer decides). ``shared``: codes in two sets of :data:`APART`. ``unchecked``: codes whose meaning nobody
    has confirmed. ``descendants``: the file of SNOMED CT descendants in use."""

    sets: int
    codes: int
    faults: list[str]
    replaced: list[str]
    nested: list[str]
    shared: list[str]
    unchecked: list[str]
    descendants: str | None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def check_all() -> Found:
    """Every set read and looked at, the area's own where it has them."""
    from features.codelists.place import where

    area = area_folder()
    held: dict[str, CodeSet] = {}
    faults, unchecked = [], []
    for name in names():
        try:
            held[name] = load(name)
        except BadInput as error:
            faults.append(str(error))
            continue
        unchecked += [f"{name}: {row['code']} {row['term']}" for row in rows_of(where(name, area)) if UNCHECKED in row["source"]]  # fmt: skip
    shared = [
        f"{code} in {one} and {other}"
        for one, other in combinations([name for name in APART if name in held], 2)
        for code in sorted(set(held[one].codes) & set(held[other].codes))
    ]
    below = descendants(area)
    return Found(
        sets=len(held), codes=sum(len(each.codes) for each in held.values()), faults=faults,
        replaced=[f"{name} from {each.origin}" for name, each in held.items() if each.origin],
        nested=[line for each in held.values() for line in nested(each)], shared=shared, unchecked=unchecked,
        descendants=None if below is None else str(below),
    )  # fmt: skip


def nested(held: CodeSet) -> list[str]:
    """Codes beneath another of the set that is in another category, a phrase each."""
    if held.system.name not in HIERARCHICAL:
        return []
    by_code = {plain(code): code for code in held.codes}
    found = []
    for bare, code in by_code.items():
        above = next((by_code[bare[:n]] for n in range(len(bare) - 1, 0, -1) if bare[:n] in by_code), None)
        if above is not None and held.categories[above] != held.categories[code]:
            found.append(f"{held.name}: {code} is {held.categories[code]}, {above} above it {held.categories[above]}")
    return found
