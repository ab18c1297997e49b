"""Fairness at the threshold of the list, as fairlearn gives it: a second hand beside our own figures.

Ours have intervals and are what the report shows; these are worked out by other people's code from the same lists, and a
difference between the two would be a fault.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import MissingPart
from models.slices import COMPARED

Array = npt.NDArray[np.float64]


def by_fairlearn(frame: pd.DataFrame, by: str, y: Array, listed: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """``levels`` (``listed_share``, ``sensitivity``, ``ppv``, ``false_positive_rate`` of each level of ``by``), and of the
    same figures the largest ``difference`` and smallest ``ratio`` between levels. ``frame``, ``y``, ``listed`` (n,) are rows.

    :class:`~features.errors.MissingPart` without fairlearn.
    """
    try:
        from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
        from sklearn.metrics import precision_score
    except ImportError as error:
        raise MissingPart("expected the package fairlearn for tables of fairness, found none; install it") from error

    def ppv(happened: Any, chosen: Any) -> float:
        return float(precision_score(happened, chosen, zero_division=np.nan))

    metrics = {"listed_share": selection_rate, "sensitivity": true_positive_rate, "ppv": ppv,
               "false_positive_rate": false_positive_rate}  # fmt: skip
    told = MetricFrame(metrics=metrics, y_true=y.astype(int), y_pred=listed.astype(int),
                       sensitive_features=frame[by].astype(str).to_numpy())  # fmt: skip
    return {
        "levels": {str(level): _plain(row) for level, row in told.by_group.iterrows()},
        "difference": _plain(told.difference(method="between_groups")),
        "ratio": _plain(told.ratio(method="between_groups")),
    }


def fairness(frame: pd.DataFrame, y: Array, listed: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """:func:`by_fairlearn` for each kind whose levels are compared."""
    return {by: by_fairlearn(frame, by, y, listed) for by in COMPARED}


def _plain(row: Any) -> dict[str, float | None]:
    return {str(name): float(value) if np.isfinite(float(value)) else None for name, value in row.items()}
