"""How a model is trained: every choice, in one place, so that equal rows and recipes give equal models.

There are no class weights, and no rows without the event are left out. Either would make the rarer outcome look more common than
it is: the scores would still rank people, but their log-odds would be off by the weight, by differently much where trees
cut off early, and calibration would have to undo it with the few people it has. Log loss on people as they come is least at the
true probability, however rare the event.

The shape of the trees is held (:data:`DEEPEST`, :data:`MOST_LEAVES`), because the time to explain a score grows with the number of leaves
and with the square of their depth.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from features.errors import BadInput, WrongUsage

#: Deepest leaf and most leaves of a tree whose scores are to be explained.
DEEPEST, MOST_LEAVES = 8, 63
#: Leaves of a tree grown without those limits, for comparison.
UNLIMITED = 255
#: Values of a matrix from which several threads beat one (measured: two threads save a sixth of 3 s at 4 million).
WORTH_THREADS = 10_000_000
#: Rows from which the edges of the bins are taken: enough for :attr:`Recipe.max_bin` of them (LightGBM warns of fewer), and not much memory.
BINNED_FROM = 100_000


@dataclass(frozen=True)
class Recipe:
    """``few_trees`` are grown where too few events are there to choose the number by; ``patience`` is after how many trees without gain
    no more are. ``limited``: the trees' shape is held, as it is for every model that is released. ``monotone``: directions that
    medicine demands are kept where they cost nothing (:mod:`models.monotone`). ``threads`` does not change the model; 0 is as
    many as are worth it (:meth:`threads_for`). :class:`~features.errors.WrongUsage` for trees too deep to explain."""

    learning_rate: float = 0.05
    num_leaves: int = 24
    max_depth: int = 6
    min_data_in_leaf: int = 60
    feature_fraction: float = 0.3
    bagging_fraction: float = 0.8
    bagging_freq: int = 1
    lambda_l2: float = 10.0
    max_bin: int = 127
    most_trees: int = 600
    few_trees: int = 40
    patience: int = 30
    seed: int = 20240401
    limited: bool = True
    monotone: bool = True
    threads: int = 0

    def __post_init__(self) -> None:
        if self.limited and not (1 <= self.max_depth <= DEEPEST and 2 <= self.num_leaves <= MOST_LEAVES):
            raise WrongUsage(
                f"expected trees of depth 1 to {DEEPEST} with 2 to {MOST_LEAVES} leaves, so that their scores can be explained "
                f"in time; found depth {self.max_depth} and {self.num_leaves} leaves"
            )

    def threads_for(self, cells: int) -> int:
        """Threads for a matrix of ``cells`` values: one for a small one, whose threads would mostly wait for each other, and
        on a busy machine for long; LightGBM's 0, as many as there are cores, for a large one."""
        return self.threads or (1 if cells < WORTH_THREADS else 0)

    def parameters(self, cells: int = 0) -> dict[str, Any]:
        """LightGBM's parameters for a matrix of ``cells`` values."""
        given = asdict(self)
        for ours in ("most_trees", "few_trees", "patience", "limited", "monotone", "threads"):
            given.pop(ours)
        if not self.limited:
            given |= {"max_depth": -1, "num_leaves": UNLIMITED}
        return {
            **given,
            "objective": "binary",
            "metric": "binary_logloss",
            "deterministic": True,
            "force_row_wise": True,
            "bin_construct_sample_cnt": BINNED_FROM,
            "feature_pre_filter": False,
            "num_threads": self.threads_for(cells),
            "verbosity": -1,
        }

    def to_json(self) -> dict[str, Any]:
        """Every choice but the machine's threads."""
        return {name: value for name, value in asdict(self).items() if name != "threads"}

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Recipe:
        """The recipe of :meth:`to_json`; :class:`~features.errors.WrongUsage` for a choice that there is not."""
        unknown = sorted(set(held) - {field.name for field in fields(cls)})
        if unknown:
            raise WrongUsage(
                f"a recipe holds {', '.join(field.name for field in fields(cls))}; found {', '.join(unknown)}"
            )
        return cls(**held)

    @classmethod
    def read(cls, path: Path) -> Recipe:
        """The recipe of a JSON file, what it does not name being as ever; :class:`~features.errors.BadInput` where it is no JSON
        object."""
        try:
            held = json.loads(path.read_text())
        except ValueError as error:
            raise BadInput(f"expected a recipe as JSON in {path}, found something else: {error}") from error
        if not isinstance(held, dict):
            raise BadInput(f"expected a recipe as a JSON object in {path}, found a {type(held).__name__}")
        return cls.from_json(held)
