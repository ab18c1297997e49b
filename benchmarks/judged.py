"""Figures of models on the same simulated people: every way of scoring, paired, and calibration of each kind of person."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from features.progress import Progress
from models.dataset import SLICES, Dataset
from models.discrimination import Ranking
from models.intervals import Drawn, draw
from models.reliability import Reliability
from models.ways import OURS, TRUTH, Scored

Array = npt.NDArray[np.float64]
Figures = dict[str, Any]

#: Other models than ours, by the name of what they are compared for.
MANY, UNLIMITED, LEARNABLE = "ours of more people", "no limit to the trees", "learned from the true risk"
#: The share whose positive predictive value is told, and the fewest rows of a kind of person whose calibration is.
TOP, FEWEST = 0.02, 2_000
COMPARED = ("auroc", "ppv_2")
RELIABLE = ("slope", "intercept", "ici", "brier", "observed_expected")


def figures(data: Dataset, scored: dict[str, Scored], times: int, progress: Progress) -> Figures:
    """Of each way ``auroc`` and ``ppv_2`` with intervals, and their difference from ours, paired, each row for as many as it stands for; calibration of those that were
    calibrated, of ours by kind of person; on people whose true risk is known the two parts of the gap to it (``gap``)."""
    ranked = {name: Ranking(way.score, data.y) for name, way in scored.items()}
    reliable = {name: Reliability(way.probability, data.y) for name, way in scored.items()
                if way.probability is not None and name in (OURS, MANY, TRUTH)}  # fmt: skip

    def measure(weights: Array) -> dict[str, Array]:
        found: dict[str, Array] = {}
        for name, ranking in ranked.items():
            told = {**ranking.areas(weights), **ranking.top(weights, (TOP,))}
            found |= {f"{name}/{figure}": told[figure] for figure in COMPARED}
        for name, of in reliable.items():
            found |= {f"{name}/{figure}": value for figure, value in of.measures(weights).items() if figure in RELIABLE}
        return found

    drawn = draw(measure, data.person_id, times, progress=progress, weight=data.weight)
    return {
        "rows": len(data), "people": data.people, "events": data.events, "dates": data.dates,
        "ways": {name: {figure: drawn.estimate(f"{name}/{figure}").to_json() for figure in COMPARED} for name in scored},
        "less": {name: {figure: drawn.difference(f"{OURS}/{figure}", f"{name}/{figure}").to_json() for figure in COMPARED}
                 for name in scored if name != OURS},
        "calibration": {name: {figure: drawn.estimate(f"{name}/{figure}").to_json() for figure in RELIABLE} for name in reliable},
        "kinds": kinds(data, scored[OURS].probability),
        "gap": gap(drawn, set(scored)),
    }  # fmt: skip


def gap(drawn: Drawn, names: set[str]) -> Figures:
    """How far ours lies below the true risk: what no record ``shows``, and what was not ``learned`` though the record shows it."""
    if not {TRUTH, LEARNABLE} <= names:
        return {}
    between = {"whole": (TRUTH, OURS), "not shown": (TRUTH, LEARNABLE), "not learned": (LEARNABLE, OURS)}
    return {part: {figure: drawn.difference(f"{best}/{figure}", f"{less}/{figure}").to_json() for figure in COMPARED}
            for part, (best, less) in between.items()}  # fmt: skip


def kinds(data: Dataset, probability: Array | None) -> list[Figures]:
    """Calibration of each kind of person of :data:`FEWEST` rows or more, with events and people without one among them."""
    assert probability is not None
    found, weight = [], np.ones(len(data)) if data.weight is None else data.weight
    for by in SLICES:
        values = data.slices[by].astype("str").to_numpy()
        for level in np.unique(values):
            rows = np.flatnonzero(values == level)
            if len(rows) >= FEWEST and 0 < data.y[rows].sum() < len(rows):
                told = Reliability(probability[rows], data.y[rows]).measures(weight[None, rows])
                found.append({"by": by, "level": str(level), "rows": len(rows), "events": int(data.y[rows].sum()),
                              **{figure: float(told[figure][0]) for figure in ("slope", "ici", "observed_expected")}})  # fmt: skip
    return found
