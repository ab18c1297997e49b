"""A probability for scores that give none, so that a published score is judged on what it could tell here and not on where it was made.

Recalibrated across folds of the very people who test: nobody's own outcome informs their probability, and no other
people are needed. It favours the score a little over our model, which was calibrated on earlier dates.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from models import logistic
from models.reliability import KNOTS, spline
from models.split import fold_of

Array = npt.NDArray[np.float64]

#: Folds of people; events and people without one that each fit needs at least; probabilities are kept this far from 0 and 1.
FOLDS, FEWEST, EDGE = 5, 10, 1e-4


def recalibrated(
    score: Array, y: Array, person_id: npt.NDArray[np.int64], folds: int = FOLDS, weight: Array | None = None
) -> Array | None:
    """Probability (n,) of each row by a logistic regression of ``y`` on a restricted cubic spline (Harrell 2015) of the log-odds of the
    score's rank, fitted to the people of the other folds; None where some fold has too few events to fit to, or all scores are one.
    ``weight`` (n,): for how many rows each stands, None: itself.

    Of the rank, since a score may be made of steps of which a spline of the score itself would make nothing sensible.
    """
    fold = fold_of(person_id, folds)
    if not score.std() > 0:
        return None
    x = logistic.logit(rankdata(score) / (len(score) + 1))
    terms = spline(x, np.quantile(x, KNOTS))
    probability, given = np.empty(len(y)), np.ones_like(y) if weight is None else weight
    for k in range(folds):
        others = fold != k
        events = y[others].sum()
        if min(events, others.sum() - events) < FEWEST:
            return None
        probability[~others] = logistic.sigmoid(
            terms[~others] @ logistic.fit_many(terms[others], (given * y)[None, others], given[None, others])[0]
        )
    return np.clip(probability, EDGE, 1 - EDGE)
