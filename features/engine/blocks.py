"""Whole people in blocks, so that memory stays bounded: the facts of the next block are made while the kernel passes over this
one's."""

from __future__ import annotations

import collections
import itertools
import math
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import numpy.typing as npt

from features.engine.arrange import Ordered
from features.engine.files import Files
from features.engine.passes import Filling, laid
from features.engine.plan import Plan
from features.engine.rows import Rows
from features.record.reader import Record

#: People whose facts are made at a time, some 50 bytes a fact; for few people much is read that is not wanted.
PEOPLE = 12_500
#: Sweeps whose facts are made at once: reading takes longer than passing over what was read, and the second fills the gaps that the
#: first leaves. More would not be used by two cores.
MAKERS = 2
#: Sweeps that are passed over at once: where facts are made ahead there is little else to do.
PASSERS = 2
#: Rows that are filled at a time, some 4 bytes a predictor.
ROWS = 50_000


class Source(Protocol):
    """Where facts come from. Several threads ask it, mostly for different sweeps."""

    def facts(self, sweep: int, people: npt.NDArray[np.int64]) -> Ordered:
        """Facts of a sweep of the plan about ``people`` (sorted, each once), in order."""
        ...


#: What gives a source of the facts of a record, as far as some dates can see.
Sourced = Callable[[Record, Plan, Sequence[date]], Source]


@dataclass
class Timing:
    """Seconds spent making the facts of each sweep, and passing over them; and finishing rows."""

    scan: list[float]
    kernel: list[float]
    finish: float = 0.0
    facts: int = 0

    @contextmanager
    def of_kernel(self, sweep: int) -> Iterator[None]:
        """Count what is done within as passing over the facts of ``sweep``."""
        began = time.perf_counter()
        yield
        self.kernel[sweep] += time.perf_counter() - began


@dataclass(frozen=True)
class Block:
    """Rows ``[first, first + len(values))`` of those asked for, with every column of the plan (float32, rows × width; each column in one
    piece). The values are lent: the block after the next is written over them."""

    first: int
    values: npt.NDArray[np.float32]


class _Room:
    """Room for the numbers of blocks, in turn the one and the other: what is asked of the system anew for each block is cleared by it
    each time, which costs as much as working out what goes there."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._held = [np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)]

    def of(self, rows: int) -> npt.NDArray[np.float32]:
        """Room for so many rows, as :func:`features.engine.passes.laid` lays it."""
        self._held.reverse()
        shape = laid(self._plan, rows)
        if len(self._held[0]) < math.prod(shape):
            self._held[0] = np.empty(math.prod(shape), dtype=np.float32)
        return self._held[0][: math.prod(shape)].reshape(shape)


def blocks(
    record: Record,
    plan: Plan,
    rows: Rows,
    people: int = PEOPLE,
    timing: Timing | None = None,
    most: int = ROWS,
    source: Sourced = Files,
) -> Iterator[Block]:
    """Every row of ``rows`` (sorted by person and date), block after block of some ``most`` rows, from ``record``, the facts of
    ``people`` of them made at a time by ``source``."""
    if not len(rows):
        return
    timing = timing or timing_of(plan)
    dates: Sequence[date] = [day.item() for day in np.unique(rows.t).astype("datetime64[D]")]
    persons, begins = np.unique(rows.person_id, return_index=True)
    begins = np.append(begins, len(rows))
    edges = [*range(0, len(persons), people), len(persons)]
    wanted = [
        (sweep, persons[low:high]) for low, high in itertools.pairwise(edges) for sweep in range(len(plan.sweeps))
    ]
    room = _Room(plan)
    made = _ahead(source(record, plan, dates), wanted, len(plan.sweeps), timing)
    with ThreadPoolExecutor(PASSERS) as passer:
        for low, high in itertools.pairwise(edges):
            facts = list(itertools.islice(made, len(plan.sweeps)))
            timing.facts += sum(len(of.facts) for of in facts)
            for begin, end in itertools.pairwise(_cuts(begins[low : high + 1], most)):
                own = slice(int(begins[low + begin]), int(begins[low + end]))
                filling = Filling(plan, rows.take(own), room.of(own.stop - own.start))
                # A sweep fills columns of its own, so several may at once.
                passed = [
                    passer.submit(_pass, filling, sweep, held, slice(begin, end + 1), timing)
                    for sweep, held in enumerate(facts)
                ]
                for one in passed:
                    one.result()
                began = time.perf_counter()
                values = filling.finished()
                timing.finish += time.perf_counter() - began
                yield Block(own.start, values)


def _pass(filling: Filling, sweep: int, held: Ordered, people: slice, timing: Timing) -> None:
    with timing.of_kernel(sweep):
        filling.pass_over(sweep, held.facts, held.placed, held.first[people])


def _cuts(begins: npt.NDArray[np.int64], most: int) -> list[int]:
    """Where to cut people whose rows begin at ``begins``, so that a part has about ``most`` rows, and one person or more."""
    cuts = [0]
    while cuts[-1] < len(begins) - 1:
        reached = int(np.searchsorted(begins, begins[cuts[-1]] + most, side="right")) - 1
        cuts.append(min(max(reached, cuts[-1] + 1), len(begins) - 1))
    return cuts


def timing_of(plan: Plan) -> Timing:
    """A timing of nothing yet."""
    return Timing([0.0] * len(plan.sweeps), [0.0] * len(plan.sweeps))


def _ahead(
    source: Source, wanted: Sequence[tuple[int, npt.NDArray[np.int64]]], ahead: int, timing: Timing
) -> Iterator[Ordered]:
    """The facts wanted, so many lots ahead of their use."""

    def make(sweep: int, people: npt.NDArray[np.int64]) -> Ordered:
        began = time.perf_counter()
        facts = source.facts(sweep, people)
        timing.scan[sweep] += time.perf_counter() - began
        return facts

    with ThreadPoolExecutor(MAKERS) as maker:
        waiting = collections.deque(maker.submit(make, *one) for one in wanted[:ahead])
        try:
            for place in range(len(wanted)):
                facts = waiting.popleft().result()
                if place + ahead < len(wanted):
                    waiting.append(maker.submit(make, *wanted[place + ahead]))
                yield facts
        finally:
            for one in waiting:
                one.cancel()
