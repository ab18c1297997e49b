"""How sure a person's probability is: from what to what the share of people of their score who have the event may lie.

The Venn-Abers pair (:mod:`models.venn_abers`) alone is far too narrow for that: it says by how much one person could move the curve,
not by how much chance has (on made-up risks with 30,000 calibration people it holds the true risk of 1 person in 10). So it is
widened by what chance leaves open. Risk rises with the score, so the share of events among the nearest people with a lower
score is no higher than one's own risk, but for chance; its lower Clopper-Pearson limit (1934) bounds the risk from below, and the upper
limit among the nearest with a higher score bounds it from above. Windows of several sizes are tried, each at 95%, and the best bound
is taken and then made to rise with the score, which widens it again by more than the choice took (on made-up risks that are flat, steep
or in steps it holds the true risk of 98 to 100 in 100 people). Rows of one person are not independent and rows may stand
for several, so counts are those of as many independent people.

It says nothing of what the record does not hold about this person: of all who look like this in the record, so many have the event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from models.venn_abers import VennAbers

Array = npt.NDArray[np.float64]

#: Share of people whose risk the interval holds.
LEVEL = 0.95
#: People in the smallest window, how much larger each next one is, and the share of all that the largest may hold.
SMALLEST, LARGER, LARGEST = 100, 3, 0.25
#: Scores at which the bounds are worked out, at most; and how many of them lie, ever closer, among the highest scores.
POINTS, HIGHEST = 600, 60
#: Groups of similar score in which coverage is measured, at most, and rows that each holds at least.
GROUPS, FEWEST_IN_GROUP = 20, 100
DIGITS = 5


@dataclass(frozen=True)
class PersonInterval:
    """Bounds ``low`` and ``high`` (m,) at the raw scores ``x`` (m,), all three rising: a score between two of ``x`` takes ``low`` of the
    one before and ``high`` of the one after, which holds since risk rises. ``people``: independent people that it rests on."""

    x: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    people: int
    level: float = LEVEL

    def bounds(self, raw: Array) -> tuple[Array, Array]:
        """Lowest and highest probability (n,) of raw scores (n,). Beyond the calibration people they are 0 and 1."""
        x, low, high = self._steps
        return low[x.searchsorted(raw, side="right")], high[x.searchsorted(raw, side="left")]

    def around(self, raw: Array, probability: Array) -> tuple[Array, Array]:
        """The bounds (n,) of raw scores, with the probabilities (n,) that are shown beside them within: a calibration curve may leave
        what the people near a score alone say."""
        low, high = self.bounds(raw)
        # Some models were released with a bound that rounding outwards had taken above 1.
        return np.minimum(low, probability), np.minimum(np.maximum(high, probability), 1.0)

    @cached_property
    def _steps(self) -> tuple[Array, Array, Array]:
        return np.array(self.x), np.r_[0.0, self.low], np.r_[self.high, 1.0]

    def to_json(self) -> dict[str, Any]:
        return {
            "x": list(self.x),
            "low": list(self.low),
            "high": list(self.high),
            "people": self.people,
            "level": self.level,
        }

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> PersonInterval:
        return cls(tuple(held["x"]), tuple(held["low"]), tuple(held["high"]), held["people"], held["level"])


def person_interval(
    raw: Array, y: Array, person_id: npt.NDArray[np.int64], weight: Array | None = None, level: float = LEVEL
) -> PersonInterval:
    """From the calibration rows: raw scores (n,), outcomes, whose they are, and for how many each stands (None: itself)."""
    given = np.ones_like(y, dtype=np.float64) if weight is None else weight
    order = np.argsort(raw, kind="stable")
    score, happened, given = raw[order], y[order], given[order]
    alike = (given.sum() ** 2 / (given**2).sum()) * len(np.unique(person_id)) / len(raw)
    people = np.r_[0.0, np.cumsum(given)] * alike / given.sum()
    events = np.r_[0.0, np.cumsum(given * happened)] * alike / given.sum()
    x = _points(score)
    tail = (1 - level) / 2
    upto, from_ = np.searchsorted(score, x, side="right"), np.searchsorted(score, x, side="left")
    below, above = np.zeros_like(x), np.ones_like(x)
    for size in _sizes(alike):
        first = np.searchsorted(people, people[upto] - size, side="left").clip(max=upto - 1)
        last = np.searchsorted(people, people[from_] + size, side="right").clip(min=from_ + 2) - 1
        below = np.maximum(below, _limits(events[upto] - events[first], people[upto] - people[first], tail)[0])
        above = np.minimum(above, _limits(events[last] - events[from_], people[last] - people[from_], tail)[1])
    low, high = VennAbers.of(raw, y, weight).pair(x)
    low, high = np.minimum(low, below), np.maximum(high, above)
    low = np.minimum.accumulate(low[::-1])[::-1]
    high = np.maximum.accumulate(high)
    outwards = 10.0**DIGITS
    return PersonInterval(
        tuple(x.tolist()),
        tuple((np.floor(low * outwards) / outwards).clip(min=0).tolist()),
        tuple((np.ceil(high * outwards) / outwards).clip(max=1).tolist()),
        int(alike),
        level,
    )


def coverage(
    low: Array, high: Array, y: Array, raw: Array, groups: int | None = None, weight: Array | None = None
) -> dict[str, Any]:
    """How the intervals (n,) of people who were not calibrated on fare: in groups of equal size by score, the share
    ``within`` whose observed frequency lies between the mean bounds; each group's row; and the mean and middle width. ``weight`` (n,):
    for how many rows each stands, None: itself."""
    groups = groups or max(1, min(GROUPS, len(raw) // FEWEST_IN_GROUP))
    parts = np.array_split(np.argsort(raw, kind="stable"), groups)

    def mean(of: Array, part: npt.NDArray[np.int64]) -> float:
        return float(np.average(of[part], weights=None if weight is None else weight[part]))

    rows = [
        {"rows": len(part), "low": mean(low, part), "observed": mean(y, part), "high": mean(high, part)}
        for part in parts
    ]  # fmt: skip
    within = sum(row["low"] <= row["observed"] <= row["high"] for row in rows)
    return {
        "within": within / len(rows),
        "groups": rows,
        "mean_width": mean(high - low, np.arange(len(raw))),
        "middle_width": float(np.median(high - low)),
    }


def _points(score: Array) -> Array:
    """Scores (sorted) at which the bounds are worked out: evenly by people, closer among the highest, which lists are drawn from."""
    n = len(score)
    evenly = np.linspace(0, n - 1, min(n, POINTS - HIGHEST))
    highest = n - np.geomspace(1, n, min(n, HIGHEST))
    return np.unique(score[np.r_[evenly, highest].astype(np.int64)])


def _sizes(people: float) -> list[float]:
    sizes = [float(min(SMALLEST, people))]
    while sizes[-1] * LARGER <= people * LARGEST:
        sizes.append(sizes[-1] * LARGER)
    return sizes


def _limits(events: Array, people: Array, tail: float) -> tuple[Array, Array]:
    """Clopper-Pearson limits of shares, each wrong with probability ``tail`` at most."""
    none = np.maximum(people - events, 0.0)
    low = np.where(events > 0, betaincinv(np.maximum(events, 1e-9), none + 1, tail), 0.0)
    return low, np.where(none > 0, betaincinv(events + 1, np.maximum(none, 1e-9), 1 - tail), 1.0)
