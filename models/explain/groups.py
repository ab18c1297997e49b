"""Which leaves of a tree are explained together: those of a subtree whose conditions are few enough for a table of every case.

What a leaf adds to each predictor's contribution depends only on which conditions of its path hold. So a table with a row for each
case of k conditions holds what all leaves of a subtree add together, and a person costs k comparisons and one look-up a predictor.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from models.explain.columns import Columns, Condition, conditions
from models.explain.trees import Tree

#: Cost of a comparison beside that of one look-up and addition (measured: comparisons are done many at a time).
COMPARISON = 0.35
#: Bytes of a table that cost as much as one look-up and addition (measured: what a table takes from the nearest memory).
BYTES = 32_768
#: `care` and `want` that no case meets: of a path that goes two ways at one condition, which nobody can take.
NEVER = (0, 1)


@dataclass(frozen=True)
class Share:
    """A predictor on a leaf's path: it goes the leaf's way in the cases where ``case & care == want``, as ``cover`` of the training rows
    that came to its splits did."""

    predictor: int
    care: int
    want: int
    cover: float


@dataclass(frozen=True)
class Leaf:
    """A leaf's value and the predictors of its path, each once."""

    value: float
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Group:
    """Leaves explained together. Bit b of a case is whether ``bits[b]`` holds. ``tabled``: few enough bits for a table."""

    bits: tuple[Condition, ...]
    leaves: tuple[Leaf, ...]
    tabled: bool = True

    @cached_property
    def predictors(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(share.predictor for leaf in self.leaves for share in leaf.shares))

    @property
    def size(self) -> int:
        """Bytes of its table."""
        return (8 << len(self.bits)) * len(self.predictors)


#: A step of a path: the split's place, whether it went left, and the share of its rows that did so.
_Step = tuple[int, bool, float]
_Path = tuple[_Step, ...]


@dataclass(frozen=True)
class Planner:
    """Chooses the groups of a tree that cost least, none of more than ``most`` conditions. A leaf whose path alone has more is a group of
    its own, without a table."""

    tree: Tree
    columns: Columns
    most: int
    asked: Sequence[tuple[Condition, Condition]]

    @classmethod
    def of(cls, tree: Tree, columns: Columns, most: int) -> Planner:
        return cls(tree, columns, most, conditions(tree, columns))

    def groups(self) -> list[Group]:
        """The groups, which hold each leaf once; none of a tree that is one leaf."""
        if not len(self.tree.feature):
            return []
        return [self._group(child, path) for child, path in self._best(0, ())[1]]

    def _best(self, child: int, path: _Path) -> tuple[float, list[tuple[int, _Path]]]:
        """The least cost, and the subtrees that are a group each."""
        whole = self._cost(child, path)
        if child < 0:
            return whole, [(child, path)]
        (first, ours), (second, theirs) = (self._best(*below) for below in self._children(child, path))
        return (whole, [(child, path)]) if whole <= first + second else (first + second, ours + theirs)

    def _cost(self, child: int, path: _Path) -> float:
        """What a subtree costs as one group; of a leaf whose path is too long for a table, what it costs without."""
        merged = self._merged(path)
        bits = set(merged.values())
        predictors = {int(self.tree.feature[split]) for split, _, _ in path}
        for split in self._splits(child):
            bits.add(self.asked[split][0])
            predictors.add(int(self.tree.feature[split]))
            if len(bits) > self.most:
                return math.inf
        if len(bits) > self.most:
            return float(len(predictors) ** 2)
        return len(bits) * COMPARISON + len(predictors) + (8 << len(bits)) * len(predictors) / BYTES

    def _children(self, split: int, path: _Path) -> list[tuple[int, _Path]]:
        rows = self.tree.rows(split)
        return [(int(child), (*path, (split, left, self.tree.rows(int(child)) / rows)))
                for left, child in ((True, self.tree.left[split]), (False, self.tree.right[split]))]  # fmt: skip

    def _merged(self, path: _Path) -> dict[int, Condition]:
        """What a path asks of each column."""
        merged: dict[int, Condition] = {}
        for split, left, _ in path:
            asked = self.asked[split][0 if left else 1]
            merged[asked.column] = merged[asked.column] & asked if asked.column in merged else asked
        return merged

    def _group(self, child: int, path: _Path) -> Group:
        merged = self._merged(path)
        splits = list(self._splits(child))
        bits = list(dict.fromkeys([*merged.values(), *(self.asked[split][0] for split in splits)]))
        place = {split: bits.index(self.asked[split][0]) for split in splits}
        of_path = {column: bits.index(asked) for column, asked in merged.items()}
        leaves = tuple(self._leaf(leaf, steps, len(path), of_path, place) for leaf, steps in self._below(child, path))
        return Group(tuple(bits), leaves, len(bits) <= self.most)

    def _splits(self, child: int) -> Iterator[int]:
        if child >= 0:
            yield child
            yield from self._splits(int(self.tree.left[child]))
            yield from self._splits(int(self.tree.right[child]))

    def _below(self, child: int, path: _Path) -> Iterator[tuple[int, _Path]]:
        if child < 0:
            yield ~child, path
        else:
            for below in self._children(child, path):
                yield from self._below(*below)

    def _leaf(self, leaf: int, steps: _Path, above: int, of_path: dict[int, int], place: dict[int, int]) -> Leaf:
        found: dict[int, tuple[int, int, float]] = {}
        for number, (split, left, cover) in enumerate(steps):
            bit = 1 << (place[split] if number >= above else of_path[self.asked[split][0].column])
            wants = bit if left or number < above else 0
            predictor = int(self.tree.feature[split])
            care, want, held = found.get(predictor, (0, 0, 1.0))
            never = (care, want) == NEVER or (care & bit and want & bit != wants)
            found[predictor] = (*NEVER, held * cover) if never else (care | bit, want | wants, held * cover)
        shares = tuple(Share(predictor, *rest) for predictor, rest in found.items())
        return Leaf(float(self.tree.value[leaf]), shares)
