"""A matrix read block by block: into LightGBM's bins of a byte a value, never a second copy of the numbers themselves."""

from __future__ import annotations

from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt

from models.augment import Change
from models.dataset import Dataset

#: Values of a block: 32 MB of them.
VALUES = 8_000_000


class Blocks(lightgbm.Sequence):
    """Some rows (positions, all where None) of a data set's predictors, each block changed by ``change``."""

    def __init__(self, data: Dataset, rows: npt.NDArray[np.int64] | None = None, change: Change | None = None) -> None:
        self._X, self._rows, self._change = data.X, rows, change
        self._many = len(data) if rows is None else len(rows)
        self.batch_size = max(1, VALUES // max(1, data.X.shape[1]))

    def __len__(self) -> int:
        return self._many

    def __getitem__(self, index: Any) -> Any:
        """A row (float64, p: what bins are drawn from) by its number, or rows (float32, b × p) by a slice."""
        if not isinstance(index, slice):
            return self._block(slice(index, index + 1))[0].astype(np.float64)
        return self._block(index)

    def _block(self, where: slice) -> npt.NDArray[np.float32]:
        """Rows as they lie in the matrix where none are picked or changed, else a copy."""
        rows = self._rows[where] if self._rows is not None else None
        if self._change is None:
            return self._X[where if rows is None else rows]
        at = np.arange(*where.indices(self._many)) if rows is None else rows
        return self._change(self._X[at], at)


def binned(
    data: Dataset,
    parameters: dict[str, Any],
    rows: npt.NDArray[np.int64] | None = None,
    change: Change | None = None,
    like: lightgbm.Dataset | None = None,
    taught: npt.NDArray[np.float64] | None = None,
) -> lightgbm.Dataset:
    """The rows in LightGBM's bins, with their outcomes and weights; in the bins of ``like`` where it is given.
    ``taught`` (n of the data set) is learned in place of the outcomes."""
    chosen = slice(None) if rows is None else rows
    weight = None if data.weight is None else data.weight[chosen]
    label = (data.y if taught is None else taught)[chosen]
    made = lightgbm.Dataset(Blocks(data, rows, change), label, weight=weight, reference=like, params=parameters,
                            feature_name=list(data.names))  # fmt: skip
    return made.construct()


def predicted(
    booster: lightgbm.Booster,
    data: Dataset,
    rows: npt.NDArray[np.int64] | None = None,
    *,
    raw: bool = True,
    threads: int = 0,
) -> npt.NDArray[np.float64]:
    """Raw scores (or, where not ``raw``, probabilities) of the rows (n,), block by block."""
    blocks = Blocks(data, rows)
    size = blocks.batch_size
    parts = [
        booster.predict(blocks[start : start + size], raw_score=raw, num_threads=threads)
        for start in range(0, len(blocks), size)
    ]
    return np.concatenate([np.asarray(part, np.float64) for part in parts]) if parts else np.zeros(0)
