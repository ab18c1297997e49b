"""Whole people in blocks, so that memory stays bounded: the facts of the next block are made while the kernel passes over this
one's."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from features.engine.arrange import Facts
from features.engine.passes import Filling
from features.engine.plan import Plan
from features.engine.rows import Rows
from features.engine.scan import Scan

#: People in a block. Facts of a block are in memory, some 100 bytes each.
PEOPLE = 40_000


@dataclass
class Timing:
    """Seconds spent making the facts of each sweep, and passing over them; and finishing rows."""

    scan: list[float]
    kernel: list[float]
    finish: float = 0.0
    facts: int = 0
    _began: float = field(default=0.0, repr=False)


@dataclass(frozen=True)
class Block:
    """Rows ``[first, first + len(values))`` of those asked for, with every column of the plan (float32, rows × width)."""

    first: int
    values: npt.NDArray[np.float32]


def blocks(
    connection: duckdb.DuckDBPyConnection, plan: Plan, rows: Rows, people: int = PEOPLE, timing: Timing | None = None
) -> Iterator[Block]:
    """Every row of ``rows`` (sorted by person and date), block after block, from the record behind ``connection``."""
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
        own = slice(int(begins[low]), int(begins[high]))
        filling = Filling(plan, rows.take(own))
        for sweep in range(len(plan.sweeps)):
            facts = next(made)
            timing.facts += len(facts)
            began = time.perf_counter()
            filling.take(sweep, facts)
            timing.kernel[sweep] += time.perf_counter() - began
            del facts
        began = time.perf_counter()
        values = filling.finished()
        timing.finish += time.perf_counter() - began
        yield Block(own.start, values)


def timing_of(plan: Plan) -> Timing:
    """A timing of nothing yet."""
    return Timing([0.0] * len(plan.sweeps), [0.0] * len(plan.sweeps))


def _ahead(scan: Scan, wanted: Sequence[tuple[int, int, int]], timing: Timing) -> Iterator[Facts]:
    """The facts wanted, one lot being made while another is used."""

    def make(sweep: int, low: int, high: int) -> Facts:
        began = time.perf_counter()
        facts = scan.facts(sweep, low, high)
        timing.scan[sweep] += time.perf_counter() - began
        return facts

    with ThreadPoolExecutor(1) as maker:
        waiting = [maker.submit(make, *one) for one in wanted[:2]]
        try:
            for place in range(len(wanted)):
                facts = waiting.pop(0).result()
                if place + 2 < len(wanted):
                    waiting.append(maker.submit(make, *wanted[place + 2]))
                yield facts
        finally:
            for one in waiting:
                one.cancel()
