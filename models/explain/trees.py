"""The trees of a model as arrays, read from LightGBM's own text: what an exact explanation has to know of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from features.errors import Refused

#: Bits of LightGBM's ``decision_type`` (its ``include/LightGBM/tree.h``): categorical, default left, and two of the missing type.
CATEGORICAL, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2
#: Values of which a split that takes zero for missing says that they are zero (LightGBM's ``kZeroThreshold``).
NO_MORE_THAN_ZERO = np.float32(1e-35)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Missing(IntEnum):
    """What goes a split's default way: nothing (NaN is taken for 0), zero and NaN, or NaN. The numbers are LightGBM's."""

    NONE = 0
    ZERO = 1
    NAN = 2


@dataclass(frozen=True)
class Tree:
    """A tree of m leaves. Of its m - 1 splits: ``feature``, ``threshold`` (left where the value is not above it, to single precision),
    ``default_left``, ``missing`` (:class:`Missing`), ``left`` and ``right`` (a split, or ``~leaf``), ``count`` of training rows;
    of its leaves: ``value`` and ``leaf_count``. The first split is the root."""

    feature: Ints
    threshold: npt.NDArray[np.float32]
    default_left: npt.NDArray[np.bool_]
    missing: Ints
    left: Ints
    right: Ints
    count: Floats
    value: Floats
    leaf_count: Floats

    def rows(self, child: int) -> float:
        """Training rows that came to a child of a split."""
        return float(self.count[child] if child >= 0 else self.leaf_count[~child])

    @property
    def baseline(self) -> float:
        """The mean of the leaves, each as often as training rows came to it."""
        if not len(self.feature):
            return float(self.value[0])
        return float((self.value * self.leaf_count).sum() / self.count[0])


def trees_of(text: str) -> tuple[int, list[Tree]]:
    """The number of predictors and the trees of a model's text.

    :class:`~features.errors.Refused` where what it holds has no exact explanation here: several classes, averaged trees, linear leaves,
    categorical splits.
    """
    head, *parts = text.partition("end of trees")[0].split("\nTree=")
    facts = _facts(head)
    for wrong, what in (
        (facts.get("num_tree_per_iteration", "1") != "1", "more than one tree a round (several classes)"),
        ("average_output" in head.split("\n"), "averaged trees (a random forest)"),
    ):
        if wrong:
            raise _unexplained(what)
    return int(facts["max_feature_idx"]) + 1, [_tree(_facts(part)) for part in parts]


def _unexplained(what: str) -> Refused:
    return Refused(
        f"this model cannot be explained exactly: expected boosted trees with one output and splits at a number, found {what}; "
        "train it with categories as numbers or columns of 0 and 1"
    )


def _facts(part: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in part.splitlines() if "=" in line)


def _tree(facts: dict[str, str]) -> Tree:
    if int(facts.get("num_cat", 0)):
        raise _unexplained("a split by category")
    if facts.get("is_linear", "0") != "0":
        raise _unexplained("leaves that are linear")
    if int(facts["num_leaves"]) == 1:
        none, whole = np.zeros(0, np.int64), np.zeros(0)
        value = np.array([float(facts["leaf_value"])])
        return Tree(none, whole.astype(np.float32), none.astype(bool), none, none, none, whole, value, np.ones(1))
    decision = _integers(facts["decision_type"])
    found = Tree(
        feature=_integers(facts["split_feature"]),
        threshold=down(_numbers(facts["threshold"])),
        default_left=(decision & DEFAULT_LEFT) > 0,
        missing=decision >> MISSING_SHIFT & 3,
        left=_integers(facts["left_child"]),
        right=_integers(facts["right_child"]),
        count=_numbers(facts["internal_count"]),
        value=_numbers(facts["leaf_value"]),
        leaf_count=_numbers(facts["leaf_count"]),
    )
    if not (found.leaf_count > 0).all():
        raise _unexplained("a leaf to which no training row came")
    return found


def _integers(said: str) -> Ints:
    return np.array(said.split(), np.int64)


def _numbers(said: str) -> Floats:
    return np.array(said.split(), np.float64)


def down(threshold: Floats) -> npt.NDArray[np.float32]:
    """The greatest numbers of single precision that are not above: a value of single precision is below one where it is below the other."""
    with np.errstate(over="ignore"):
        single = threshold.astype(np.float32)
    return np.where(single > threshold, np.nextafter(single, np.float32(-np.inf)), single)
