"""Ways of scoring the same people: ours, the baselines, and on simulated data the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import logistic
from models.baselines import past_admissions, published
from models.dataset import Dataset
from models.recalibration import recalibrated

Array = npt.NDArray[np.float64]

OURS, TRUTH = "ours", "truth"
#: Probabilities are kept this far from 0 and 1, where their log-odds would have no end.
EDGE = 1e-9


@dataclass(frozen=True)
class Scored:
    """A way of scoring the test rows: ``score`` ranks (n,); ``probability`` (n,) where it gives one; ``says`` what it is."""

    score: Array
    says: str
    probability: Array | None = None


def ways(data: Dataset, raw: Array, probability: Array, plain: Array) -> dict[str, Scored]:
    """Every way of scoring the rows of ``data``: ours (``raw`` scores and ``probability``), each baseline, the logistic model
    (``plain``, its log-odds), and the true risk where it is known.

    A baseline that gives no probability ranks as it is, and is recalibrated across folds of the rows' people for those figures
    that need a probability.
    """
    found = {OURS: Scored(raw, "gradient-boosted trees, calibrated", probability)}
    rules = {
        "past_admissions": (past_admissions(data), f"{str(data.about['past']).replace('_', ' ')}, then age"),
        "age": (np.nan_to_num(data.past[:, 1]), "age alone"),
        **published(data),
    }
    for name, (score, says) in rules.items():
        found[name] = Scored(score, says, recalibrated(score, data.y, data.person_id, weight=data.weight))
    found["logistic"] = Scored(plain, "ridge logistic regression on the same predictors and people", _inside(logistic.sigmoid(plain)))  # fmt: skip
    if data.truth is not None:
        true = _inside(data.truth)
        found[TRUTH] = Scored(true, "the true risk, which the simulator alone knows: nothing could do better", true)
    return found


def _inside(probability: Array) -> Array:
    return np.clip(probability, EDGE, 1 - EDGE)
