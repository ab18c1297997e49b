"""What the predictors cost, beside the cost of reading the record at all, and beside others.

    python -m benchmarks.features [--people 1000000] [--parts one,twelve,peers,growth] [--rounds 3] [--work .bench]

On a generated record (:mod:`benchmarks.area`, made once for each size). Each measurement is a process of its own, so that its memory
is its own, and each figure the median of the rounds; one that is there, made by this very code, is not made again
(``--again`` makes it anew), so that a run that stopped is gone on with. ``python -m benchmarks.page`` writes
docs/performance.md from what is in the work folder.

one     the floor (:mod:`benchmarks.floor`), and every predictor at one index date written to Parquet
twelve  twelve quarterly dates in one pass, and one, without the writing and with it
peers   the same by others, each in an environment of its own, as far as it can express them (fewer people: --peers-people)
growth  one date for areas of several sizes
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import beside, child, tables
from benchmarks.area import generated
from benchmarks.results import Figures, Results
from features.record.writer import discard_prepared

PARTS = ("one", "twelve", "peers", "growth")
#: Nothing of ours is let run longer than this, in seconds.
LIMIT = 4 * 3600
MEMORY = 64 << 30


class Bench:
    """Measurements of generated records, kept in the folder ``work``."""

    def __init__(self, work: Path, seed: int, rounds: int, again: bool) -> None:
        self.work, self.seed, self.rounds, self.again = work, seed, rounds, again
        self._results: dict[int, Results] = {}

    def results(self, people: int) -> Results:
        folder = self.work / "results" / f"{people}-{self.seed}"
        return self._results.setdefault(people, Results(folder, self.again))

    def record(self, people: int) -> Path:
        return generated(people, self.seed, self.work)

    def matrix(self, name: str, people: int) -> Path:
        return self.work / f"matrix-{name}-{people}-{self.seed}.parquet"

    def measure(self, name: str, people: int, what: str, *given: str, rounds: int | None = None) -> list[Figures]:
        """Rounds of one measurement of a record of so many people."""
        record = self.record(people)

        def once() -> Figures:
            out = self.matrix(name, people)
            command = [
                sys.executable,
                "-m",
                "benchmarks.measured",
                what,
                "--record",
                str(record),
                "--out",
                str(out),
                *given,
            ]
            ran = child.run(command, self.work / "child.log", seconds=LIMIT, memory=MEMORY)
            if ran.outcome != "done":
                raise SystemExit(f"{name} of {people:,} people: {ran.outcome}\n{ran.end}")
            figures: Figures = json.loads(ran.end.strip().splitlines()[-1])
            say(f"  {name}: {figures['seconds']:.2f} s, {figures['peak'] / 1e6:,.0f} MB")
            return {**figures, "record_bytes": sum(file.stat().st_size for file in record.rglob("*.parquet"))}

        return self.results(people).rounds(name, rounds or self.rounds, once)

    def one(self, people: int) -> None:
        self.measure("floor", people, "floor")
        self.measure("floor-views", people, "floor", "--through", "views")
        self.measure("one", people, "written")
        self.measure("prepare", people, "prepare")
        self.measure("ahead", people, "ahead")
        discard_prepared(self.record(people))

    def twelve(self, people: int) -> None:
        for dates in ("one", "twelve"):
            self.measure(f"{dates}-unwritten", people, "unwritten", "--dates", dates)
        self.measure("one", people, "written")
        self.measure("twelve", people, "written", "--dates", "twelve")

    def peers(self, people: int, only: list[str]) -> None:
        self.measure("one", people, "written")
        handed = beside.handed(self.record(people), self.work / f"handed-{people}-{self.seed}")
        ours = self.matrix("one", people)
        if not ours.is_file():  # Measured before, and the matrix removed since.
            (self.results(people).folder / "one-1.json").unlink()
            self.measure("one", people, "written")
        for peer in only:
            say(f"  {peer}")
            results, measure = self.results(people), partial(beside.measured, peer, self.work, handed, ours)
            made_of = beside.made_of(peer, handed)
            # One that is given up is given up once.
            if results.one(f"{peer}-1", measure, made_of)["outcome"] == "done":
                results.rounds(peer, self.rounds, measure, made_of)

    def growth(self, sizes: list[int]) -> None:
        for people in sizes:
            self.measure("floor", people, "floor")
            self.measure("one", people, "written")


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=1_000_000)
    asked.add_argument("--peers-people", type=int, default=100_000)
    asked.add_argument("--growth-people", default="100000,300000,1000000,3000000")
    asked.add_argument("--parts", default=",".join(PARTS), help="which, of " + ", ".join(PARTS))
    asked.add_argument("--peers", default=",".join(beside.PEERS), help="which, of " + ", ".join(beside.PEERS))
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--work", type=Path, default=Path(".bench"))
    asked.add_argument("--again", action="store_true", help="measure what is there already, too")
    asked.add_argument("--json", type=Path, help="write the tables to this file as JSON")
    asked.add_argument("--markdown", type=Path, help="write the tables to this file as Markdown")
    given = asked.parse_args()
    # So that what is running is ended with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    given.work.mkdir(parents=True, exist_ok=True)
    bench = Bench(given.work, given.seed, given.rounds, given.again)
    sizes = [int(size) for size in given.growth_people.split(",")]
    parts: dict[str, Callable[[], None]] = {
        "one": lambda: bench.one(given.people),
        "twelve": lambda: bench.twelve(given.people),
        "peers": lambda: bench.peers(given.peers_people, given.peers.split(",")),
        "growth": lambda: bench.growth(sizes),
    }
    for part in given.parts.split(","):
        if part not in parts:
            raise SystemExit(f"expected parts among {', '.join(PARTS)}; found {part!r}")
        say(part)
        parts[part]()
    found = tables.every(given.work, given.seed, given.people, given.peers_people, sizes)
    print("\n\n".join(table.text for table in found))
    if given.json:
        given.json.write_text(json.dumps([table.as_json for table in found], indent=1))
    if given.markdown:
        given.markdown.write_text("\n\n".join(table.markdown for table in found) + "\n")


if __name__ == "__main__":
    main()
