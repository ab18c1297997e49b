"""Whether the future has leaked into the predictors: a figure too good to be true is an alarm and not a success.

What is known only after the index date, but carries an earlier date (a false ``known_at``, a yearly total filed under its
first day), tells the outcome by itself. No honest predictor of admission does: past admissions, age or a frailty score rank people with an
AUROC of some 0.6 to 0.75 each, and published models of unplanned admission reach about 0.8 (SPARRA version 4: 0.7987).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: AUROC that no single predictor reaches honestly.
ALONE = 0.95
#: A predictor is alarming too from this AUROC, where nine in ten of the predictors lie further below it than this.
HIGH, AHEAD = 0.85, 0.20
#: AUROC that no model reaches honestly.
CEILING = 0.95
#: Rows looked at, at most, drawn with this seed; and events (or rows without one) below which nothing is said.
ROWS, SEED, FEWEST_EVENTS = 50_000, 20240405, 30
#: Predictors shown, the most telling first.
SHOWN = 10


def look(
    X: npt.NDArray[np.float32], y: Array, names: Sequence[str], model_auroc: float | None = None
) -> dict[str, Any]:
    """Alarms on predictors (n, p; NaN where absent) against outcomes (n,), and on the model's own AUROC on unseen people.

    ``alarms``: what is alarming, each with ``what``, ``auroc`` and ``says``; None with ``why`` where there are too few events to
    tell. ``highest``: the most telling predictors; ``usual``: the AUROC below which nine in ten lie.
    """
    if min(y.sum(), len(y) - y.sum()) < FEWEST_EVENTS:
        return {"alarms": None, "why": f"fewer than {FEWEST_EVENTS} rows with or without the outcome", "highest": []}
    if len(y) > ROWS:
        drawn = np.sort(np.random.default_rng(SEED).choice(len(y), ROWS, replace=False))
        X, y = X[drawn], y[drawn]
    alone = np.array([telling(X[:, i], y) for i in range(X.shape[1])])
    order = np.argsort(-alone, kind="stable")
    usual = float(np.quantile(alone, 0.9, method="lower"))
    alarms = [
        {"what": names[i], "auroc": float(alone[i]), "says": says}
        for i in order
        if (says := _alarming(alone[i], usual))
    ]
    if model_auroc is not None and model_auroc > CEILING:
        alarms.append(
            {"what": "the model", "auroc": model_auroc, "says": f"AUROC over {CEILING}, which no honest model reaches"}
        )
    highest = [{"predictor": names[i], "auroc": float(alone[i])} for i in order[:SHOWN]]
    return {"alarms": alarms, "highest": highest, "usual": usual}


def telling(values: npt.NDArray[np.floating[Any]], y: Array) -> float:
    """AUROC of one predictor (n,) in whichever direction tells more. Absent values rank as lowest or as highest, whichever tells more:
    that something is absent may be what leaks."""
    absent, happened = np.isnan(values), y > 0
    _, rank, many = np.unique(values[~absent], return_inverse=True, return_counts=True)
    middle = np.cumsum(many) - (many - 1) / 2
    events, others = int((happened & ~absent).sum()), int((~happened & ~absent).sum())
    ahead = middle[rank][happened[~absent]].sum() - events * (events + 1) / 2
    without = float((happened & absent).sum()), float((~happened & absent).sum())
    even = without[0] * without[1] / 2
    pairs = float(happened.sum()) * float((~happened).sum())
    both = (ahead + events * without[1] + even) / pairs, (ahead + without[0] * others + even) / pairs
    return max(max(found, 1 - found) for found in map(float, both))


def _alarming(auroc: float, usual: float) -> str:
    if auroc > ALONE:
        return f"AUROC over {ALONE} by itself, which no honest predictor reaches"
    if auroc > HIGH and auroc > usual + AHEAD:
        return f"AUROC over {HIGH} by itself and more than {AHEAD:g} above that of nine predictors in ten"
    return ""
