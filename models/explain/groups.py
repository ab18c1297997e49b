"""Which leaves of a tree are explained together: those of a subtree whose conditions are few enough for a table of every case.

What a leaf adds to each predictor's contribution depends only on which conditions of its path hold. So a table with a row for each
case of k conditions holds what all leaves of a subtree add together, and a person costs k comparisons and one look-up a predictor.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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

    @property
    def predictors(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(share.predictor for leaf in self.leaves for share in leaf.shares))

    @property
    def size(self) -> int:
        """Bytes of its table."""
        return (8 << len(self.bits)) * len(self.predictors)

    @property
    def cost(self) -> float:
        if not self.tabled:
            return float(len(self.predictors) ** 2)
        return len(self.bits) * COMPARISON + len(self.predictors) + self.size / BYTES


#: A step of a path: the split's place, whether it went left, and the share of its rows that did so.
_Step = tuple[int, bool, float]


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
        return self._best(0, ())[1] if len(self.tree.feature) else []

    def _best(self, child: int, path: tuple[_Step, ...]) -> tuple[float, list[Group]]:
        apart: tuple[float, list[Group]] | None = None
        if child >= 0:
            left, right = self._children(child, path)
            (first, ours), (second, theirs) = self._best(*left), self._best(*right)
            apart = first + second, ours + theirs
        whole = self._group(child, path)
        if whole is not None and (apart is None or whole.cost <= apart[0]):
            return whole.cost, [whole]
        assert apart is not None
        return apart

    def _children(self, split: int, path: tuple[_Step, ...]) -> list[tuple[int, tuple[_Step, ...]]]:
        rows = self.tree.rows(split)
        return [(int(child), (*path, (split, left, self.tree.rows(int(child)) / rows)))
                for left, child in ((True, self.tree.left[split]), (False, self.tree.right[split]))]  # fmt: skip

    def _group(self, child: int, path: tuple[_Step, ...]) -> Group | None:
        """The subtree as one group; None where that takes too many conditions (a leaf alone is then one without a table)."""
        merged: dict[int, Condition] = {}
        for split, left, _ in path:
            asked = self.asked[split][0 if left else 1]
            merged[asked.column] = merged[asked.column] & asked if asked.column in merged else asked
        bits = list(merged.values())
        place: dict[int, int] = {}
        for split in self._splits(child):
            if self.asked[split][0] not in bits:
                bits.append(self.asked[split][0])
            if len(bits) > self.most:
                return None
            place[split] = bits.index(self.asked[split][0])
        of_path = {column: bit for bit, column in enumerate(merged)}
        leaves = tuple(self._leaf(leaf, steps, len(path), of_path, place) for leaf, steps in self._below(child, path))
        return Group(tuple(bits), leaves, len(bits) <= self.most)

    def _splits(self, child: int) -> Iterator[int]:
        if child >= 0:
            yield child
            yield from self._splits(int(self.tree.left[child]))
            yield from self._splits(int(self.tree.right[child]))

    def _below(self, child: int, path: tuple[_Step, ...]) -> Iterator[tuple[int, tuple[_Step, ...]]]:
        if child < 0:
            yield ~child, path
        else:
            for below in self._children(child, path):
                yield from self._below(*below)

    def _leaf(
        self, leaf: int, steps: tuple[_Step, ...], above: int, of_path: dict[int, int], place: dict[int, int]
    ) -> Leaf:
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
