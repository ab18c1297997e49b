"""The numbers that are worked out from a row once its facts have been passed over, as arrays that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.engine.language import Circumstance, Declared, Derived
from features.record.tables import PERSON_TABLES

Ints = npt.NDArray[np.int32]

#: Operations of circumstances come after those of derived numbers.
CIRCUMSTANCES = 100


@dataclass(frozen=True)
class Program:
    """One step a number, in an order in which parts come first; the number of step *i* goes to column ``first + i``.

    ``op`` is its operation; its parts are the columns ``part[first_part[i]:first_part[i + 1]]`` with as many ``weight``; its
    cuts ``cut[first_cut[i]:first_cut[i + 1]]``; ``table`` is the table of a circumstance.
    """

    first: int
    op: Ints
    table: Ints
    first_part: Ints
    part: Ints
    weight: npt.NDArray[np.float64]
    first_cut: Ints
    cut: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.op)


def compiled(steps: Sequence[Derived | Circumstance], column: dict[Declared, int]) -> Program:
    """The program of ``steps``, whose parts come before them; ``column`` holds the columns of the aggregates and is given those
    of the steps."""
    first = len(column)
    op: list[int] = []
    table: list[int] = []
    part: list[int] = []
    weight: list[float] = []
    cut: list[float] = []
    first_part, first_cut = [0], [0]
    for step in steps:
        column[step] = first + len(op)
        if isinstance(step, Derived):
            op.append(int(step.op))
            table.append(0)
            part.extend(column[one] for one in step.parts)
            weight.extend(step.weights or (1.0,) * len(step.parts))
            cut.extend(step.cuts)
        else:
            op.append(CIRCUMSTANCES + int(step.what))
            table.append(PERSON_TABLES.index(step.table) if step.table else 0)
        first_part.append(len(part))
        first_cut.append(len(cut))
    return Program(
        first, _ints(op), _ints(table), _ints(first_part), _ints(part), np.array(weight, dtype=np.float64), _ints(first_cut),
        np.array(cut, dtype=np.float64),
    )  # fmt: skip


def _ints(held: Sequence[int]) -> Ints:
    return np.array(held, dtype=np.int32)
