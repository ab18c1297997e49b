"""Stage B: the facts of some people, whoever made them, through the kernel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from features.engine import kernel
from features.engine.arrange import Facts, only_read, order
from features.engine.finish import finish
from features.engine.plan import Feeding, Plan
from features.engine.rows import Rows

_NO_NUMBERS = np.empty(0, dtype=np.float64)


class Filling:
    """The numbers of some rows, filled sweep by sweep.

    ``rows`` are sorted by person and date. ``take`` passes over the facts of a sweep, all of these people's and in any order; once
    every sweep was taken, ``finished`` gives float32 (len(rows), plan.width).
    """

    def __init__(self, plan: Plan, rows: Rows) -> None:
        self.plan, self.rows = plan, rows
        self.people, begins = np.unique(rows.person_id, return_index=True)
        self._row_first = np.append(begins, len(rows)).astype(np.int64)
        self._out = np.empty((len(rows), plan.width), dtype=np.float32)

    def take(self, sweep: int, facts: Facts) -> None:
        placed, first = order(facts, self.people)
        end = facts.start if facts.end is None else facts.end
        shared = (placed, first, facts.start, end, facts.known_at, facts.known_until)
        for feeding, classes, numbers in zip(self.plan.feeding[sweep], facts.classes, facts.numbers, strict=True):
            self._lane(feeding, shared, classes, numbers)

    def _lane(
        self, feeding: Feeding, shared: Sequence[np.ndarray], classes: np.ndarray, numbers: np.ndarray | None
    ) -> None:
        arrays = (*shared, classes, _NO_NUMBERS if numbers is None else numbers, self._row_first, self.rows.t,
                  feeding.first_of_class, feeding.entries)  # fmt: skip
        kept = (only_read(feeding.initial), only_read(feeding.summed), only_read(feeding.kinds))
        kernel.run(*map(only_read, arrays), feeding.columns.start, *kept, feeding.marks, feeding.items, self._out)

    def finished(self) -> npt.NDArray[np.float32]:
        finish(self.plan, self.rows, self._out)
        return self._out


def fill(plan: Plan, rows: Rows, facts: Sequence[Facts]) -> npt.NDArray[np.float32]:
    """The predictors (float32, rows × plan.predictors) of ``rows``; ``facts`` holds those of these people, one lot a sweep."""
    filling = Filling(plan, rows)
    for sweep, held in enumerate(facts):
        filling.take(sweep, held)
    return np.ascontiguousarray(filling.finished()[:, plan.chosen])
