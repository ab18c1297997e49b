"""Challengers that can be read whole: an elastic net, and an explainable boosting machine. For comparison only; neither is released."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from features.errors import MissingPart
from models.dataset import Dataset
from models.split import held_out, hundredth

Array = npt.NDArray[np.float64]
#: Probabilities (n,) of rows of predictors (n, p), NaN where absent.
Give = Callable[[npt.NDArray[np.float32]], Array]

#: Strengths of the elastic net that are tried (of the penalty, a row), and the share of it that is lasso.
STRENGTHS, LASSO = (0.03, 0.01, 0.003), 0.5
#: Rows on which the strength is chosen, passes over the rows at most, and how far a standardised value may reach.
ENOUGH, PASSES, WIDEST = 15_000, 100, 5.0
#: The boosting machine: curves of so many steps, fitted to so many resamples of the rows; no pairs of predictors.
BINS, BAGS, HELD = 64, 2, 15
_SALT = 0xEB3_0F_9EA7


def elastic_net(data: Dataset, seed: int = 1) -> Give:
    """Logistic regression, half lasso and half ridge, on standardised predictors; absent values take the median. Its strength is
    the one that predicts the held-out people best."""
    from sklearn.linear_model import LogisticRegression

    X = data.X.astype(np.float64)
    with np.errstate(all="ignore"):
        absent = np.isnan(X)
        median = np.array([np.median(column[~gone]) if not gone.all() else 0.0 for column, gone in zip(X.T, absent.T, strict=True)])  # fmt: skip
    filled = np.where(absent, median, X)
    mean, spread = filled.mean(axis=0), filled.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)

    def terms(rows: npt.NDArray[np.float32]) -> Array:
        held: Array = np.clip((np.where(np.isnan(rows), median, rows) - mean) / spread, -WIDEST, WIDEST)
        return held

    def fitted(rows: npt.NDArray[np.int64], strength: float) -> LogisticRegression:
        model = LogisticRegression(
            solver="saga", l1_ratio=LASSO, C=1 / (strength * len(rows)), max_iter=PASSES, tol=1e-3, random_state=seed
        )
        return model.fit(design[rows], data.y[rows])

    design, apart = terms(data.X), held_out(data.person_id)
    learn, judge = np.flatnonzero(~apart)[:ENOUGH], np.flatnonzero(apart)[:ENOUGH]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it has not settled to the last decimal after so many passes is no news
        losses = {strength: _loss(fitted(learn, strength).predict_proba(design[judge])[:, 1], data.y[judge]) for strength in STRENGTHS}  # fmt: skip
        model = fitted(np.arange(len(data)), min(losses, key=lambda one: losses[one]))
    return lambda rows: np.asarray(model.predict_proba(terms(rows))[:, 1], np.float64)


def _loss(probability: Array, y: Array) -> float:
    p = np.clip(probability, 1e-9, 1 - 1e-9)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log1p(-p)))


def additive(data: Dataset, seed: int = 1) -> Give:
    """An explainable boosting machine (Nori and others 2019): a sum of one curve a predictor, fitted by boosting that stops when people
    held out (:data:`HELD` in 100, with all their dates) are predicted no better.
    :class:`MissingPart` without the package that fits it."""
    try:
        from interpret.glassbox import ExplainableBoostingClassifier
    except ImportError as error:
        raise MissingPart("expected the package interpret-core for an explainable boosting machine, found none; install it to have that comparison") from error  # fmt: skip
    machine = ExplainableBoostingClassifier(feature_names=list(data.names), max_bins=BINS, outer_bags=BAGS, interactions=0, n_jobs=1,
                                            random_state=seed)  # fmt: skip
    bags = np.column_stack([np.where(hundredth(data.person_id, _SALT + bag) < HELD, -1, 1) for bag in range(BAGS)])
    with warnings.catch_warnings():
        # It warns that its own drawings, which nobody makes here, leave absent values out.
        warnings.simplefilter("ignore")
        machine.fit(data.X.astype(np.float64), data.y.astype(int), bags=bags.astype(np.int8))
    return lambda rows: np.asarray(machine.predict_proba(rows.astype(np.float64))[:, 1], np.float64)
