"""What each different code of a table means to the lanes of a sweep, settled once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.engine.lanes import Sweep

Ints = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Settled:
    """The codes that matter, numbered by their place: ``pairs`` of system and code. A lane's ``classes`` say what the groups of a
    code are (int32, in place above the lane's bits; None where the lane looks at no code), its ``numbers`` which codes count as
    one (float64; None where it counts no codes). ``listed``: whether a code is in any code set."""

    pairs: tuple[tuple[str, str], ...]
    classes: tuple[Ints | None, ...]
    numbers: tuple[npt.NDArray[np.float64] | None, ...]
    listed: npt.NDArray[np.bool_]

    @property
    def apart(self) -> bool:
        """Whether a code's text alone says which it is, whatever its system."""
        return len({code for _, code in self.pairs}) == len(self.pairs)

    def table(self) -> arrow.Table:
        """``system, code, id, listed`` as a small table to join with."""
        systems, codes = ([pair[i] for pair in self.pairs] for i in (0, 1))
        return arrow.table({"system": arrow.array(systems, arrow.string()), "code": arrow.array(codes, arrow.string()),
                            "id": arrow.array(range(len(codes)), arrow.int32()), "listed": arrow.array(self.listed)})  # fmt: skip


def only_listed(sweep: Sweep) -> bool:
    """Whether a row whose code is in no code set is of no use to any lane."""
    return all(of.codes for lane in sweep.lanes for of in lane.groups)


def settled(sweep: Sweep, codes: Iterable[tuple[str, str]]) -> Settled:
    """``codes`` (system and code, each once) settled for the lanes of ``sweep``; those of no use are left out."""
    pairs = list(codes)
    classes = [[lane.code_class(*pair) << lane.bits for pair in pairs] if lane.coded else None for lane in sweep.lanes]
    listed = np.array([any(of_lane[i] for of_lane in classes if of_lane) for i in range(len(pairs))], dtype=np.bool_)
    if only_listed(sweep):
        keep = np.flatnonzero(listed)
        pairs, listed = [pairs[i] for i in keep], listed[keep]
        classes = [of_lane and [of_lane[i] for i in keep] for of_lane in classes]
    return Settled(
        tuple(pairs),
        tuple(None if of_lane is None else np.array(of_lane, dtype=np.int32) for of_lane in classes),
        tuple(_numbers(pairs, lane.prefix) if lane.distinct == "code" else None for lane in sweep.lanes),
        listed,
    )


def _numbers(pairs: Iterable[tuple[str, str]], prefix: int | None) -> npt.NDArray[np.float64]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(code[:prefix], len(numbers)) for _, code in pairs], dtype=np.float64)
