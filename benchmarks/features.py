"""How near the predictors come to the cost of reading the record at all.

    python -m benchmarks.features [--people 20000] [--record DIR] [--rounds 3]

The floor is DuckDB scanning the columns that any predictor reads, once, with a count and sums. Ours is every declared predictor
for the cohort, from the record as it was ingested, into a float32 matrix, and with the matrix written to Parquet; at one index
date and at six. Each figure is the median of the rounds, after one round to compile. Without ``--record`` an area is simulated
and ingested first, its time not counted. Figures of one machine on one day: the ratio is what to compare.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from features.cohort import Cohort, cohort
from features.engine.lanes import Lane
from features.engine.passes import fill
from features.engine.plan import plan
from features.engine.stream import facts, register_people
from features.linkage.identity import IdentityStore
from features.matrix import build
from features.population import simulate
from features.predictors import CATALOGUE
from features.record.ingest import ingest
from features.record.reader import Record
from features.record.tables import TABLES
from features.sources import open_source

ONE = [date(2024, 1, 1)]
SIX = [date(2021, 7, 1), date(2022, 1, 1), date(2022, 7, 1), date(2023, 1, 1), date(2023, 7, 1), date(2024, 1, 1)]


def simulated(people: int, folder: Path) -> Path:
    """A record of that many simulated people."""
    simulate(people, 1, out=folder / "extract")
    with IdentityStore.open(folder / "identity", folder / "identity.key") as identity:
        ingest(open_source("native", folder / "extract"), folder / "record", identity)
    return folder / "record"


def columns(lanes: list[Lane]) -> set[str]:
    """Columns of the lanes' table that their facts are made of."""
    table = TABLES[lanes[0].table]
    wanted = {"person_id", "row_id", "known_at", "known_until", *({"end_date", "event_time"} & table.columns.keys())}
    for lane in lanes:
        wanted |= {lane.date, *(column for column, _ in lane.conditions)}
        wanted |= {column for column in (lane.value, lane.distinct) if column}
        wanted |= {"system", "code"} if lane.coded else set()
    return wanted


def floor(record: Record) -> None:
    """Scan what the predictors read, once."""
    planned = plan(CATALOGUE)
    for table in dict.fromkeys(lane.table for lane in planned.lanes):
        sums = []
        for column in sorted(columns([lane for lane in planned.lanes if lane.table == table])):
            type_ = str(TABLES[table].columns[column])
            number = {"string": f"strlen({column})", "bool": f"{column}::INTEGER",
                      "date32[day]": f"{column} - DATE '1970-01-01'"}.get(type_, column)  # fmt: skip
            sums.append(f"sum({number})")
        record.connection.execute(f"SELECT count(*), {', '.join(sums)} FROM {table}").fetchall()


def stages(record: Record, people: Cohort, dates: list[date]) -> tuple[float, float, int]:
    """Seconds to make the facts and seconds to pass over them, apart, and how many facts there are."""
    planned = plan(CATALOGUE)
    person = people.frame["person_id"].to_numpy()
    days = people.frame["index_date"].to_numpy().astype("datetime64[D]").astype("int32")
    with record.connection.cursor() as cursor:
        register_people(cursor, person)
        began = time.perf_counter()
        batches = list(facts(cursor, planned, dates))
        made = time.perf_counter()
        fill(planned, batches, person, days, people.frame["feeds"].to_numpy())
        return made - began, time.perf_counter() - made, sum(batch.num_rows for batch in batches)


def median(rounds: int, work: Callable[[], object]) -> float:
    """Median of the seconds that the work takes."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=20_000)
    asked.add_argument("--record", type=Path)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = given.record or simulated(given.people, Path(folder))
        with Record(path, purpose="evaluation") as record:
            report(record, given.rounds, Path(folder))


def report(record: Record, rounds: int, folder: Path) -> None:
    print(f"data: {record.manifest.notes.get('about')}")
    rows = sum(file.rows for file in record.manifest.files)
    print(f"{rows:,} rows in the record; {len(CATALOGUE)} predictors; median of {rounds}")
    print(f"{'dates':>5} {'rows':>9} {'facts':>11} {'floor s':>8} {'facts s':>8} {'pass s':>7} {'built s':>8} {'x floor':>8} {'written s':>9} {'x floor':>8}")  # fmt: skip
    for dates in (ONE, SIX):
        people = cohort(record, dates)
        began = time.perf_counter()
        matrix = build(record, people)
        first = time.perf_counter() - began
        base = median(rounds, lambda: floor(record))
        made, passed, count = stages(record, people, dates)
        built = median(rounds, lambda people=people: build(record, people))
        written = median(rounds, lambda people=people: build(record, people).write(folder / "matrix.parquet"))
        print(f"{len(dates):>5} {len(matrix.rows):>9,} {count:>11,} {base:>8.3f} {made:>8.3f} {passed:>7.3f} {built:>8.3f} {built / base:>8.1f} {written:>9.3f} {written / base:>8.1f}")  # fmt: skip
        if dates is ONE:
            print(f"      (the first build of the process, compiling or loading what was compiled: {first:.1f} s)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {peak:,.0f} MB")


if __name__ == "__main__":
    main()
