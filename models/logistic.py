"""Logistic regression by Newton's method, for many sets of row weights at once (resamples of one set of people)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Steps at most, the change that ends them, the longest step, and the ridge that keeps a separable fit finite.
STEPS, CLOSE, LONGEST, RIDGE = 30, 1e-8, 5.0, 1e-9


def sigmoid(log_odds: Array) -> Array:
    """Probability of log-odds, without overflow."""
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(log_odds, np.float64)))


def logit(probability: Array) -> Array:
    return np.log(probability) - np.log1p(-probability)


def fit(terms: Array, y: Array) -> Array:
    """Coefficients (k,) by maximum likelihood, of terms (n, k) that hold their own column of ones."""
    return fit_many(terms, y[None, :], np.ones((1, len(y))))[0]


def fit_many(
    terms: Array, events: Array, weights: Array, offset: Array | None = None, start: Array | None = None
) -> Array:
    """Coefficients (b, k) for each of b sets of weights (b, n), of which ``events`` (b, n) had the event.

    ``offset`` (n,) is added to the log-odds as it is; ``start`` (k,) is a guess. Where nobody or everybody had the event there
    is no fit: the coefficients are NaN.
    """
    k = terms.shape[1]
    at = 0.0 if offset is None else offset
    pairs = (terms[:, :, None] * terms[:, None, :]).reshape(len(terms), k * k)
    beta = np.zeros((len(weights), k)) if start is None else np.tile(start, (len(weights), 1))
    for _ in range(STEPS):
        p = sigmoid(beta @ terms.T + at)
        gradient = (events - weights * p) @ terms
        spread = ((weights * (p * (1 - p))) @ pairs).reshape(-1, k, k)
        ridge = RIDGE * (1 + np.trace(spread, axis1=1, axis2=2))[:, None, None] * np.eye(k)
        step = np.linalg.solve(spread + ridge, gradient[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        beta += step * np.minimum(1.0, LONGEST / np.maximum(longest, LONGEST))
        if longest.max() < CLOSE:
            break
    happened = events.sum(axis=1)
    beta[(happened <= 0) | (happened >= weights.sum(axis=1))] = np.nan
    return beta
