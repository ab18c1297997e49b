"""Plans all declarations together: which groups of facts they need, and the arrays that the kernel reads them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.engine.lanes import Lane, lanes
from features.engine.language import LASTING, Facts, Misdeclared, Predictor
from features.record.tables import PERSON_TABLES


@dataclass(frozen=True)
class Plan:
    """``groups`` are the different facts that predictors are declared on, ``lanes`` how rows become facts of a class.

    ``predictor_of[first_of_class[c]:first_of_class[c + 1]]`` are the predictors that a fact of class *c* feeds (int32). The other
    arrays have a place a predictor: ``kind``, ``within`` (0: no beginning), ``lasting`` (int32), ``table_bit`` (uint64).
    """

    predictors: tuple[Predictor, ...]
    groups: tuple[Facts, ...]
    lanes: tuple[Lane, ...]
    first_of_class: np.ndarray
    predictor_of: np.ndarray
    kind: np.ndarray
    within: np.ndarray
    lasting: np.ndarray
    table_bit: np.ndarray

    def lookback(self, lane: Lane) -> int | None:
        """How far back any predictor fed by the lane reaches, in days; None when one has no beginning. Kinds that look at
        the whole interval have none."""
        fed = [p for p in self.predictors if p.of in lane.groups]
        windows = [p.within for p in fed if p.within is not None and p.kind not in LASTING]
        return max(windows) if len(windows) == len(fed) else None


def plan(predictors: Sequence[Predictor]) -> Plan:
    """The plan of ``predictors``; :class:`Misdeclared` where two share a name or there are none."""
    if not predictors:
        raise Misdeclared("expected one predictor or more, found none")
    names = [p.name for p in predictors]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Misdeclared(f"expected different names; given twice: {', '.join(doubled)}")
    groups = tuple(dict.fromkeys(p.of for p in predictors))
    fed = [[i for i, p in enumerate(predictors) if p.of == group] for group in groups]
    laid = lanes(groups)
    by_class = [sorted(i for group in lane.members_of(number) for i in fed[group])
                for lane in laid for number in range(lane.size)]  # fmt: skip
    return Plan(
        predictors=tuple(predictors),
        groups=groups,
        lanes=laid,
        first_of_class=np.cumsum([0, *map(len, by_class)], dtype=np.int32),
        predictor_of=np.array([i for members in by_class for i in members], dtype=np.int32),
        kind=np.array([int(p.kind) for p in predictors], dtype=np.int32),
        within=np.array([p.within or 0 for p in predictors], dtype=np.int32),
        lasting=np.array([p.lasting for p in predictors], dtype=np.int32),
        table_bit=np.array([PERSON_TABLES.index(p.of.table) for p in predictors], dtype=np.uint64),
    )
