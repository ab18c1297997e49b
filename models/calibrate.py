"""From raw scores to probabilities: a strictly increasing curve, so that it never changes who is ahead of whom.

Four ways, one kind of curve (piecewise linear from raw score to log-odds): ``none`` takes the model's own log-odds;
``platt`` shifts and stretches them (Platt 1999); ``beta`` stretches low and high risks differently (Kull, Silva Filho and Flach
2017); ``isotonic`` follows the events step by step (Zadrozny and Elkan 2002), each step drawn through its middle so that the
curve rises everywhere. The way is chosen on the calibration people by cross-validated log loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models import logistic
from models.split import fold_of

Array = npt.NDArray[np.float64]

#: Probabilities stay this far from 0 and 1: log-odds are cut at about ±20.7.
EDGE = 1e-9
#: Events below which only ``none`` is tried.
FEWEST_EVENTS = 30
#: People that a step of the isotonic curve holds at least.
FEWEST_IN_STEP = 25
FOLDS = 5
#: The flattest slope that keeps who is ahead of whom.
FLATTEST = 0.01
#: Raw scores at which a beta curve is drawn: close enough that no log-odds are off by more than 1 in 2,000 of its bend.
DRAWN = np.linspace(-16.0, 16.0, 257)


@dataclass(frozen=True)
class Calibrator:
    """Log-odds are linear between the knots ``x`` (raw scores) with values ``y`` (log-odds), both strictly increasing, and
    go on with the slopes ``below`` and ``above``. ``loss`` is the cross-validated log loss of each way that was tried."""

    method: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    below: float = 1.0
    above: float = 1.0
    loss: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        rising = all((np.diff(side) > 0).all() for side in (self.x, self.y))
        if not self.x or len(self.x) != len(self.y) or not rising or min(self.below, self.above) <= 0:
            raise ValueError("a calibration curve must rise everywhere: expected increasing knots and positive slopes")

    def log_odds(self, raw: Array) -> Array:
        """Calibrated log-odds of raw scores (n,), in float64."""
        x, y = np.array(self.x), np.array(self.y)
        given = np.asarray(raw, np.float64)
        inside = np.interp(given, x, y)
        return np.where(
            given < x[0],
            y[0] + self.below * (given - x[0]),
            np.where(given > x[-1], y[-1] + self.above * (given - x[-1]), inside),
        )

    def probability(self, raw: Array) -> Array:
        """Probabilities (n,), strictly within 0 and 1."""
        return np.clip(logistic.sigmoid(self.log_odds(raw)), EDGE, 1 - EDGE)

    def to_json(self) -> dict[str, Any]:
        return {"method": self.method, "x": list(self.x), "y": list(self.y), "below": self.below, "above": self.above,
                "loss": dict(self.loss or {})}  # fmt: skip

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Calibrator:
        return cls(held["method"], tuple(held["x"]), tuple(held["y"]), held["below"], held["above"], held["loss"])


NONE = Calibrator("none", (0.0,), (0.0,))


def platt(raw: Array, y: Array, weight: Array | None = None) -> Calibrator:
    """Log-odds = intercept + slope × raw, by maximum likelihood. A slope below :data:`FLATTEST` (a higher score meant no higher
    risk) is held there: everybody is then given nearly the same probability, which is all that such a model knows.
    """
    given = (np.ones_like(y) if weight is None else weight)[None, :]
    intercept, slope = logistic.fit_many(np.column_stack([np.ones_like(raw), raw]), given * y, given)[0]
    if not slope >= FLATTEST:
        slope = FLATTEST
        (intercept,) = logistic.fit_many(np.ones((len(y), 1)), given * y, given, offset=slope * raw)[0]
    return Calibrator("platt", (0.0,), (float(intercept),), float(slope), float(slope))


def beta(raw: Array, y: Array, weight: Array | None = None) -> Calibrator:
    """Log-odds = intercept + a × ln p − b × ln(1 − p), p being the model's own probability, by maximum likelihood: slope ``a`` where
    risk is low, ``b`` where it is high. A slope below :data:`FLATTEST` is held there and the rest fitted again, as the
    authors do with one below 0.
    """
    given = (np.ones_like(y) if weight is None else weight)[None, :]
    terms, slopes, free = _beta_terms(raw), np.full(2, FLATTEST), [0, 1]
    while True:
        held = sum((slopes[i] * terms[:, i] for i in (0, 1) if i not in free), np.zeros_like(raw))
        columns = np.column_stack([np.ones_like(raw), *(terms[:, i] for i in free)])
        intercept, *found = logistic.fit_many(columns, given * y, given, offset=held)[0]
        worst = int(np.argmin(found)) if found else 0
        if not found or found[worst] >= FLATTEST:
            break
        free.remove(free[worst])
    slopes[free] = found
    at = float(intercept) + _beta_terms(DRAWN) @ slopes
    return Calibrator("beta", tuple(DRAWN.tolist()), tuple(at.tolist()), float(slopes[0]), float(slopes[1]))


def _beta_terms(raw: Array) -> Array:
    """ln p and −ln(1 − p) (n, 2) of raw scores, without overflow."""
    return np.column_stack([-np.logaddexp(0, -raw), np.logaddexp(0, raw)])


def isotonic(raw: Array, y: Array, weight: Array | None = None) -> Calibrator:
    """The rising steps that fit the events best, joined through their middles.

    A step's share of events is drawn half an event towards a half, so that none is 0 or 1. Steps of fewer than
    :data:`FEWEST_IN_STEP` people are merged with a neighbour.
    """
    order = np.argsort(raw, kind="stable")
    steps = _pooled(raw[order], y[order], np.ones_like(y) if weight is None else weight[order])
    n, events, total = (np.array(column) for column in zip(*steps, strict=True))
    centre, value = total / n, logistic.logit((events + 0.5) / (n + 1))
    keep = [0]
    for i in range(1, len(n)):
        if centre[i] > centre[keep[-1]] and value[i] > value[keep[-1]]:
            keep.append(i)
    if len(keep) == 1:
        return platt(raw, y, weight)
    return Calibrator("isotonic", tuple(centre[keep].tolist()), tuple(value[keep].tolist()))


def _pooled(raw: Array, y: Array, weight: Array) -> list[tuple[float, float, float]]:
    """Pool adjacent violators: (people, events, sum of raw) of each step, weighted, in order of raw; equal raw
    scores share a step."""
    starts = np.flatnonzero(np.r_[True, np.diff(raw) > 0])
    steps: list[tuple[float, float, float]] = []
    sums = (np.add.reduceat(weight * of, starts) for of in (np.ones_like(y), y, raw))
    for n, events, total in zip(*sums, strict=True):
        step = (float(n), float(events), float(total))
        while steps and (steps[-1][1] * step[0] >= step[1] * steps[-1][0] or steps[-1][0] < FEWEST_IN_STEP):
            last = steps.pop()
            step = (last[0] + step[0], last[1] + step[1], last[2] + step[2])
        steps.append(step)
    if len(steps) > 1 and steps[-1][0] < FEWEST_IN_STEP:
        last, before = steps.pop(), steps.pop()
        steps.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    return steps


WAYS = {"none": lambda raw, y, weight: NONE, "platt": platt, "beta": beta, "isotonic": isotonic}


def calibrate(raw: Array, y: Array, person_id: npt.NDArray[np.int64], weight: Array | None = None) -> Calibrator:
    """The best way's curve, fitted to all the calibration rows: raw scores (n,), outcomes, whose they are, and for how many rows
    each stands (None: itself).

    Folds are grouped by person. The simplest way is taken whose loss lies within one standard error (of the paired
    difference) of the best way's.
    """
    if min(y.sum(), len(y) - y.sum()) < FEWEST_EVENTS:
        return NONE
    fold, given = fold_of(person_id, FOLDS), np.ones_like(y) if weight is None else weight
    each = {}
    for way, fit in WAYS.items():
        probability = np.empty(len(y))
        for k in range(FOLDS):
            held = fold == k
            probability[held] = fit(raw[~held], y[~held], given[~held]).probability(raw[held])
        each[way] = -np.log(np.where(y == 1, probability, 1 - probability))
    loss = {way: float(np.average(losses, weights=given)) for way, losses in each.items()}
    least = each[min(loss, key=lambda way: loss[way])]
    best = next(way for way, losses in each.items() if _no_worse(losses - least, given))
    chosen = WAYS[best](raw, y, given)
    return Calibrator(chosen.method, chosen.x, chosen.y, chosen.below, chosen.above, loss)


def _no_worse(difference: Array, weight: Array) -> bool:
    """Whether a mean of paired differences lies within one standard error of nothing."""
    share = weight / weight.sum()
    mean = float(share @ difference)
    return mean <= float(np.sqrt(np.sum(share**2 * (difference - mean) ** 2)))
