"""The code sets that outcomes name, read from the package's CSV files."""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources


@cache
def icd10_prefixes(name: str) -> tuple[str, ...]:
    """ICD-10 codes of the set ``name`` without their dot. A code stands for itself and everything beneath it."""
    text = (resources.files("features.codelists") / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(row["code"].replace(".", "") for row in csv.DictReader(text.splitlines()))
