"""Every figure of a model on people it has never seen, with intervals, beside the baselines on the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import Refused
from features.progress import SILENT, Progress
from models.dataset import Dataset
from models.discrimination import SHARES, Ranking, per_cent
from models.intervals import SEED, TIMES, Drawn, draw
from models.listing import SHARE, Lists, competing, net_benefit, yield_of
from models.reliability import Reliability
from models.slices import Slices

Array = npt.NDArray[np.float64]

OURS, TRUTH = "ours", "truth"
#: Probabilities at which net benefit is shown: from "do something small" to "do something costly".
THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
#: Figures in which ours is compared with a baseline, and (as a share) with the best possible.
COMPARED = ("auroc", "auprc", "ppv_2", "sensitivity_2", "list/ppv")


@dataclass(frozen=True)
class Scored:
    """A way of scoring the test rows: ``score`` ranks (n,); ``probability`` (n,) where it gives one; ``says`` what it is."""

    score: Array
    says: str
    probability: Array | None = None


@dataclass
class Judge:
    """Measures of each way of scoring on the same rows and resamples. ``scored`` holds ours under :data:`OURS`."""

    data: Dataset
    scored: Mapping[str, Scored]
    _ranked: dict[str, Ranking] = field(init=False)
    _lists: dict[str, Lists] = field(init=False)
    _reliable: dict[str, Reliability] = field(init=False)
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
        groups = competing(self.data.slices["practice"], self.data.index_date)
        self._ranked = {name: Ranking(way.score, y) for name, way in self.scored.items()}
        self._lists = {name: Lists(way.score, groups) for name, way in self.scored.items()}
        self._reliable = {
            name: Reliability(way.probability, y) for name, way in self.scored.items() if way.probability is not None
        }
        self.slices = Slices(self.data.slices, ours.score, ours.probability, y)
        self._new = ~self.data.slices["prior_emergency"].to_numpy(bool)

    @property
    def ours(self) -> tuple[Ranking, Reliability]:
        return self._ranked[OURS], self._reliable[OURS]

    def measure(self, weights: Array) -> dict[str, Array]:
        """Figures named ``<way>/<figure>`` for each row of weights (b, n)."""
        found: dict[str, Array] = {}
        y = self.data.y
        for name in self.scored:
            figures = {**self._ranked[name].areas(weights), **self._ranked[name].top(weights)}
            taken = self._lists[name].taken(weights)
            figures |= {f"list/{key}": value for key, value in yield_of(taken, weights, y, self._new).items()}
            if name in self._reliable:
                figures |= self._reliable[name].measures(weights)
            found |= {f"{name}/{key}": value for key, value in figures.items()}
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


def judge(
    data: Dataset,
    scored: Mapping[str, Scored],
    times: int = TIMES,
    seed: int = SEED,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Everything that a report tells of performance on the test rows, ready for JSON.

    ``performance`` by way of scoring; ``differences`` (ours less a baseline) and ``of_best`` (ours as a share of what the true
    risk gets), paired on the same resamples; ``calibration``, ``curves``, ``net_benefit`` and ``slices`` of ours; ``prior`` is what people called new have not had.
    :class:`~features.errors.Refused` where the test rows hold no event, or nothing else.
    """
    held = Judge(data, scored)
    drawn = draw(held.measure, data.person_id, times, seed, progress, "intervals")
    ranking, reliability = held.ours
    others = [name for name in scored if name not in (OURS, TRUTH)]
    return {
        "test": {"rows": len(data), "people": data.people, "events": data.events, "dates": data.dates,
                 "risk": float(data.y.mean())},
        "resamples": times,
        "prior": str(data.about.get("prior", "emergency admission")),
        "performance": {name: _performance(drawn, name, way) for name, way in scored.items()},
        "differences": {
            name: {figure: drawn.difference(f"{OURS}/{figure}", f"{name}/{figure}").to_json() for figure in COMPARED}
            for name in others
        },
        "of_best": {
            figure: drawn.ratio(f"{OURS}/{figure}", f"{TRUTH}/{figure}").to_json()
            for figure in COMPARED
            if TRUTH in scored
        },
        "calibration": {"tenths": reliability.tenths(), "smoothed": _smoothed(reliability)},
        "curves": _thinned(ranking),
        "net_benefit": [
            {"threshold": at, **{who: drawn.estimate(f"net_benefit/{at:g}/{who}").to_json() for who in ("model", "everybody")}}
            for at in THRESHOLDS
        ],
        "slices": held.slices.table(drawn),
    }  # fmt: skip


def _performance(drawn: Drawn, name: str, way: Scored) -> dict[str, Any]:
    def told(figure: str) -> dict[str, float | None]:
        return drawn.estimate(f"{name}/{figure}").to_json()

    of_list = [key.removeprefix(f"{name}/list/") for key in drawn.point if key.startswith(f"{name}/list/")]
    reliable = ("brier", "slope", "intercept", "ici", "observed_expected")
    return {
        "says": way.says,
        "auroc": told("auroc"),
        "auprc": told("auprc"),
        **{figure: told(figure) for figure in reliable if f"{name}/{figure}" in drawn},
        "top": [
            {
                "share": share,
                **{f: told(f"{f}_{per_cent(share)}") for f in ("ppv", "sensitivity", "lift", "listed_per_event")},
            }
            for share in SHARES
        ],
        "per_practice": {"share": SHARE, **{figure: told(f"list/{figure}") for figure in of_list}},
    }


def _smoothed(reliability: Reliability) -> list[dict[str, float]]:
    low, high = np.quantile(reliability.p, [0.005, 0.995])
    at = np.linspace(low, high, 41)
    return [
        {"given": float(x), "observed": float(value)} for x, value in zip(at, reliability.smoothed(at), strict=True)
    ]


def _thinned(ranking: Ranking, points: int = 120) -> dict[str, list[float]]:
    curves = ranking.curves()
    many = len(curves["recall"])
    keep = np.unique(np.r_[np.linspace(0, many - 1, points).astype(int), np.geomspace(1, many, points).astype(int) - 1])
    return {name: [round(float(v), 5) for v in values[keep]] for name, values in curves.items()}
