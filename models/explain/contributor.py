"""Contributions to the scores of a model: made once for a model, then quick for anybody."""

from __future__ import annotations

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from features.errors import BadInput
from models.explain import kernel
from models.explain.columns import Columns
from models.explain.groups import Group, Planner
from models.explain.trees import Tree, trees_of

#: Conditions that a group's table may have at most, tried from the first on until the tables take less than :data:`MEMORY` bytes.
MOST = (9, 8, 7, 6)
MEMORY = 256 << 20
#: Rows that a thread takes at a time: their contributions stay in the memory near a core.
BLOCK = 1024
#: Predictors on a path for which the rule of integration has points enough.
DEEPEST = 64


@dataclass(frozen=True)
class Contributor:
    """A model's trees laid out for explanation. ``baseline`` is the mean score of the training rows, of everybody the same."""

    predictors: int
    baseline: float
    columns: Columns
    shallow: _Laid = field(repr=False)
    deep: _Laid = field(repr=False)
    tables: npt.NDArray[np.float64] = field(repr=False)
    offsets: npt.NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, text: str) -> Contributor:
        """Of a model's text in LightGBM's format; :class:`~features.errors.Refused` where it cannot be explained exactly."""
        predictors, trees = trees_of(text)
        columns = Columns.of(trees)
        groups = _planned(trees, columns)
        shallow = _Laid.of(group for group in groups if group.tabled)
        deep = _Laid.of(group for group in groups if not group.tabled)
        sizes = [group.size // 8 for group in groups if group.tabled]
        offsets = np.array([0, *accumulate(sizes)], np.int64)
        tables = np.zeros(int(offsets[-1]))
        points, weights = rule()
        kernel.fill(shallow.starts, shallow.columns, offsets[:-1], shallow.leaves, shallow.shares, shallow.place,
                    shallow.care, shallow.want, shallow.cover, shallow.value, points, weights, tables)  # fmt: skip
        baseline = float(sum(tree.baseline for tree in trees))
        return cls(predictors, baseline, columns, shallow, deep, tables, offsets[:-1])

    def __call__(self, X: npt.NDArray[np.float32], threads: int = 0) -> npt.NDArray[np.float64]:
        """Contributions (n, p + 1) to the raw scores of rows (n, p), NaN where absent; the last column is the baseline.

        A column lies together in memory. ``threads`` 0: one a core. :class:`~features.errors.BadInput` where the rows are not p values of
        single precision.
        """
        if X.ndim != 2 or X.shape[1] != self.predictors or X.dtype != np.float32:
            raise BadInput(f"expected rows of {self.predictors} values of single precision to explain, found {X.dtype} of shape {X.shape}")  # fmt: skip
        out = np.empty((self.predictors + 1, len(X)))
        out[-1] = self.baseline
        starts = range(0, len(X), BLOCK)
        many = min(threads or len(os.sched_getaffinity(0)), len(starts))
        if many <= 1:
            self._span(X, out, starts)
        else:
            with ThreadPoolExecutor(many) as pool:
                list(pool.map(lambda first: self._span(X, out, starts[first::many]), range(many)))
        return out.T

    def _span(self, X: npt.NDArray[np.float32], out: npt.NDArray[np.float64], starts: Iterable[int]) -> None:
        """Blocks of rows that begin at ``starts``, into their columns of ``out``."""
        columns, shallow, deep = self.columns, self.shallow, self.deep
        n = min(BLOCK, len(X))
        codes = np.empty((len(columns.keys), n), np.uint16)
        line, case = np.empty(n, np.float32), np.empty(n, np.uint32)
        added = np.empty((self.predictors, n))
        points, weights = rule()
        room = np.empty((len(points) if len(deep.value) else 0, n))
        for start in starts:
            rows = X[start : start + n]
            m = len(rows)
            here = added[:, :m]
            here[:] = 0
            kernel.encode(
                rows, columns.predictors, columns.missing, columns.starts, columns.cuts, codes[:, :m], line[:m]
            )
            kernel.add(codes[:, :m], shallow.bits, shallow.starts, shallow.columns, shallow.of_columns, self.offsets, self.tables,
                       case[:m], here)  # fmt: skip
            if len(deep.value):
                kernel.add_deep(codes[:, :m], deep.bits, deep.starts, deep.columns, deep.of_columns, deep.care, deep.want,
                                deep.cover, deep.value, points, weights, case[:m], room[:, :m], here)  # fmt: skip
            out[:-1, start : start + m] = here


@dataclass(frozen=True)
class _Laid:
    """Groups as arrays, as :mod:`models.explain.kernel` reads them."""

    bits: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int64]
    of_columns: npt.NDArray[np.int64]
    leaves: npt.NDArray[np.int64]
    shares: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    care: npt.NDArray[np.uint32]
    want: npt.NDArray[np.uint32]
    cover: npt.NDArray[np.float64]
    value: npt.NDArray[np.float64]

    @classmethod
    def of(cls, given: Iterable[Group]) -> _Laid:
        groups = list(given)
        leaves = [leaf for group in groups for leaf in group.leaves]
        shares = [share for leaf in leaves for share in leaf.shares]
        order = [{predictor: n for n, predictor in enumerate(group.predictors)} for group in groups]
        place = [
            order[number][share.predictor]
            for number, group in enumerate(groups)
            for leaf in group.leaves
            for share in leaf.shares
        ]
        bits = [bit.compared for group in groups for bit in group.bits]
        return cls(
            bits=np.array(bits, np.int64).reshape(-1, 4),
            starts=_starts(len(group.bits) for group in groups),
            columns=_starts(len(group.predictors) for group in groups),
            of_columns=np.array([predictor for group in groups for predictor in group.predictors], np.int64),
            leaves=_starts(len(group.leaves) for group in groups),
            shares=_starts(len(leaf.shares) for leaf in leaves),
            place=np.array(place, np.int64),
            care=np.array([share.care for share in shares], np.uint32),
            want=np.array([share.want for share in shares], np.uint32),
            cover=np.array([share.cover for share in shares]),
            value=np.array([leaf.value for leaf in leaves]),
        )


@cache
def rule() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Gauss and Legendre's points and weights on 0 to 1 (points, points): row m is the rule of m points, exact to degree 2 m - 1."""
    points, weights = np.zeros((2, DEEPEST // 2 + 1, DEEPEST // 2 + 1))
    for many in range(1, len(points)):
        at, weight = np.polynomial.legendre.leggauss(many)
        points[many, :many], weights[many, :many] = (at + 1) / 2, weight / 2
    return points, weights


def _planned(trees: list[Tree], columns: Columns) -> list[Group]:
    found: list[Group] = []
    for most in MOST:
        found = [group for tree in trees for group in Planner.of(tree, columns, most).groups()]
        if sum(group.size for group in found if group.tabled) <= MEMORY:
            break
    return found


def _starts(counts: Iterable[int]) -> npt.NDArray[np.int64]:
    return np.array([0, *accumulate(counts)], np.int64)
