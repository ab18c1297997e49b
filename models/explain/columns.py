"""A predictor's value as the number of the stretch between thresholds in which it lies: all that trees ask of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.explain.trees import Missing, Tree

#: A column of codes: a predictor, and what of it its splits take for missing.
Column = tuple[int, int]
#: Lowest code and codes above it of a condition that no code meets.
NO_CODE = (2**16 - 1, 0)


@dataclass(frozen=True)
class Columns:
    """Code 0 is missing; code c > 0 lies above c - 1 of the column's thresholds. ``cuts[starts[c]:starts[c + 1]]`` are those of column
    c, ascending, and ``keys[c]`` its predictor and kind of missing."""

    keys: tuple[Column, ...]
    starts: npt.NDArray[np.int64]
    cuts: npt.NDArray[np.float32]

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> Columns:
        held: dict[Column, set[float]] = {}
        for tree in trees:
            for feature, missing, threshold in zip(tree.feature, tree.missing, tree.threshold, strict=True):
                held.setdefault((int(feature), int(missing)), set()).add(float(threshold))
        keys = tuple(sorted(held))
        each = [np.array(sorted(held[key]), np.float32) for key in keys]
        starts = np.cumsum([0, *map(len, each)], dtype=np.int64)
        return cls(keys, starts, np.concatenate([*each, np.zeros(0, np.float32)]))

    @property
    def predictors(self) -> npt.NDArray[np.int64]:
        return np.array([predictor for predictor, _ in self.keys], np.int64)

    @property
    def missing(self) -> npt.NDArray[np.int64]:
        return np.array([missing for _, missing in self.keys], np.int64)

    def last(self, column: int) -> int:
        """The highest code of a column."""
        return int(self.starts[column + 1] - self.starts[column]) + 1


@dataclass(frozen=True)
class Condition:
    """What is asked of a column: a code from ``low`` to ``high``, or, where ``missing``, none."""

    column: int
    low: int
    high: int
    missing: bool

    @property
    def compared(self) -> tuple[int, int, int, int]:
        """Column, lowest code, codes above it, and the codes below 1 that hold: as the kernel compares."""
        low, width = (self.low, self.high - self.low) if self.low <= self.high else NO_CODE
        return self.column, low, width, int(self.missing)

    def __and__(self, other: Condition) -> Condition:
        return Condition(
            self.column, max(self.low, other.low), min(self.high, other.high), self.missing and other.missing
        )


def conditions(tree: Tree, columns: Columns) -> list[tuple[Condition, Condition]]:
    """What goes left and what goes right at each split of a tree."""
    place = {key: column for column, key in enumerate(columns.keys)}
    found = []
    for split in range(len(tree.feature)):
        column = place[int(tree.feature[split]), int(tree.missing[split])]
        cuts = columns.cuts[columns.starts[column] : columns.starts[column + 1]]
        code = int(np.searchsorted(cuts, tree.threshold[split])) + 1
        left = bool(tree.default_left[split]) and tree.missing[split] != Missing.NONE
        found.append((Condition(column, 1, code, left), Condition(column, code + 1, columns.last(column), not left)))
    return found
