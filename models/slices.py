"""How the model serves each kind of person: the same figures by age band, sex, deprivation, ethnicity, practice, care home."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.dataset import SLICES
from models.discrimination import Ranking
from models.intervals import Drawn, interval
from models.reliability import Reliability

Array = npt.NDArray[np.float64]

#: Fewest people, events and people without an event that a slice's figures may rest on: a smaller one is shown as too few.
FEWEST = 10
FIGURES = ("auroc", "observed_expected", "listed_share", "ppv", "sensitivity", "share_of_list", "share_of_events")
#: Figures of calibration, for slices of so many rows or more; and the groups that their curves are fitted to.
CURVED, ENOUGH, GROUPS = ("slope", "ici"), 500, 100
#: What two kinds of person are compared in, and the figures that make up the comparison.
GAPS = ("listed_share", "sensitivity", "ppv", "observed_expected")
#: Kinds whose levels are compared with each other; practices are too many for a lowest and a highest to mean much.
COMPARED = tuple(by for by in SLICES if by != "practice")
NOT_RECORDED = "not recorded"


class Slices:
    """The slices of a set of rows that are large enough, each with its own ranking."""

    def __init__(
        self, frame: pd.DataFrame, score: Array, probability: Array, y: Array, person_id: npt.NDArray[np.int64]
    ) -> None:
        self._y, self._p, self._person = y, probability, person_id
        self.rows: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
        self.too_few: dict[tuple[str, str], npt.NDArray[np.int64]] = {}
        for by in SLICES:
            values = frame[by].astype("str")
            for level in sorted(values.unique()):
                rows = np.flatnonzero((values == level).to_numpy())
                events = y[rows].sum()
                few = min(events, len(rows) - events) < FEWEST
                (self.too_few if few else self.rows)[by, level] = rows
        self._ranked = {key: Ranking(score[rows], y[rows]) for key, rows in self.rows.items()}
        self._curved = {
            key: Reliability(probability[rows], y[rows], GROUPS)
            for key, rows in self.rows.items()
            if len(rows) >= ENOUGH
        }
        self._member = np.zeros((len(y), len(self.rows)))
        for column, rows in enumerate(self.rows.values()):
            self._member[rows, column] = 1.0

    def measures(self, weights: Array, taken: Array) -> dict[str, Array]:
        """Figures named ``slice/<by>/<level>/<figure>`` for each row of weights (b, n); ``taken`` (b, n) is what the lists hold."""
        people = weights @ self._member
        people_events = weights @ (self._member * self._y[:, None])
        expected = weights @ (self._member * self._p[:, None])
        listed = taken @ self._member
        hits = taken @ (self._member * self._y[:, None])
        found: dict[str, Array] = {}
        with np.errstate(divide="ignore", invalid="ignore"):
            by_figure = {
                "observed_expected": people_events / expected,
                "listed_share": listed / people,
                "ppv": hits / listed,
                "sensitivity": hits / people_events,
                "share_of_list": listed / taken.sum(axis=1, keepdims=True),
                "share_of_events": people_events / (weights @ self._y)[:, None],
            }
        for column, (by, level) in enumerate(self.rows):
            key, own = f"slice/{by}/{level}", weights[:, self.rows[by, level]]
            found[f"{key}/auroc"] = self._ranked[by, level].auroc(own)
            found.update({f"{key}/{figure}": values[:, column] for figure, values in by_figure.items()})
            if (by, level) in self._curved:
                told = self._curved[by, level].measures(own)
                found.update({f"{key}/{figure}": told[figure] for figure in CURVED})
        return found

    def table(self, drawn: Drawn, taken: Array) -> list[dict[str, Any]]:
        """One row a slice: counts of rows, and each figure with its interval; small ones without figures (``too_few``).

        ``events``, ``listed`` and ``found`` (of the listed, those with the event) are rows; ``taken`` (n,) is what the lists hold.
        ``fewest`` is the smallest number of different people with and without the event among everybody, and
        ``fewest_listed`` the same with the listed and the others apart. ``least_listed`` is the lowest probability listed.
        """
        rows: list[dict[str, Any]] = []
        for (by, level), held in {**self.rows, **self.too_few}.items():
            row = {"by": by, "level": level, **self._counted(held, taken[held] > 0)}
            if (by, level) in self.too_few:
                rows.append({**row, "too_few": True})
                continue
            key = f"slice/{by}/{level}"
            told = [figure for figure in (*FIGURES, *CURVED) if f"{key}/{figure}" in drawn]
            rows.append({**row, **{figure: drawn.estimate(f"{key}/{figure}").to_json() for figure in told}})
        return sorted(rows, key=lambda row: (SLICES.index(row["by"]), row["level"]))

    def _counted(self, held: npt.NDArray[np.int64], listed: npt.NDArray[np.bool_]) -> dict[str, Any]:
        happened, person = self._y[held] > 0, self._person[held]

        def fewest(cells: list[npt.NDArray[np.bool_]]) -> int:
            return min(len(np.unique(person[cell])) for cell in cells)

        return {
            "rows": len(held),
            "events": int(happened.sum()),
            "listed": int(listed.sum()),
            "found": int((listed & happened).sum()),
            "fewest": fewest([happened, ~happened]),
            "fewest_listed": fewest([listed & happened, listed & ~happened, ~listed & happened, ~listed & ~happened]),
            "least_listed": float(self._p[held][listed].min()) if listed.any() else None,
        }

    def gaps(self, drawn: Drawn) -> list[dict[str, Any]]:
        """How far apart the levels of each kind are: the highest figure less the lowest and the lowest as a share of the highest,
        with intervals, and which they are. Levels that are too few, and those not recorded, are not compared."""
        rows = []
        for by in COMPARED:
            levels = [level for kind, level in self.rows if kind == by and level != NOT_RECORDED]
            for figure in GAPS if len(levels) > 1 else ():
                keys = [f"slice/{by}/{level}/{figure}" for level in levels]
                point = np.array([drawn.point[key] for key in keys])
                spread = np.stack([drawn.resampled[key] for key in keys])
                if not np.isfinite(point).all():
                    continue
                low, high = int(point.argmin()), int(point.argmax())
                with np.errstate(divide="ignore", invalid="ignore"):
                    share = interval(float(point[low] / point[high]), spread[low] / spread[high])
                difference = interval(float(point[high] - point[low]), spread[high] - spread[low])
                rows.append({"by": by, "figure": figure, "lowest": levels[low], "highest": levels[high],
                             "difference": difference.to_json(), "ratio": share.to_json()})  # fmt: skip
        return rows
