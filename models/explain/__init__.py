"""How much each predictor moved a score: path-dependent TreeSHAP (Lundberg and others 2020), exact, for a whole area at a time.

:class:`Contributor` lays a model out once (:mod:`~models.explain.trees`, :mod:`~models.explain.columns`, :mod:`~models.explain.groups`) and then
explains anybody (:mod:`~models.explain.kernel`). LightGBM's own ``pred_contrib`` and shap's ``TreeExplainer`` give the same numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from models.explain.contributor import Contributor

if TYPE_CHECKING:
    import lightgbm

__all__ = ["TOLERANCE", "Contributor", "contributions", "importance"]

#: How far contributions may be from adding up to the raw score.
TOLERANCE = 1e-6


def contributions(booster: lightgbm.Booster, X: npt.NDArray[np.float32], threads: int = 0) -> npt.NDArray[np.float64]:
    """Contributions (n, p + 1) to the raw scores of rows (n, p), in float64; the last column is the baseline, the same for all.

    Each row adds up to its raw score within :data:`TOLERANCE`. Whoever explains a model more than once keeps its :class:`Contributor`.
    """
    return Contributor.of(booster.model_to_string(num_iteration=-1))(X, threads)


def importance(contributed: npt.NDArray[np.float64], names: tuple[str, ...]) -> list[tuple[str, float]]:
    """Mean size of each predictor's contribution (log-odds), the strongest first."""
    sizes = np.abs(contributed[:, :-1]).mean(axis=0)
    return [(names[i], float(sizes[i])) for i in np.argsort(-sizes, kind="stable")]
