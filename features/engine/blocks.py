"""Whole people in blocks, so that memory stays bounded: the facts of the next block are made while the kernel passes over this
one's."""

from __future__ import annotations

import collections
import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from features.engine.arrange import Facts, order
from features.engine.passes import Filling
from features.engine.plan import Plan
from features.engine.rows import Rows
from features.engine.scan import Scan

#: People whose facts are made at a time, some 100 bytes a fact; a scan of few people reads much that it does not want.
PEOPLE = 100_000
#: Rows that are filled at a time, some 4 bytes a predictor.
ROWS = 50_000


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
    """Rows ``[first, first + len(values))`` of those asked for, with every column of the plan (float32, rows × width)."""

    first: int
    values: npt.NDArray[np.float32]


def blocks(
    connection: duckdb.DuckDBPyConnection,
    plan: Plan,
    rows: Rows,
    people: int = PEOPLE,
    timing: Timing | None = None,
    most: int = ROWS,
) -> Iterator[Block]:
    """Every row of ``rows`` (sorted by person and date), block after block of some ``most`` rows, from the record behind
    ``connection``, scanned ``people`` at a time."""
    if not len(rows):
        return
    timing = timing or timing_of(plan)
    dates: Sequence[date] = [day.item() for day in np.unique(rows.t).astype("datetime64[D]")]
    persons, begins = np.unique(rows.person_id, return_index=True)
    begins = np.append(begins, len(rows))
    edges = [*range(0, len(persons), people), len(persons)]
    scan = Scan(connection, plan, dates, int(persons[0]), int(persons[-1]))
    wanted = [(sweep, int(persons[low]), int(persons[high - 1]))
              for low, high in itertools.pairwise(edges) for sweep in range(len(plan.sweeps))]  # fmt: skip
    made = _ahead(scan, wanted, timing)
    for low, high in itertools.pairwise(edges):
        scanned = []
        for sweep in range(len(plan.sweeps)):
            facts = next(made)
            timing.facts += len(facts)
            with timing.of_kernel(sweep):
                scanned.append((facts, *order(facts, persons[low:high])))
        for begin, end in itertools.pairwise(_cuts(begins[low : high + 1], most)):
            own = slice(int(begins[low + begin]), int(begins[low + end]))
            filling = Filling(plan, rows.take(own))
            for sweep, (facts, placed, first) in enumerate(scanned):
                with timing.of_kernel(sweep):
                    filling.pass_over(sweep, facts, placed, first[begin : end + 1])
            began = time.perf_counter()
            values = filling.finished()
            timing.finish += time.perf_counter() - began
            yield Block(own.start, values)


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


def _ahead(scan: Scan, wanted: Sequence[tuple[int, int, int]], timing: Timing) -> Iterator[Facts]:
    """The facts wanted, as many lots ahead of their use as there are sweeps."""
    ahead = len(scan.plan.sweeps)

    def make(sweep: int, low: int, high: int) -> Facts:
        began = time.perf_counter()
        facts = scan.facts(sweep, low, high)
        timing.scan[sweep] += time.perf_counter() - began
        return facts

    with ThreadPoolExecutor(1) as maker:
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
