"""Every figure of a model on people it has never seen, with intervals, beside the baselines on the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused
from features.progress import SILENT, Progress
from models.compared import Ways
from models.dataset import Dataset
from models.discrimination import SHARES, Ranking, per_cent
from models.intervals import SEED, TIMES, Drawn, draw
from models.listing import SHARE, net_benefit
from models.reliability import Reliability
from models.slices import Slices
from models.ways import OURS, TRUTH, Scored

__all__ = ["OURS", "TRUTH", "Judge", "Scored", "judge"]

Array = npt.NDArray[np.float64]

#: Probabilities at which net benefit is shown: from "do something small" to "do something costly".
THRESHOLDS = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
#: Figures in which ours is compared with a baseline, and (as a share) with the best possible.
COMPARED = ("auroc", "auprc", "ppv_2", "sensitivity_2", "list/ppv", "brier")
BEST = tuple(figure for figure in COMPARED if figure != "brier")


@dataclass
class Judge:
    """Measures of each way of scoring on the same rows and resamples. ``scored`` holds ours under :data:`OURS`."""

    data: Dataset
    scored: Mapping[str, Scored]
    ways: Ways = field(init=False)
    slices: Slices = field(init=False)

    def __post_init__(self) -> None:
        ours = self.scored[OURS]
        if ours.probability is None:
            raise ValueError("our model gives probabilities")
        y = self.data.y
        if not 0 < y.sum() < len(y):
            raise Refused(
                f"expected test rows with and without the outcome, found {int(y.sum())} events in {len(y)} rows; "
                "take more people or other dates"
            )
        self.ways = Ways(self.data, self.scored)
        self.slices = Slices(self.data.slices, ours.score, ours.probability, y, self.data.person_id)

    @property
    def ours(self) -> tuple[Ranking, Reliability]:
        return self.ways.ranked[OURS], self.ways.reliable[OURS]

    def measure(self, weights: Array) -> dict[str, Array]:
        """Figures named ``<way>/<figure>`` for each row of weights (b, n); of ours those of slices and of net benefit too."""
        found: dict[str, Array] = {}
        for name in self.scored:
            taken = self.ways.lists[name].taken(weights)
            found |= self.ways.of(name, weights, taken)
            if name == OURS:
                found |= self.slices.measures(weights, taken)
                found |= self._benefit(weights)
        return found

    def _benefit(self, weights: Array) -> dict[str, Array]:
        probability = self.scored[OURS].probability
        assert probability is not None
        return {
            f"net_benefit/{at:g}/{who}": value
            for at in THRESHOLDS
            for who, value in net_benefit(probability, self.data.y, weights, at).items()
        }

    def benefit(self, drawn: Drawn) -> list[dict[str, Any]]:
        """Net benefit at each threshold, with how many rows reach it and how many of those had the event."""
        probability = self.scored[OURS].probability
        assert probability is not None
        rows = []
        for at in THRESHOLDS:
            acted = probability >= at
            told = {who: drawn.estimate(f"net_benefit/{at:g}/{who}").to_json() for who in ("model", "everybody")}
            rows.append({"threshold": at, "acted": int(acted.sum()), "found": int(self.data.y[acted].sum()), **told})
        return rows


def judge(
    data: Dataset,
    scored: Mapping[str, Scored],
    times: int = TIMES,
    seed: int = SEED,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Everything that a report tells of performance on the test rows, ready for JSON. Figures count each row for as many as it stands
    for (:attr:`~models.dataset.Dataset.weight`); counts, and the points of charts, are of the rows there are.

    ``performance`` by way of scoring; ``differences`` (ours less a baseline) and ``of_best`` (ours as a share of what the true
    risk gets), paired on the same resamples; ``calibration``, ``net_benefit`` and ``slices`` of ours, ``gaps`` between slices,
    ``curves`` of each way; ``prior`` is what people called new have not had.
    :class:`~features.errors.Refused` where the test rows hold no event, or nothing else.
    """
    held = Judge(data, scored)
    drawn = draw(held.measure, data.person_id, times, seed, progress, "intervals", data.weight)
    _, reliability = held.ours
    others = [name for name in scored if name not in (OURS, TRUTH)]
    return {
        "test": {"rows": len(data), "people": data.people, "events": data.events, "dates": data.dates,
                 "risk": float(np.average(data.y, weights=data.weight)), "fewest": _fewest(data)},
        "resamples": times,
        "prior": str(data.about.get("prior", "emergency admission")),
        "performance": {name: _performance(drawn, name, way, held) for name, way in scored.items()},
        "differences": {
            name: {
                figure: drawn.difference(f"{OURS}/{figure}", f"{name}/{figure}").to_json()
                for figure in COMPARED
                if f"{name}/{figure}" in drawn
            }
            for name in others
        },
        "of_best": {
            figure: drawn.ratio(f"{OURS}/{figure}", f"{TRUTH}/{figure}").to_json()
            for figure in BEST
            if TRUTH in scored
        },
        "calibration": {"tenths": reliability.tenths(), "smoothed": _smoothed(reliability)},
        "curves": {name: _thinned(ranked) for name, ranked in held.ways.ranked.items()},
        "net_benefit": held.benefit(drawn),
        "slices": held.slices.table(drawn, held.ways.taken(OURS)),
        "gaps": held.slices.gaps(drawn),
    }  # fmt: skip


def _fewest(data: Dataset) -> int:
    """Different people with the event, or without it: whichever are fewer."""
    return min(len(np.unique(data.person_id[data.y == told])) for told in (0, 1))


def _performance(drawn: Drawn, name: str, way: Scored, held: Judge) -> dict[str, Any]:
    def told(figure: str) -> dict[str, float | None]:
        return drawn.estimate(f"{name}/{figure}").to_json()

    of_list = [key.removeprefix(f"{name}/list/") for key in drawn.point if key.startswith(f"{name}/list/")]
    reliable = ("brier", "slope", "intercept", "ici", "observed_expected")
    top, rows = [], held.ways.ranked[name].top(np.ones((1, len(held.data))))
    for share in SHARES:
        figures = {f: told(f"{f}_{per_cent(share)}") for f in ("ppv", "sensitivity", "lift", "listed_per_event")}
        listed = int(np.ceil(round(share * len(held.data), 9)))
        top.append(
            {"share": share, "listed": listed, "found": round(rows[f"ppv_{per_cent(share)}"][0] * listed), **figures}
        )
    return {
        "says": way.says,
        "auroc": told("auroc"),
        "auprc": told("auprc"),
        **{figure: told(figure) for figure in reliable if f"{name}/{figure}" in drawn},
        "top": top,
        "per_practice": {
            "share": SHARE,
            **held.ways.counts(name),
            **{figure: told(f"list/{figure}") for figure in of_list},
        },
    }


def _smoothed(reliability: Reliability) -> list[dict[str, float]]:
    low, high = np.quantile(reliability.p, [0.005, 0.995])
    at = np.linspace(low, high, 41)
    return [
        {"given": float(x), "observed": float(value)} for x, value in zip(at, reliability.smoothed(at), strict=True)
    ]


def _thinned(ranking: Ranking, points: int = 100) -> dict[str, list[float]]:
    curves = ranking.curves()
    many = len(curves["recall"])
    keep = np.unique(np.r_[np.linspace(0, many - 1, points).astype(int), np.geomspace(1, many, points).astype(int) - 1])
    return {name: [round(float(v), 5) for v in values[keep]] for name, values in curves.items()}
