"""The logistic model beside ours: ridge regression on the same predictors and people, for as many of them as there are.

Newton's method, with two thrifts that change how long a fit takes and not where it ends. Terms are in single precision and made
block by block, so that memory does not grow with people. And the information matrix, nearly all of the work, is kept for as long
as steps with it halve: near the end it hardly changes, and the gradient, which is always fresh, alone says where the end is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from models import logistic
from models.dataset import Dataset
from models.split import held_out

Array = npt.NDArray[np.float64]
Single = npt.NDArray[np.float32]

#: Strengths of the ridge that are tried, in units of one row's information on a standardised predictor.
RIDGES = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
#: Standardised values are cut here: one unit of a long-tailed count should not decide a score.
WIDEST = 5.0
#: Rows on which the ridge is chosen, at most; and those from which medians and spreads are taken.
ENOUGH, SCALED_FROM = 15_000, 100_000
#: Values of terms in a block; and up to which they are made once and kept.
BLOCK, KEPT = 8_000_000, 100_000_000
#: Change of a coefficient that ends a fit, and one that ends those by which the ridge is chosen; what a step must shrink to for the
#: information matrix to be kept.
CLOSE, ROUGHLY, SHRINKS = 1e-5, 1e-3, 0.5


@dataclass(frozen=True)
class Logistic:
    """A ridge logistic regression on standardised predictors; an absent value takes the training people's median and a
    term of its own says that it was absent. ``ridge`` is the strength that predicted people held out best."""

    median: Array
    mean: Array
    spread: Array
    kept: npt.NDArray[np.int64]
    flagged: npt.NDArray[np.int64]
    beta: Array
    ridge: float

    def raw(self, X: Single) -> Array:
        """Log-odds (n,) of rows of predictors (n, p)."""
        size = max(1, BLOCK // max(1, len(self.beta)))
        parts = [self.terms(X[start : start + size]) @ self.beta for start in range(0, len(X), size)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def terms(self, X: Single) -> Array:
        """One, the predictors that vary, standardised, and which are absent: (n, k)."""
        absent = np.isnan(X[:, self.flagged])
        filled = X[:, self.kept].astype(np.float64)
        np.copyto(filled, self.median[self.kept], where=np.isnan(filled))
        filled -= self.mean[self.kept]
        filled /= self.spread[self.kept]
        return np.column_stack([np.ones(len(X)), np.clip(filled, -WIDEST, WIDEST, out=filled), absent])

    def to_json(self) -> dict[str, Any]:
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Logistic:
        median, mean, spread, beta = (np.array(held[name], np.float64) for name in ("median", "mean", "spread", "beta"))
        kept, flagged = (np.array(held[name], np.int64) for name in ("kept", "flagged"))
        return cls(median, mean, spread, kept, flagged, beta, held["ridge"])


def fit_logistic(data: Dataset) -> Logistic:
    """Fit to all the training rows; the ridge is chosen on part of the people, as the trees' number is. Medians, means and spreads
    are those of at most :data:`SCALED_FROM` rows, spread evenly over all."""
    scaled = _scaled(data.X[:: -(-len(data) // SCALED_FROM)] if len(data) > SCALED_FROM else data.X)
    apart = held_out(data.person_id)
    learn, judge = (_Rows(scaled, data, np.flatnonzero(rows)[:ENOUGH]) for rows in (~apart, apart))
    tried: dict[float, tuple[float, Array]] = {}
    beta = np.zeros(1 + len(scaled.kept) + len(scaled.flagged))
    for ridge in sorted(RIDGES, reverse=True):
        beta = learn.fitted(ridge, beta, ROUGHLY)
        tried[ridge] = (judge.loss(beta), beta)
        if tried[ridge][0] > min(loss for loss, _ in tried.values()):
            break  # Weaker ones predict worse and worse.
    best = min(tried, key=lambda ridge: tried[ridge][0])
    beta = _Rows(scaled, data, None).fitted(best, tried[best][1])
    return Logistic(scaled.median, scaled.mean, scaled.spread, scaled.kept, scaled.flagged, beta, best)


def _scaled(X: Single) -> Logistic:
    """A model without coefficients: medians, means and spreads of rows."""
    p = X.shape[1]
    median, mean, spread = np.zeros(p), np.zeros(p), np.zeros(p)
    for i in range(p):
        column = X[:, i].astype(np.float64)
        gone = np.isnan(column)
        median[i] = np.median(column[~gone]) if not gone.all() else 0.0
        column[gone] = median[i]
        mean[i], spread[i] = column.mean(), column.std()
    kept = np.flatnonzero(spread > 0)
    return Logistic(median, mean, np.where(spread > 0, spread, 1.0), kept, _different(X), np.zeros(0), 0.0)


def _different(X: Single) -> npt.NDArray[np.int64]:
    """The columns whose absence says something, one of each set that are absent together (as those of one feed are)."""
    first: dict[bytes, int] = {}
    for i in range(X.shape[1]):
        absent = np.isnan(X[:, i])
        if absent.any() and not absent.all():
            first.setdefault(np.packbits(absent).tobytes(), i)
    return np.array(list(first.values()), np.int64)


class _Rows:
    """Rows to fit to (positions, all where None). The information matrix is kept from fit to fit."""

    def __init__(self, scaled: Logistic, data: Dataset, rows: npt.NDArray[np.int64] | None) -> None:
        self._scaled, self._data, self._rows = scaled, data, rows
        self._many = len(data) if rows is None else len(rows)
        self._terms = 1 + len(scaled.kept) + len(scaled.flagged)
        self._made: list[tuple[Single, Array, Array]] | None = None
        self._information: Array | None = None

    def fitted(self, ridge: float, start: Array, close: float = CLOSE) -> Array:
        """Coefficients (k,) with the least penalised loss."""
        beta, last, solved = start.copy(), np.inf, None
        penalty = np.full(len(beta), ridge)
        penalty[0] = 1e-9
        for _ in range(logistic.STEPS):
            gradient = self._gradient(beta) - penalty * beta
            assert self._information is not None
            if solved is None:
                solved = cho_factor(self._information + np.diag(penalty), check_finite=False, overwrite_a=True)
            step = cho_solve(solved, gradient, check_finite=False)
            longest = float(np.abs(step).max())
            beta += step * min(1.0, logistic.LONGEST / max(longest, logistic.LONGEST))
            if longest < close:
                break
            if longest > SHRINKS * last:
                self._information, solved = None, None
            last = longest
        return beta

    def loss(self, beta: Array) -> float:
        """Log loss of the rows, added up."""
        total = 0.0
        for terms, y, weight in self._blocks():
            log_odds = np.asarray(terms @ beta.astype(np.float32), np.float64)
            total += float(weight @ (np.logaddexp(0, log_odds) - y * log_odds))
        return total

    def _gradient(self, beta: Array) -> Array:
        """Of the likelihood; fills the information matrix where there is none."""
        total, wanted = np.zeros(len(beta)), self._information is None
        information = np.zeros((len(beta), len(beta)))
        for terms, y, weight in self._blocks():
            p = logistic.sigmoid(np.asarray(terms @ beta.astype(np.float32), np.float64))
            total += (weight * (y - p)).astype(np.float32) @ terms
            if wanted:
                scaled = terms * np.sqrt(weight * p * (1 - p)).astype(np.float32)[:, None]
                information += scaled.T @ scaled
        if wanted:
            self._information = information
        return total

    def _blocks(self) -> Iterator[tuple[Single, Array, Array]]:
        """Terms (b, k), outcomes and weights, kept where they are not many."""
        if self._made is None and self._many * self._terms <= KEPT:
            self._made = list(self._making())
        yield from self._making() if self._made is None else self._made

    def _making(self) -> Iterator[tuple[Single, Array, Array]]:
        size = max(1, BLOCK // self._terms)
        for start in range(0, self._many, size):
            at: Any = slice(start, start + size) if self._rows is None else self._rows[start : start + size]
            y = self._data.y[at]
            weight = np.ones(len(y)) if self._data.weight is None else self._data.weight[at]
            yield self._scaled.terms(self._data.X[at]).astype(np.float32), y, weight
