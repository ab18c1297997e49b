"""Plans all declarations together: which groups of facts they need, and the arrays that the kernel reads them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from features.engine.language import Facts, Kind, Misdeclared, Predictor
from features.record.tables import PERSON_TABLES


@dataclass(frozen=True)
class Plan:
    """``groups[g]`` are the facts of group *g*; one group feeds every predictor declared on the same facts. The arrays have
    a place a predictor (int32; ``table_bit`` uint64), ``first_of_group`` one a group and one more."""

    predictors: tuple[Predictor, ...]
    groups: tuple[Facts, ...]
    first_of_group: np.ndarray
    predictor_of: np.ndarray
    kind: np.ndarray
    within: np.ndarray
    lasting: np.ndarray
    table_bit: np.ndarray

    def of_table(self, table: str) -> list[tuple[int, Facts]]:
        """Groups of one table with their numbers."""
        return [(number, facts) for number, facts in enumerate(self.groups) if facts.table == table]

    @property
    def tables(self) -> list[str]:
        return sorted({facts.table for facts in self.groups})

    def lookback(self, table: str) -> int | None:
        """How far back any predictor of the table reaches, in days; None when one has no beginning. Interval kinds that
        look at the whole interval count as having none."""
        windows = [p.within for p in self.predictors if p.of.table == table]
        lasting = any(p.kind in (Kind.DAYS, Kind.OPEN, Kind.OPEN_SUM) for p in self.predictors if p.of.table == table)
        return None if lasting or None in windows else max(w for w in windows if w)


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
    return Plan(
        predictors=tuple(predictors),
        groups=groups,
        first_of_group=np.cumsum([0, *map(len, fed)], dtype=np.int32),
        predictor_of=np.array([i for members in fed for i in members], dtype=np.int32),
        kind=np.array([int(p.kind) for p in predictors], dtype=np.int32),
        within=np.array([p.within or 0 for p in predictors], dtype=np.int32),
        lasting=np.array([p.lasting for p in predictors], dtype=np.int32),
        table_bit=np.array([PERSON_TABLES.index(p.of.table) for p in predictors], dtype=np.uint64),
    )
