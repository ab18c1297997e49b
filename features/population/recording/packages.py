"""Packages of home care from the council as spans: hours a week from a day until they change or end."""

from __future__ import annotations

import numpy as np

from features.population.happening.history import stream
from features.population.happening.spans import Columns, ends, gather
from features.population.recording.desk import Desk
from features.population.recording.rows import Array

#: Share who are paid the money and arrange their care themselves, of working age and older.
DIRECT_YOUNG, DIRECT_OLD = 0.4, 0.12


def spans(desk: Desk, care: dict[str, Columns], went: Array) -> Columns:
    """``person``, ``day``, ``end``, ``hours`` (a week) and ``direct`` (paid as money) of every package, by person and day."""
    parts = [{k: care[kind][k] for k in ("person", "day", "hours")} for kind in ("package", "increase") if kind in care]
    if "package_end" in care:
        e = care["package_end"]
        parts.append({"person": e["person"], "day": e["day"], "hours": np.zeros(len(e["person"]), np.float32)})
    if not parts:
        nobody = np.empty(0, np.int32)
        return {
            "person": nobody,
            "day": nobody,
            "end": nobody,
            "hours": nobody.astype(np.float32),
            "direct": nobody > 0,
        }
    every = gather(parts)
    every["end"] = ends(every, went)
    held = np.flatnonzero(every["hours"] > 0)
    every = {name: column[held] for name, column in every.items()}
    young = every["day"] - desk.world.state.birth[every["person"]] < 65 * 365.25
    # One choice a person, however often the hours change.
    draw = stream(desk.world.seed, "direct payments").random(desk.world.people, dtype=np.float32)[every["person"]]
    return {**every, "direct": draw < np.where(young, DIRECT_YOUNG, DIRECT_OLD)}
