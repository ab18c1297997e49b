"""One measurement, in a process of its own: ``python -m benchmarks.measured WHAT --record DIR …`` prints its figures as JSON.

Before the clock starts, what is compiled is loaded (by building the predictors of a few people) and the record's files are
read once, so that the operating system has them in memory, for the floor as for ours.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import area, floor
from features import matrix, observation
from features.cohort import Cohort, cohort
from features.engine.blocks import PEOPLE, Source, blocks, timing_of
from features.engine.files import Files
from features.engine.plan import Plan, plan
from features.engine.prepared import Prepared, at_hand
from features.engine.preparing import prepare
from features.predictors import CATALOGUE, FAMILIES
from features.record import manifest
from features.record.reader import Record
from features.record.writer import PREPARED

ONE = [date(2024, 12, 1)]
TWELVE = [date(year, month, 1) for year in (2022, 2023, 2024) for month in (3, 6, 9, 12)]
DATES = {"one": ONE, "twelve": TWELVE}
Figures = dict[str, Any]


def floors(path: Path, through: str) -> Figures:
    """The floor."""
    planned = plan(CATALOGUE)
    with Record(path, purpose="evaluation") as record:
        began = time.perf_counter()
        rows = floor.scan(record, planned, "views" if through == "views" else "files")
        return {"seconds": time.perf_counter() - began, "rows": rows}


def written(path: Path, at: list[date], out: Path, ahead: bool = False) -> Figures:
    """Every predictor of everybody at each date, written to Parquet: from a record that is not open to a file that is there. ``ahead``: from
    facts made ahead, else from the record's files."""
    began = time.perf_counter()
    with Record(path, purpose="evaluation") as record:
        opened = time.perf_counter()
        people = cohort(record, at)
        gathered = time.perf_counter()
        told = matrix.write(record, people, out, families=FAMILIES, source=_made_ahead if ahead else Files)
        done = time.perf_counter()
    return {
        "seconds": done - gathered, "opening": opened - began, "cohort": gathered - opened, "whole": done - began,
        "rows": told.rows, "people": told.people, "sha256": told.sha256, "bytes": out.stat().st_size, "families": told.families,
        "predictors": len(CATALOGUE), "fed": int((told.present > 0).sum()), "varying": int((told.not_zero > 0).sum()),
    }  # fmt: skip


def _made_ahead(record: Record, planned: Plan, at: Sequence[date]) -> Source:
    made = at_hand(record, planned, at)
    assert isinstance(made, Prepared), "the facts made ahead are of this record"
    return made


def prepared(path: Path) -> Figures:
    """The facts made ahead, of a record that is not open."""
    began = time.perf_counter()
    with Record(path, purpose="evaluation") as record:
        made = prepare(record, plan(CATALOGUE))
    return {"seconds": time.perf_counter() - began, "bytes": made.bytes, "facts": made.facts}


def unwritten(path: Path, at: list[date]) -> Figures:
    """The same, block after block, and thrown away: what the engine alone takes, and of that the kernel."""
    planned = plan(CATALOGUE)
    with Record(path, purpose="evaluation") as record:
        people = cohort(record, at)
        began = time.perf_counter()
        count, timing = _pass(record, people, planned)
        return {
            "seconds": time.perf_counter() - began, "rows": count, "facts": timing.facts, "scan": sum(timing.scan),
            "kernel": sum(timing.kernel) + timing.finish,
            "sweeps": {f"{sweep.table} by {sweep.date}": [timing.scan[i], timing.kernel[i]] for i, sweep in enumerate(planned.sweeps)},
            "finish": timing.finish,
        }  # fmt: skip


def _pass(record: Record, people: Cohort, planned: Plan) -> tuple[int, Any]:
    timing, count = timing_of(planned), 0
    rows = observation.rows(record, people.frame)
    for block in blocks(record, planned, rows, PEOPLE, timing, source=Files):
        count += len(block.values)
    return count, timing


def ready(path: Path) -> float:
    """Load what is compiled and read the files; the seconds that the first took."""
    with tempfile.TemporaryDirectory() as folder:
        few = area.generated(200, 1, Path(folder))
        began = time.perf_counter()
        with Record(few, purpose="evaluation") as record:
            matrix.write(record, cohort(record, ONE), Path(folder) / "few.parquet")
        taken = time.perf_counter() - began
    held = manifest.load(path)
    ahead = path / PREPARED
    for file in (
        *(path / named.path for named in (*held.files, *held.closures)),
        *(ahead.iterdir() if ahead.is_dir() else ()),
    ):
        with file.open("rb") as read:
            while read.read(1 << 24):
                pass
    return taken


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("what", choices=["floor", "written", "unwritten", "prepare", "ahead"])
    asked.add_argument("--record", type=Path, required=True)
    asked.add_argument("--dates", choices=list(DATES), default="one")
    asked.add_argument("--through", choices=["files", "views"], default="files")
    asked.add_argument("--out", type=Path)
    given = asked.parse_args()
    at = DATES[given.dates]
    work: dict[str, Callable[[], Figures]] = {
        "floor": lambda: floors(given.record, given.through),
        "written": lambda: written(given.record, at, given.out),
        "prepare": lambda: prepared(given.record),
        "ahead": lambda: written(given.record, at, given.out, ahead=True),
        "unwritten": lambda: unwritten(given.record, at),
    }
    first = ready(given.record)
    worked = time.process_time()
    figures = work[given.what]()
    figures["processor"] = time.process_time() - worked
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    json.dump({**figures, "peak": peak, "first": first}, sys.stdout)
    print()


if __name__ == "__main__":
    main()
