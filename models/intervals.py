"""How sure a figure is: intervals by resampling people.

A person may have several rows, which are alike; so people are drawn, with all their rows, and not rows (the cluster
bootstrap: Davison and Hinkley 1997, §3.8). A measure is a function of row weights: all ones give the figure itself, and
each resample is a row of weights, so one pass of array arithmetic gives a figure's whole distribution, and two
measures on the same resamples can be compared pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.progress import SILENT, Progress

Array = npt.NDArray[np.float64]
#: Takes weights (b, n), gives figures (b,) by name.
Measure = Callable[[Array], Mapping[str, Array]]

TIMES, LEVEL, SEED = 200, 0.95, 20240402
#: Weights held at a time: bounds the memory whatever the number of people.
CELLS = 2_000_000


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95% interval; NaN where it has none (no events, say)."""

    value: float
    low: float
    high: float

    def to_json(self) -> dict[str, float | None]:
        return {key: float(value) if np.isfinite(value) else None for key, value in vars(self).items()}


@dataclass(frozen=True)
class Drawn:
    """Figures by name: themselves, and over the resamples (times,)."""

    point: Mapping[str, float]
    resampled: Mapping[str, Array]

    def __contains__(self, name: str) -> bool:
        return name in self.point

    def estimate(self, name: str) -> Estimate:
        return interval(self.point[name], self.resampled[name])

    def difference(self, name: str, other: str) -> Estimate:
        """``name`` less ``other``, on the same people in every resample."""
        return interval(self.point[name] - self.point[other], self.resampled[name] - self.resampled[other])

    def ratio(self, name: str, other: str) -> Estimate:
        with np.errstate(divide="ignore", invalid="ignore"):
            point = np.float64(self.point[name]) / self.point[other]
            return interval(float(point), self.resampled[name] / self.resampled[other])


def interval(value: float, resampled: Array) -> Estimate:
    """The middle 95% of the resampled figures; NaN where a tenth of them or more have none."""
    told = resampled[np.isfinite(resampled)]
    if not np.isfinite(value) or len(told) < 0.9 * len(resampled) or not len(told):
        return Estimate(float(value), np.nan, np.nan)
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(told, [tail, 1 - tail])
    return Estimate(float(value), float(low), float(high))


def draw(
    measure: Measure,
    person_id: npt.NDArray[np.int64],
    times: int = TIMES,
    seed: int = SEED,
    progress: Progress = SILENT,
    name: str = "intervals",
    weight: Array | None = None,
) -> Drawn:
    """The measure's figures and their distribution over ``times`` resamples of people. ``weight`` (n,): for how many rows each stands
    (itself and those like it whose outcome is not known; None: itself), in the figure and in every resample."""
    progress.stage(name, times)
    given = np.ones(len(person_id)) if weight is None else weight
    point = {key: float(value[0]) for key, value in measure(given[None, :]).items()}
    parts: dict[str, list[Array]] = {key: [] for key in point}
    for weights in resamples(person_id, times, seed):
        for key, value in measure(weights * given).items():
            parts[key].append(value)
        progress.advance(len(weights))
    return Drawn(point, {key: np.concatenate(value) if value else np.zeros(0) for key, value in parts.items()})


def resamples(person_id: npt.NDArray[np.int64], times: int, seed: int = SEED) -> Iterator[Array]:
    """Blocks of row weights (b, n), ``times`` rows in all: how often each row's person was drawn."""
    _, person = np.unique(person_id, return_inverse=True)
    people = int(person.max()) + 1 if len(person) else 0
    generator: Any = np.random.default_rng(seed)
    block = max(1, CELLS // max(1, len(person)))
    for start in range(0, times, block):
        b = min(block, times - start)
        drawn = np.stack([np.bincount(generator.integers(people, size=people), minlength=people) for _ in range(b)])
        yield drawn[:, person].astype(np.float64)
