"""What each different code of a table means to the lanes of a sweep, settled once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.engine.lanes import Sweep

Ints = npt.NDArray[np.int32]

#: The reach of what looks back without end, in days: further than any date; and of what looks at nothing.
EVER, NEVER_READ = 700_000, -1


@dataclass(frozen=True)
class Settled:
    """The codes that matter, numbered by their place: ``pairs`` of system and code. A lane's ``classes`` say what the groups of a
    code are (int32, in place above the lane's bits; None where the lane looks at no code), its ``numbers`` which codes count as
    one (float64; None where it counts no codes). ``reach``: how many days back any predictor looks at a code (int32)."""

    pairs: tuple[tuple[str, str], ...]
    classes: tuple[Ints | None, ...]
    numbers: tuple[npt.NDArray[np.float64] | None, ...]
    reach: Ints

    @property
    def apart(self) -> bool:
        """Whether a code's text alone says which it is, whatever its system."""
        return len({code for _, code in self.pairs}) == len(self.pairs)

    def table(self, earliest: date) -> arrow.Table:
        """``system, code, id``, and ``since``: the first day that matters of a code when ``earliest`` is the first index date. A small
        table to join with."""
        systems, codes = ([pair[i] for pair in self.pairs] for i in (0, 1))
        since = [
            earliest - timedelta(days=min(reach, (earliest - date(1, 1, 1)).days)) for reach in self.reach.tolist()
        ]
        return arrow.table({"system": arrow.array(systems, arrow.string()), "code": arrow.array(codes, arrow.string()),
                            "id": arrow.array(range(len(codes)), arrow.int32()),
                            "since": arrow.array(since, arrow.date32())})  # fmt: skip


def settled(sweep: Sweep, reaches: Sequence[Ints], codes: Iterable[tuple[str, str]]) -> Settled:
    """``codes`` (system and code, each once) settled for the lanes of ``sweep``; those of no use are left out. ``reaches`` holds
    the reach of each class, a lane after another."""
    pairs = list(codes)
    classes = [[lane.code_class(*pair) << lane.bits if lane.coded else 0 for pair in pairs] for lane in sweep.lanes]
    furthest = np.full(len(pairs), NEVER_READ, dtype=np.int32)
    for lane, of_lane, reach in zip(sweep.lanes, classes, reaches, strict=True):
        of_code = reach.reshape(-1, 1 << lane.bits).max(axis=1)
        furthest = np.maximum(furthest, of_code[np.array(of_lane, dtype=np.int64) >> lane.bits])
    keep = np.flatnonzero(furthest != NEVER_READ)
    pairs = [pairs[i] for i in keep]
    return Settled(
        tuple(pairs),
        tuple(np.array(of_lane, dtype=np.int32)[keep] if lane.coded else None
              for lane, of_lane in zip(sweep.lanes, classes, strict=True)),
        tuple(_numbers(pairs, lane.prefix) if lane.distinct == "code" else None for lane in sweep.lanes),
        furthest[keep],
    )  # fmt: skip


def _numbers(pairs: Iterable[tuple[str, str]], prefix: int | None) -> npt.NDArray[np.float64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(code[:prefix], len(numbers)) for _, code in pairs], dtype=np.float64)
