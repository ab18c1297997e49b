"""How the model serves each kind of person: the same figures by age band, sex, deprivation, ethnicity, practice, care home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.dataset import SLICES
from models.discrimination import Ranking
from models.intervals import Drawn

Array = npt.NDArray[np.float64]

#: Fewest people, events and people without an event that a slice's figures may rest on: a smaller one is shown as too few.
FEWEST = 10
FIGURES = ("auroc", "observed_expected", "ppv", "sensitivity", "share_of_list", "share_of_events")


class Slices:
    """The slices of a set of rows that are large enough, each with its own ranking."""

    def __init__(self, frame: pd.DataFrame, score: Array, probability: Array, y: Array) -> None:
        self._y, self._p = y, probability
        self.rows: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
        self.too_few: list[tuple[str, str]] = []
        for by in SLICES:
            values = frame[by].astype("str")
            for level in sorted(values.unique()):
                rows = np.flatnonzero((values == level).to_numpy())
                events = y[rows].sum()
                if min(events, len(rows) - events) < FEWEST:
                    self.too_few.append((by, level))
                else:
                    self.rows[by, level] = rows
        self._ranked = {key: Ranking(score[rows], y[rows]) for key, rows in self.rows.items()}
        self._member = np.zeros((len(y), len(self.rows)))
        for column, rows in enumerate(self.rows.values()):
            self._member[rows, column] = 1.0

    def measures(self, weights: Array, taken: Array) -> dict[str, Array]:
        """Figures named ``slice/<by>/<level>/<figure>`` for each row of weights (b, n); ``taken`` (b, n) is what the lists hold."""
        people_events = weights @ (self._member * self._y[:, None])
        expected = weights @ (self._member * self._p[:, None])
        listed = taken @ self._member
        hits = taken @ (self._member * self._y[:, None])
        found: dict[str, Array] = {}
        with np.errstate(divide="ignore", invalid="ignore"):
            by_figure = {
                "observed_expected": people_events / expected,
                "ppv": hits / listed,
                "sensitivity": hits / people_events,
                "share_of_list": listed / taken.sum(axis=1, keepdims=True),
                "share_of_events": people_events / (weights @ self._y)[:, None],
            }
        for column, (by, level) in enumerate(self.rows):
            key = f"slice/{by}/{level}"
            found[f"{key}/auroc"] = self._ranked[by, level].auroc(weights[:, self.rows[by, level]])
            found.update({f"{key}/{figure}": values[:, column] for figure, values in by_figure.items()})
        return found

    def table(self, drawn: Drawn) -> list[dict[str, Any]]:
        """One row a slice: how many people's rows and events, and each figure with its interval; small ones without figures."""
        rows: list[dict[str, Any]] = []
        for (by, level), held in self.rows.items():
            figures: Mapping[str, Any] = {
                figure: drawn.estimate(f"slice/{by}/{level}/{figure}").to_json() for figure in FIGURES
            }
            rows.append({"by": by, "level": level, "rows": len(held), "events": int(self._y[held].sum()), **figures})
        rows += [{"by": by, "level": level, "too_few": True} for by, level in self.too_few]
        return sorted(rows, key=lambda row: (SLICES.index(row["by"]), row["level"]))
