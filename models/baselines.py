"""What our model must beat on the same people: the plainest rule, published scores as they are, and a logistic model on the same
predictors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from models.dataset import Dataset
from models.ridge import Logistic, fit_logistic

__all__ = ["PUBLISHED", "Logistic", "fit_logistic", "past_admissions", "published"]

Array = npt.NDArray[np.float64]

#: Published scores that rank people as they are: the predictor that holds each, and what it is.
PUBLISHED = {
    "efi": ("efi_deficits", "number of deficits of the electronic frailty index, as it is"),
    "hfrs": ("hfrs_2y", "Hospital Frailty Risk Score of the two years before, as it is"),
    "charlson": ("charlson_index", "Charlson index of hospital diagnoses, as it is"),
}
#: A score that this share of rows has not is no baseline.
TOO_MANY_WITHOUT = 0.5


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
