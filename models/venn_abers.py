"""Venn-Abers prediction: two probabilities for each score, of which one is right on average whatever the scores are worth.

A person is added to the calibration people twice, once as if they had the event and once as if they had not, and the rising
curve that fits best (isotonic regression) is drawn each time; what it gives them is the pair. One of the two is perfectly
calibrated under no assumption but that people are alike (Vovk, Petej and Fedorova 2015, "Large-scale probabilistic predictors with and
without guarantees of validity", whose inductive form and precomputation this is).

Isotonic regression is the lower convex hull of the points (people so far, events so far), in order of score; adding somebody moves
all the points after them. So hulls of all beginnings and of all ends are kept as chains, and one bridge between two of them is found for
each score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class VennAbers:
    """``at`` (k,): the different raw scores of the calibration people, rising; ``without`` and ``with_event`` (k,): what somebody of
    that score is given when counted as not having had the event, and as having had it."""

    at: Array
    without: Array
    with_event: Array

    @classmethod
    def of(cls, raw: Array, y: Array, weight: Array | None = None) -> VennAbers:
        """From raw scores (n,), outcomes of 0 or 1, and for how many people each stands (None: one)."""
        given = np.ones_like(y, dtype=np.float64) if weight is None else weight
        at, which = np.unique(raw, return_inverse=True)
        people = np.r_[0.0, np.cumsum(np.bincount(which, given))]
        events = np.r_[0.0, np.cumsum(np.bincount(which, given * y))]
        beginnings, ends = _chain(people, events, 1), _chain(people, events, -1)
        pair = [_bridges(people, events, beginnings, ends, label) for label in (0.0, 1.0)]
        return cls(at, *pair)

    def pair(self, raw: Array) -> tuple[Array, Array]:
        """The pair (p0, p1) of raw scores (n,), p0 below p1. Below all the calibration people p0 is 0, above all of them p1 is 1."""
        given = np.asarray(raw, np.float64)
        low = np.r_[0.0, self.without][np.searchsorted(self.at, given, side="right")]
        return low, np.r_[self.with_event, 1.0][np.searchsorted(self.at, given, side="left")]


def merged(low: Array, high: Array) -> Array:
    """The one probability that does best against the worse of the pair, in log loss (Vovk and others 2015, §4)."""
    return high / (1 - low + high)


def _chain(x: Array, y: Array, step: int) -> list[int]:
    """For each point the next corner of the lower hull of it and all before it (``step`` 1) or after it (-1); -1 where none is."""
    xs, ys = x.tolist(), y.tolist()
    n = len(xs)
    following, corners = [-1] * n, list[int]()
    for i in range(n) if step == 1 else range(n - 1, -1, -1):
        while len(corners) > 1:
            a, b = corners[-2], corners[-1]
            bends = (xs[b] - xs[a]) * (ys[i] - ys[a]) - (ys[b] - ys[a]) * (xs[i] - xs[a])
            if bends * step > 0:
                break
            corners.pop()
        following[i] = corners[-1] if corners else -1
        corners.append(i)
    return following


def _bridges(x: Array, y: Array, before: list[int], after: list[int], label: float) -> Array:
    """Slope of the hull over each step, with one more person (with the event where ``label`` is 1) in the step."""
    xs, ys = x.tolist(), y.tolist()

    def slope(i: int, j: int) -> float:
        return (ys[j] + label - ys[i]) / (xs[j] + 1.0 - xs[i])

    found = np.empty(len(xs) - 1)
    for step in range(1, len(xs)):
        left, right = step - 1, step
        now, moved = slope(left, right), True
        while moved:
            moved = False
            while after[right] >= 0 and (to := slope(left, after[right])) <= now:
                right, now, moved = after[right], to, True
            while before[left] >= 0 and (to := slope(before[left], right)) >= now:
                left, now, moved = before[left], to, True
        found[step - 1] = now
    return found
