"""Whether, of people given a risk of 20 in 100, 20 in 100 had the event."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from models import logistic

Array = npt.NDArray[np.float64]

#: Where the smoothed curve bends: these shares of people lie below (Harrell 2015, Regression Modeling Strategies, table 2.3).
KNOTS = (0.05, 0.35, 0.65, 0.95)
#: Groups of people that curves are fitted to, and the share of all knots' span that two must be apart.
GROUPS, CLOSE = 1000, 0.02


class Reliability:
    """Measures of calibration of ``probability`` (n,) against ``y`` (n,).

    The smoothed curve is a logistic regression of the outcome on a restricted cubic spline of the log-odds given
    (Harrell 2015, §10.11). Curves are fitted to so many ``groups`` of equal size by probability, or to each row where
    there are no more rows than that.
    """

    def __init__(self, probability: Array, y: Array, groups: int = GROUPS) -> None:
        self.p, self.y = np.asarray(probability, np.float64), np.asarray(y, np.float64)
        self._order = np.argsort(self.p, kind="stable")
        groups = min(groups, len(self.p))
        self._starts = np.linspace(0, len(self.p), groups, endpoint=False).astype(np.int64)
        log_odds = logistic.logit(self.p[self._order])
        self._knots = np.quantile(log_odds, KNOTS)
        self._x = np.add.reduceat(log_odds, self._starts) / np.diff(np.r_[self._starts, len(self.p)])
        ones = np.ones(groups)
        self._level, self._line = ones[:, None], np.column_stack([ones, self._x])
        self._spline = spline(self._x, self._knots)
        events, people = self._grouped(np.ones((1, len(self.p))))
        self._fitted = [
            np.nan_to_num(logistic.fit_many(terms, events, people)[0]) for terms in (self._line, self._spline)
        ]

    def measures(self, weights: Array) -> dict[str, Array]:
        """For each row of weights (b, n):

        - ``brier``: mean squared distance of probability and outcome
        - ``slope``: of the outcome's log-odds on those given; 1 is right, less is too extreme
        - ``intercept``: how far the log-odds given lie below the outcome's on the whole (calibration in the large); 0 is right
        - ``ici``: integrated calibration index, the mean distance of a probability from the smoothed curve (Austin and
          Steyerberg 2019)
        - ``observed_expected``: events for each event that the probabilities add up to
        """
        total = weights.sum(axis=1)
        events, people = self._grouped(weights)
        slope = logistic.fit_many(self._line, events, people, start=self._fitted[0])[:, 1]
        intercept = logistic.fit_many(self._level, events, people, offset=self._x)[:, 0]
        smooth = logistic.fit_many(self._spline, events, people, start=self._fitted[1])
        distance = np.abs(logistic.sigmoid(smooth @ self._spline.T) - logistic.sigmoid(self._x))
        return {
            "brier": weights @ (self.p - self.y) ** 2 / total,
            "slope": slope,
            "intercept": intercept,
            "ici": (people * distance).sum(axis=1) / total,
            "observed_expected": (weights @ self.y) / (weights @ self.p),
        }

    def smoothed(self, at: Array) -> Array:
        """The smoothed curve: share of people with the event at each probability of ``at``."""
        return logistic.sigmoid(spline(logistic.logit(at), self._knots) @ self._fitted[1])

    def _grouped(self, weights: Array) -> tuple[Array, Array]:
        """Events and people of each group (b, groups)."""
        given = weights[:, self._order]
        events = np.add.reduceat(given * self.y[self._order], self._starts, axis=1)
        return events, np.add.reduceat(given, self._starts, axis=1)

    def tenths(self, groups: int = 10) -> list[dict[str, Any]]:
        """People in ten groups of equal size by probability: how many, mean probability, share with the event and its 95%
        interval (Wilson 1927)."""
        rows = []
        for part in np.array_split(self._order, groups):
            if len(part):
                low, high = wilson(float(self.y[part].sum()), len(part))
                rows.append({"people": len(part), "expected": float(self.p[part].mean()),
                             "observed": float(self.y[part].mean()), "low": low, "high": high})  # fmt: skip
        return rows


def spline(x: Array, knots: Array) -> Array:
    """Terms (n, 4) of a restricted cubic spline with a constant: straight outside its outer knots (Stone and Koo 1985).
    A straight line's two terms where the knots are not apart: scores of few values would bend it between neighbours."""
    at, span = knots, knots[-1] - knots[0]
    if np.diff(at).min() <= max(1e-6, CLOSE * span):
        return np.column_stack([np.ones_like(x), x])

    def cube(knot: float) -> Array:
        return np.maximum((x - knot) / span, 0.0) ** 3

    last, before = at[-1], at[-2]
    bends = [
        cube(knot) - cube(before) * (last - knot) / (last - before) + cube(last) * (before - knot) / (last - before)
        for knot in at[:-2]
    ]
    return np.column_stack([np.ones_like(x), x, *bends])


def wilson(events: float, n: int) -> tuple[float, float]:
    """95% interval of a share."""
    z = 1.959963984540054
    centre = (events + z * z / 2) / (n + z * z)
    half = z * np.sqrt(events * (n - events) / n + z * z / 4) / (n + z * z)
    return max(0.0, float(centre - half)), min(1.0, float(centre + half))
