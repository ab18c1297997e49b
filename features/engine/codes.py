"""What each different code of a table means to the lanes of a sweep, settled once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
from pyarrow import compute

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


#: Of a code that no row has shown yet; and of one that is of no use.
UNMET, USELESS = -2, -1


class Settling:
    """Codes settled as rows show them. A code keeps its place; ``settled`` holds all that were met so far."""

    def __init__(self, sweep: Sweep, reaches: Sequence[Ints]) -> None:
        self._sweep, self._reaches = sweep, reaches
        self.settled = settled(sweep, reaches, ())
        self._known: dict[str, arrow.Array] = {}
        self._place: dict[str, Ints] = {}
        self._numbers: list[dict[str, int]] = [{} for _ in sweep.lanes]

    def places(self, systems: Sequence[str], codes: arrow.Array) -> Ints:
        """Place of each of ``codes`` in each of ``systems`` (int32, systems × codes): :data:`UNMET`, :data:`USELESS`, or among
        those settled."""
        found = np.full((len(systems), len(codes)), UNMET, dtype=np.int32)
        for row, system in enumerate(systems):
            if system in self._known:
                at = compute.index_in(codes, self._known[system]).fill_null(-1).to_numpy()
                found[row] = np.where(at >= 0, self._place[system][at], UNMET)
        return found

    def meet(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Settle ``pairs`` (system and code, each once, none met before)."""
        fresh, held = settled(self._sweep, self._reaches, pairs), self.settled
        place = {pair: len(held.pairs) + i for i, pair in enumerate(fresh.pairs)}
        for system in dict.fromkeys(system for system, _ in pairs):
            own = [code for of, code in pairs if of == system]
            before, at = (
                self._known.get(system),
                np.array([place.get((system, code), USELESS) for code in own], np.int32),
            )
            met = arrow.array(own, arrow.string())
            self._known[system] = met if before is None else arrow.concat_arrays([before, met])
            self._place[system] = np.append(self._place.get(system, np.empty(0, np.int32)), at)
        numbers = tuple(_more(of_lane, fresh.pairs, lane.prefix, known) for of_lane, lane, known
                        in zip(held.numbers, self._sweep.lanes, self._numbers, strict=True))  # fmt: skip
        classes = tuple(None if of_lane is None or more is None else np.append(of_lane, more)
                        for of_lane, more in zip(held.classes, fresh.classes, strict=True))  # fmt: skip
        self.settled = Settled((*held.pairs, *fresh.pairs), classes, numbers, np.append(held.reach, fresh.reach))


def _more(
    held: npt.NDArray[np.float64] | None,
    pairs: Iterable[tuple[str, str]],
    prefix: int | None,
    known: dict[str, int],
) -> npt.NDArray[np.float64] | None:
    """``held`` and the numbers of further codes."""
    if held is None:
        return None
    return np.append(held, [float(known.setdefault(code[:prefix], len(known))) for _, code in pairs])
