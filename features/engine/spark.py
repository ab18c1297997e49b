"""Spark makes the facts and hands them to the same kernel, where an area has a cluster.

The record's files must be where every worker can read them. Facts of all sweeps are sorted by person within partitions; a person
whose facts a batch cuts is carried over to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as arrow

from features.engine.codes import settled
from features.engine.lanes import Sweep
from features.engine.passes import fill
from features.engine.plan import Plan
from features.engine.rows import Rows
from features.engine.scan import from_arrow
from features.engine.statement import SPARK, Seen, columns, statement
from features.record.reader import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Facts that are passed over at a time, in whole people.
FACTS = 500_000
_SHARED = ("person_id", "start", "end_day", "known_at", "known_until", "time", "row_id")


def matrix(session: SparkSession, record: Record, plan: Plan, rows: Rows, facts: int = FACTS) -> DataFrame:
    """The predictors of ``rows`` as a data frame: ``person_id``, ``index_date``, a float column a predictor, in no order."""
    for table in dict.fromkeys(sweep.table for sweep in plan.sweeps):
        _view(session, record, table)
    people = session.createDataFrame(arrow.table({"person_id": np.unique(rows.person_id)}))
    people.createOrReplaceTempView("asked_person")
    dates = [day.item() for day in np.unique(rows.t).astype("datetime64[D]")]
    told = [_padded(session, plan, place, sweep, Seen.of(dates)) for place, sweep in enumerate(plan.sweeps)]
    # Everybody asked for has a row to be found by, even if nothing ever befell them.
    nothing = ", ".join(f"CAST(0 AS {_type(name)}) AS {name}" if _type(name) != "DATE" else f"DATE '1970-01-01' AS {name}"
                        for name in _columns(plan) if name not in ("sweep", "person_id"))  # fmt: skip
    told.append(f"SELECT -1 AS sweep, person_id, {nothing} FROM asked_person")
    whole = session.sql(" UNION ALL ".join(told))
    schema = ", ".join(["person_id long", "index_date date", *(f"`{name}` float" for name in plan.names)])
    sorted_ = whole.repartitionByRange("person_id").sortWithinPartitions("person_id")
    return sorted_.mapInArrow(_worker(plan, rows, facts), schema)


def _padded(session: SparkSession, plan: Plan, place: int, sweep: Sweep, seen: Seen) -> str:
    """The statement of a sweep, with the columns that all sweeps together have."""
    codes = f"codes_{place}"
    if sweep.coded:
        used = session.sql(f"SELECT DISTINCT system, code FROM {sweep.table} ORDER BY system, code").collect()
        session.createDataFrame(settled(sweep, ((row.system, row.code) for row in used))).createOrReplaceTempView(codes)
    own = columns(sweep)
    asked = "r.person_id IN (SELECT person_id FROM asked_person)"
    inner = statement(sweep, codes, seen, plan.reach(sweep), asked, SPARK)
    told = [
        f"CAST({name if name in own else 'NULL'} AS {_type(name)}) AS {name}"
        for name in _columns(plan)
        if name != "sweep"
    ]
    return f"SELECT {place} AS sweep, {', '.join(told)} FROM ({inner}) s"


def _columns(plan: Plan) -> list[str]:
    lanes = max(len(sweep.lanes) for sweep in plan.sweeps)
    return ["sweep", *_SHARED, *(f"{what}_{i}" for i in range(lanes) for what in ("class", "number"))]


def _type(name: str) -> str:
    if name in ("person_id", "row_id"):
        return "BIGINT"
    if name.startswith("number"):
        return "DOUBLE"
    return "INT" if name == "time" or name.startswith("class") else "DATE"


def _worker(plan: Plan, rows: Rows, most: int) -> Callable[[Iterable[arrow.RecordBatch]], Iterator[arrow.RecordBatch]]:
    """What each worker does with the facts of its partition."""

    def work(batches: Iterable[arrow.RecordBatch]) -> Iterator[arrow.RecordBatch]:
        held: list[arrow.RecordBatch] = []
        for batch in batches:
            held.append(batch)
            if sum(part.num_rows for part in held) >= most:
                whole = arrow.Table.from_batches(held)
                person = whole.column("person_id").to_numpy()
                until = int(np.searchsorted(person, person[-1]))
                held = whole.slice(until).to_batches()
                if until:
                    yield _filled(plan, rows, whole.slice(0, until))
        if held:
            yield _filled(plan, rows, arrow.Table.from_batches(held))

    return work


def _filled(plan: Plan, rows: Rows, facts: arrow.Table) -> arrow.RecordBatch:
    people = np.unique(facts.column("person_id").to_numpy())
    own = rows.take(np.flatnonzero(np.isin(rows.person_id, people)))
    sweep_of = facts.column("sweep").to_numpy()
    held = [from_arrow(sweep, facts.filter(arrow.array(sweep_of == place)).select(columns(sweep)))
            for place, sweep in enumerate(plan.sweeps)]  # fmt: skip
    values = fill(plan, own, held)
    days = arrow.array(own.t, type=arrow.int32()).view(arrow.date32())
    return arrow.RecordBatch.from_arrays([arrow.array(own.person_id), days, *(arrow.array(column) for column in values.T.copy())],
                                         names=["person_id", "index_date", *plan.names])  # fmt: skip


def _view(session: SparkSession, record: Record, table: str) -> None:
    """A view of the versions of a table that may be read, as the reader's own."""
    held = record.manifest.of(table)
    schema = record.connection.execute(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
    if not held:
        session.createDataFrame(schema.empty_table()).createOrReplaceTempView(table)
        return
    frame = session.read.parquet(*(str((record.path / file.path).absolute()) for file in held))
    closures = record.manifest.closed(table)
    if closures:
        ended = session.read.parquet(*(str((record.path / file.path).absolute()) for file in closures))
        ended = (
            ended.groupBy("row_id", "known_at")
            .agg({"known_until": "min"})
            .withColumnRenamed("min(known_until)", "ended")
        )
        frame = frame.join(ended, ["row_id", "known_at"], "left")
        frame = frame.selectExpr(*(name if name != "known_until" else "least(known_until, ended) AS known_until"
                                   for name in schema.names))  # fmt: skip
    refused = [refusal.feed.feed_id for refusal in record.refused]
    barred = [person for (person,) in record.connection.execute("SELECT id FROM barred_person").fetchall()]
    for column, ids in (("feed_id", refused), ("person_id", barred)):
        if ids:
            left_out = session.createDataFrame(arrow.table({column: arrow.array(ids, arrow.int64())}))
            frame = frame.join(left_out, column, "left_anti")
    frame.createOrReplaceTempView(table)
