"""A probability for scores that give none, so that a published score is judged on what it could tell here and not on where it was made.

Recalibrated across folds of the very people who test: nobody's own outcome informs their probability, and no other
people are needed. It favours the score a little over our model, which was calibrated on earlier dates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models import logistic
from models.reliability import KNOTS, spline
from models.split import fold_of

Array = npt.NDArray[np.float64]

#: Folds of people; events and people without one that each fit needs at least; probabilities are kept this far from 0 and 1.
FOLDS, FEWEST, EDGE = 5, 10, 1e-4


def recalibrated(score: Array, y: Array, person_id: npt.NDArray[np.int64], folds: int = FOLDS) -> Array | None:
    """Probability (n,) of each row by a logistic regression of ``y`` on a restricted cubic spline of ``score`` (Harrell 2015), fitted
    to the people of the other folds; None where some fold has too few events to fit to, or all scores are one."""
    fold = fold_of(person_id, folds)
    spread = score.std()
    if not spread > 0:
        return None
    x = (score - score.mean()) / spread
    knots = np.quantile(x, KNOTS)
    terms = spline(x, knots)
    probability = np.empty(len(y))
    for k in range(folds):
        others = fold != k
        events = y[others].sum()
        if min(events, others.sum() - events) < FEWEST:
            return None
        probability[~others] = logistic.sigmoid(terms[~others] @ logistic.fit(terms[others], y[others]))
    return np.clip(probability, EDGE, 1 - EDGE)
