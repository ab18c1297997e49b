"""Code sets as data, in the OpenCodelists shape: code, term, category, source and, where codes weigh, points.

The file's name ends in the system of its codes (``…_snomed.csv``, ``…_icd10.csv``, ``…_bnf.csv``). SNOMED CT, dm+d and other codes
stand for themselves; ICD-10, ICD-9-CM and BNF codes for themselves and everything beneath them, the longest listed code
that a code begins with deciding its category. An area may keep sets of its own in a folder (:mod:`features.codelists.place`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from features.codelists.codeset import HIERARCHICAL, CodeSet, plain
from features.codelists.place import area_folder, house_names, is_set, use, where
from features.codelists.reading import COLUMNS, faults_in, read
from features.errors import BadInput

__all__ = ["COLUMNS", "HIERARCHICAL", "CodeSet", "area_folder", "faults_in", "load", "names", "plain", "use"]


def load(name: str) -> CodeSet:
    """The code set ``name``, or one category of it as ``name:category``; :class:`BadInput` says what is wrong."""
    return _load(name, area_folder())


def names() -> list[str]:
    """Every code set there is."""
    return house_names()


@cache
def _load(name: str, area: Path | None) -> CodeSet:
    if ":" in name:
        whole, category = name.split(":", 1)
        return _load(whole, area).only(category)
    if not is_set(name):
        raise BadInput(f"expected a code set among {', '.join(names())}; found {name!r}")
    return read(name, where(name, area), area)
