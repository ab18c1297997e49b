"""Ways of scoring set beside each other on the same people and the same resamples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from features.progress import SILENT, Progress
from models.dataset import Dataset
from models.discrimination import Ranking
from models.intervals import SEED, TIMES, draw
from models.listing import Lists, competing, yield_of
from models.reliability import Reliability
from models.ways import Scored

Array = npt.NDArray[np.float64]

#: Figures of a comparison; those of probabilities are there for ways that give one.
FIGURES = ("auroc", "auprc", "ppv_2", "sensitivity_2", "list/ppv", "brier", "slope", "intercept", "ici", "observed_expected")  # fmt: skip


class Ways:
    """Measures of each way of scoring on the same rows and resamples."""

    def __init__(self, data: Dataset, scored: Mapping[str, Scored]) -> None:
        y = data.y
        groups = competing(data.slices["practice"], data.index_date)
        self.data, self.scored = data, scored
        self.ranked = {name: Ranking(way.score, y) for name, way in scored.items()}
        self.lists = {name: Lists(way.score, groups) for name, way in scored.items()}
        self.reliable = {
            name: Reliability(way.probability, y) for name, way in scored.items() if way.probability is not None
        }
        self._new = ~data.slices["prior_emergency"].to_numpy(bool)

    def measure(self, weights: Array) -> dict[str, Array]:
        """Figures named ``<way>/<figure>`` for each row of weights (b, n)."""
        found: dict[str, Array] = {}
        for name in self.scored:
            found |= self.of(name, weights, self.lists[name].taken(weights))
        return found

    def of(self, name: str, weights: Array, taken: Array) -> dict[str, Array]:
        """The figures of one way, whose lists hold ``taken`` (b, n)."""
        figures = {**self.ranked[name].areas(weights), **self.ranked[name].top(weights)}
        figures |= {f"list/{key}": value for key, value in yield_of(taken, weights, self.data.y, self._new).items()}
        if name in self.reliable:
            figures |= self.reliable[name].measures(weights)
        return {f"{name}/{key}": value for key, value in figures.items()}

    def taken(self, name: str) -> Array:
        """What the lists of a way hold (n,)."""
        held: Array = self.lists[name].taken(np.ones((1, len(self.data))))[0]
        return held

    def counts(self, name: str) -> dict[str, int]:
        """Rows that the lists of a way hold: ``listed``, ``found`` (with the event), the same of people with no earlier admission, and
        ``new_events``, the events of those whether listed or not."""
        listed, happened = self.taken(name) > 0, self.data.y > 0
        return {
            "listed": int(listed.sum()),
            "found": int((listed & happened).sum()),
            "new_listed": int((listed & self._new).sum()),
            "new_found": int((listed & happened & self._new).sum()),
            "new_events": int((happened & self._new).sum()),
        }


def compare(
    data: Dataset,
    scored: Mapping[str, Scored],
    reference: str,
    times: int = TIMES,
    seed: int = SEED,
    progress: Progress = SILENT,
    name: str = "comparison",
) -> list[dict[str, Any]]:
    """One row a way of scoring: ``way``, ``says``, its figures with intervals, ``overlap`` (share of the list that ``reference``
    draws which this way lists too) and ``less_reference`` (its figures less the reference's, on the same resamples)."""
    held = Ways(data, scored)
    drawn = draw(held.measure, data.person_id, times, seed, progress, name, data.weight)
    listed = {way: held.taken(way) > 0 for way in scored}
    rows = []
    for way, one in scored.items():
        own = [figure for figure in FIGURES if f"{way}/{figure}" in drawn]
        both = [figure for figure in own if f"{reference}/{figure}" in drawn]
        rows.append({
            "way": way,
            "says": one.says,
            **{figure: drawn.estimate(f"{way}/{figure}").to_json() for figure in own},
            "overlap": float((listed[way] & listed[reference]).sum() / listed[reference].sum()),
            "less_reference": None if way == reference else {
                figure: drawn.difference(f"{way}/{figure}", f"{reference}/{figure}").to_json() for figure in both
            },
        })  # fmt: skip
    return rows
