"""What our model must beat on the same people: the plainest rule, published scores as they are, and a logistic model on the same
predictors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from models import logistic
from models.dataset import Dataset
from models.split import held_out

Array = npt.NDArray[np.float64]

#: Published scores that rank people as they are: the predictor that holds each, and what it is.
PUBLISHED = {
    "efi": ("efi_deficits", "number of deficits of the electronic frailty index, as it is"),
    "hfrs": ("hfrs_2y", "Hospital Frailty Risk Score of the two years before, as it is"),
    "charlson": ("charlson_index", "Charlson index of hospital diagnoses, as it is"),
}
#: A score that this share of rows has not is no baseline.
TOO_MANY_WITHOUT = 0.5
#: Strengths of the logistic model's ridge that are tried, in units of one row's information on a standardised predictor.
RIDGES = (1.0, 10.0, 100.0, 1000.0, 10_000.0)
#: Standardised values are cut here: one unit of a long-tailed count should not decide a score.
WIDEST = 5.0
#: Rows on which the ridge is chosen, at most; and the change of a coefficient that ends a fit.
ENOUGH, CLOSE = 15_000, 1e-5


def past_admissions(data: Dataset) -> Array:
    """Rank by emergency admissions in the last year, and among equals by age: what a practice could do with a search."""
    admissions, age = data.past.T
    return np.nan_to_num(admissions) + np.clip(np.nan_to_num(age), 0, 199) / 200


def published(data: Dataset) -> dict[str, tuple[Array, str]]:
    """Each published score of the rows (n,) and what it is, by name; one that is absent for most rows is left out, and whoever
    else has none ranks with those who score nothing."""
    found = {}
    for name, (predictor, says) in PUBLISHED.items():
        if predictor in data.names:
            score = data.X[:, data.names.index(predictor)].astype(np.float64)
            if np.isnan(score).mean() < TOO_MANY_WITHOUT:
                found[name] = (np.nan_to_num(score), says)
    return found


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

    def raw(self, X: npt.NDArray[np.float32]) -> Array:
        """Log-odds (n,) of rows of predictors (n, p)."""
        return _terms(X, self.median, self.mean, self.spread, self.kept, self.flagged) @ self.beta

    def to_json(self) -> dict[str, Any]:
        return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Logistic:
        median, mean, spread, beta = (np.array(held[name], np.float64) for name in ("median", "mean", "spread", "beta"))
        kept, flagged = (np.array(held[name], np.int64) for name in ("kept", "flagged"))
        return cls(median, mean, spread, kept, flagged, beta, held["ridge"])


def fit_logistic(data: Dataset) -> Logistic:
    """Fit to the training rows, by Newton's method; the ridge is chosen on part of the people, as the trees' number is."""
    X = data.X.astype(np.float64)
    absent = np.isnan(X)
    median = np.array([np.median(column[~gone]) if not gone.all() else 0.0 for column, gone in zip(X.T, absent.T, strict=True)])  # fmt: skip
    filled = np.where(absent, median, X)
    mean, spread = filled.mean(axis=0), filled.std(axis=0)
    kept = np.flatnonzero(spread > 0)
    spread = np.where(spread > 0, spread, 1.0)
    flagged = _different(absent)
    terms = _terms(data.X, median, mean, spread, kept, flagged)
    ridge, near = _best_ridge(terms, data)
    return Logistic(median, mean, spread, kept, flagged, _ridge(terms, data.y, _weight(data), ridge, near), ridge)


def _different(absent: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The columns whose absence says something, one of each set that are absent together (as those of one feed are)."""
    first: dict[bytes, int] = {}
    for i, column in enumerate(np.packbits(absent, axis=0).T):
        first.setdefault(column.tobytes(), i)
    return np.array([i for i in first.values() if 0 < absent[:, i].sum() < len(absent)], np.int64)


def _best_ridge(terms: Array, data: Dataset) -> tuple[float, Array]:
    """The ridge that predicts the held-out people best, on so many rows as tell one from another, and the fit with it."""
    apart = held_out(data.person_id)
    learn, judge = np.flatnonzero(~apart)[:ENOUGH], np.flatnonzero(apart)[:ENOUGH]
    tried, weight = {}, _weight(data)
    beta = np.zeros(terms.shape[1])
    for ridge in sorted(RIDGES, reverse=True):
        beta = _ridge(terms[learn], data.y[learn], weight[learn], ridge, beta)
        log_odds = terms[judge] @ beta
        loss = np.logaddexp(0, log_odds) - data.y[judge] * log_odds
        tried[ridge] = (float(weight[judge] @ loss), beta)
    best = min(tried, key=lambda ridge: tried[ridge][0])
    return best, tried[best][1]


def _terms(
    X: npt.NDArray[np.float32],
    median: Array,
    mean: Array,
    spread: Array,
    kept: npt.NDArray[np.int64],
    flagged: npt.NDArray[np.int64],
) -> Array:
    absent = np.isnan(X)
    filled = (np.where(absent, median, X) - mean) / spread
    return np.column_stack([np.ones(len(X)), np.clip(filled[:, kept], -WIDEST, WIDEST), absent[:, flagged]])


def _weight(data: Dataset) -> Array:
    return np.ones(len(data)) if data.weight is None else data.weight


def _ridge(terms: Array, y: Array, weight: Array, ridge: float, start: Array) -> Array:
    beta = start.copy()
    penalty = np.full(len(beta), ridge)
    penalty[0] = 1e-9
    for _ in range(logistic.STEPS):
        p = logistic.sigmoid(terms @ beta)
        gradient = terms.T @ (weight * (y - p)) - penalty * beta
        spread = (terms * (weight * p * (1 - p))[:, None]).T @ terms + np.diag(penalty)
        step = np.linalg.solve(spread, gradient)
        beta += step * min(1.0, logistic.LONGEST / max(np.abs(step).max(), logistic.LONGEST))
        if np.abs(step).max() < CLOSE:
            break
    return beta
