"""Which feeds that could propose a category do not reach a practice's people: whoever is not proposed is then not known to be fit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from features import coverage
from risk.frailty_register.proposing import FEEDS, aged

#: In words, by table.
NAMES = {
    "assessment": "assessments (Clinical Frailty Scale, index)",
    "gp_event": "GP codes",
    "prescription": "medicines",
}
Practice = tuple[str, str]


def unreached(scores: pd.DataFrame) -> dict[Practice, dict[str, int]]:
    """By practice and table of :data:`FEEDS`: people of 65 and over whom the feed does not reach; tables that reach all of them are left out. ``scores``
    has ``practice_scheme``, ``practice``, ``age_band`` and ``feeds``."""
    old = scores[aged(scores)]
    found: dict[Practice, dict[str, int]] = {}
    for table in FEEDS:
        without = old[~coverage.has(old["feeds"], table)]
        for practice, people in Counter(zip(without["practice_scheme"], without["practice"], strict=True)).items():
            found.setdefault(practice, {})[table] = people
    return found


def told(practice: Mapping[str, Any]) -> dict[str, Any]:
    """Of a run's row of a practice: ``feeds`` by table and people whom each does not reach (None: that run did not keep it), and what it ``says`` (None: they
    reach everybody)."""
    held: dict[str, int] | None = (practice["details"] or {}).get("register_without")
    if held is None:
        return {
            "feeds": None,
            "says": "Whether every feed that can propose a category reached everybody was not kept by this run.",
        }
    if not held:
        return {"feeds": {}, "says": None}
    parts = "; ".join(f"{NAMES[table]}: not of {people:,}" for table, people in held.items())
    return {"feeds": held, "says": f"Feeds that could propose a category are missing of people of 65 and over ({parts}). "
            "Whoever is not proposed is not known to be fit."}  # fmt: skip
