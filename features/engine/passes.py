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

_NO_CODES = np.empty(0, dtype=np.int32)
_NO_FLAGS = np.empty(0, dtype=np.int64)
_NO_NUMBERS = np.empty(0, dtype=np.float64)


#: Numbers of a line of the processor's cache.
_LINE = 16


def laid(plan: Plan, rows: int) -> tuple[int, int]:
    """The shape of room for so many rows (plan.width × the rows or a few more): column after column, an odd number of cache lines
    apart, as the same rows of many columns would push each other out of the cache if the columns lay a power of two apart."""
    lines = -(-rows // _LINE) | 1
    return plan.width, lines * _LINE


class Filling:
    """The numbers of some rows, filled sweep by sweep.

    ``rows`` are sorted by person and date. ``take`` passes over the facts of a sweep, all of these people's and in any order; once
    every sweep was taken, ``finished`` gives float32 (len(rows), plan.width), its columns each in one piece. ``into``: room of the
    shape that :func:`laid` says, to be written over.
    """

    def __init__(self, plan: Plan, rows: Rows, into: npt.NDArray[np.float32] | None = None) -> None:
        self.plan, self.rows = plan, rows
        self.people, begins = np.unique(rows.person_id, return_index=True)
        self._row_first = np.append(begins, len(rows)).astype(np.int64)
        self._out = np.empty(laid(plan, len(rows)), dtype=np.float32) if into is None else into
        self._out[:] = plan.initial[:, None]

    def take(self, sweep: int, facts: Facts) -> None:
        if not len(facts.start):  # as of most tables of one person: what a row begins with stays
            return
        held = order(facts, self.people)
        self.pass_over(sweep, held.facts, held.placed, held.first)

    def pass_over(self, sweep: int, facts: Facts, placed: npt.NDArray[np.int64], first: npt.NDArray[np.int64]) -> None:
        """Pass over the facts of a sweep that are in order already: those of these people begin at ``first`` among ``placed``."""
        end = facts.start if facts.end is None else facts.end
        shared = (placed, first, facts.start, end, facts.known_at, facts.known_until)
        for place, feeding in enumerate(self.plan.feeding[sweep]):
            self._lane(feeding, shared, facts, place)

    def _lane(self, feeding: Feeding, shared: Sequence[np.ndarray], facts: Facts, place: int) -> None:
        classes = facts.settled.classes[place] if facts.settled else None
        of_codes = facts.settled.numbers[place] if facts.settled else None
        codes = facts.code if classes is not None or of_codes is not None else None
        arrays = (
            *shared,
            _NO_CODES if codes is None else codes,
            _NO_CODES if classes is None else classes,
            _NO_NUMBERS if of_codes is None else of_codes,
            facts.flags if feeding.conditions and facts.flags is not None else _NO_FLAGS,
            _or_none(facts.numbers[place]),
            self._row_first,
            self.rows.t,
            feeding.first_of_class,
            feeding.reach,
            feeding.entries,
            feeding.summed,
            feeding.kinds,
        )
        numbers = (feeding.shift, feeding.conditions, feeding.numbered, feeding.marks,
                   feeding.items)  # fmt: skip
        kernel.run(*map(only_read, arrays), *numbers, self._out)

    def finished(self) -> npt.NDArray[np.float32]:
        finish(self.plan, self.rows, self._out)
        return self._out[:, : len(self.rows)].T


def _or_none(numbers: npt.NDArray[np.float64] | None) -> npt.NDArray[np.float64]:
    return _NO_NUMBERS if numbers is None else numbers


def fill(plan: Plan, rows: Rows, facts: Sequence[Facts]) -> npt.NDArray[np.float32]:
    """The predictors (float32, rows × plan.predictors) of ``rows``; ``facts`` holds those of these people, one lot a sweep."""
    filling = Filling(plan, rows)
    for sweep, held in enumerate(facts):
        filling.take(sweep, held)
    return np.ascontiguousarray(filling.finished()[:, plan.chosen])
