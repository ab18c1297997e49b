"""How much each predictor moved a score: TreeSHAP (Lundberg and others 2020) as LightGBM computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import lightgbm

#: Rows explained at a time: bounds the memory.
CHUNK = 20_000
#: How far contributions may be from adding up to the raw score.
TOLERANCE = 1e-6


def contributions(booster: lightgbm.Booster, X: npt.NDArray[np.float32], threads: int = 0) -> npt.NDArray[np.float64]:
    """Contributions (n, p + 1) to the raw scores of rows (n, p), in float64; the last column is the baseline, the same for all.

    Each row adds up to its raw score within :data:`TOLERANCE`.
    """
    out = np.empty((len(X), X.shape[1] + 1), np.float64)
    for start in range(0, len(X), CHUNK):
        rows = slice(start, start + CHUNK)
        out[rows] = booster.predict(X[rows], pred_contrib=True, num_threads=threads)
    return out


def importance(contributed: npt.NDArray[np.float64], names: tuple[str, ...]) -> list[tuple[str, float]]:
    """Mean size of each predictor's contribution (log-odds), the strongest first."""
    sizes = np.abs(contributed[:, :-1]).mean(axis=0)
    return [(names[i], float(sizes[i])) for i in np.argsort(-sizes, kind="stable")]
