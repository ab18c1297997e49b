"""What our model must beat on the same people: the plainest rule, and a logistic model on the same predictors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import logistic
from models.dataset import Dataset

Array = npt.NDArray[np.float64]

#: Strength of the logistic model's ridge, in units of one row's information on a standardised predictor.
RIDGE = 1.0
#: Standardised values are cut here: one unit of a long-tailed count should not decide a score.
WIDEST = 5.0


def past_admissions(data: Dataset) -> Array:
    """Rank by emergency admissions in the last year, and among equals by age: what a practice could do with a search."""
    admissions, age = data.past.T
    return np.nan_to_num(admissions) + np.clip(np.nan_to_num(age), 0, 199) / 200


@dataclass(frozen=True)
class Logistic:
    """A ridge logistic regression on standardised predictors; an absent value takes the training people's median and a
    term of its own says that it was absent."""

    median: Array
    mean: Array
    spread: Array
    flagged: npt.NDArray[np.int64]
    beta: Array

    def raw(self, X: npt.NDArray[np.float32]) -> Array:
        """Log-odds (n,) of rows of predictors (n, p)."""
        return _terms(X, self.median, self.mean, self.spread, self.flagged) @ self.beta

    def to_json(self) -> dict[str, list[float]]:
        return {name: value.tolist() for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, held: Mapping[str, list[float]]) -> Logistic:
        median, mean, spread, beta = (np.array(held[name], np.float64) for name in ("median", "mean", "spread", "beta"))
        return cls(median, mean, spread, np.array(held["flagged"], np.int64), beta)


def fit_logistic(data: Dataset) -> Logistic:
    """Fit to the training rows, by Newton's method."""
    X = data.X.astype(np.float64)
    absent = np.isnan(X)
    median = np.array([np.median(column[~gone]) if not gone.all() else 0.0 for column, gone in zip(X.T, absent.T, strict=True)])  # fmt: skip
    filled = np.where(absent, median, X)
    mean, spread = filled.mean(axis=0), filled.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    flagged = np.flatnonzero(absent.any(axis=0) & ~absent.all(axis=0))
    terms = _terms(data.X, median, mean, spread, flagged)
    return Logistic(median, mean, spread, flagged, _ridge(terms, data.y))


def _terms(
    X: npt.NDArray[np.float32], median: Array, mean: Array, spread: Array, flagged: npt.NDArray[np.int64]
) -> Array:
    absent = np.isnan(X)
    filled = (np.where(absent, median, X) - mean) / spread
    return np.column_stack([np.ones(len(X)), np.clip(filled, -WIDEST, WIDEST), absent[:, flagged]])


def _ridge(terms: Array, y: Array) -> Array:
    beta = np.zeros(terms.shape[1])
    penalty = np.full(len(beta), RIDGE)
    penalty[0] = 1e-9
    for _ in range(logistic.STEPS):
        p = logistic.sigmoid(terms @ beta)
        gradient = terms.T @ (y - p) - penalty * beta
        spread = (terms * (p * (1 - p))[:, None]).T @ terms + np.diag(penalty)
        step = np.linalg.solve(spread, gradient)
        beta += step * min(1.0, logistic.LONGEST / max(np.abs(step).max(), logistic.LONGEST))
        if np.abs(step).max() < 1e-7:
            break
    return beta
