"""Spark makes the facts and hands them to the same kernel, where an area has a cluster.

The record's files must be where every worker can read them. Facts of all sweeps are sorted by person within partitions; a person
whose facts a batch cuts is carried over to the next.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as arrow

from features.engine.codes import Settled, settled
from features.engine.lanes import Sweep
from features.engine.passes import fill
from features.engine.plan import Plan
from features.engine.rows import Rows
from features.engine.scan import from_arrow, wanted
from features.engine.statement import SPARK, Wanted, columns, statement
from features.record.reader import Record

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: Facts that are passed over at a time, in whole people.
FACTS = 500_000


def matrix(session: SparkSession, record: Record, plan: Plan, rows: Rows, facts: int = FACTS) -> DataFrame:
    """The predictors of ``rows`` as a data frame: ``person_id``, ``index_date``, a float column a predictor, in no order."""
    for table in dict.fromkeys(sweep.table for sweep in plan.sweeps):
        _view(session, record, table)
    people = session.createDataFrame(arrow.table({"person_id": np.unique(rows.person_id)}))
    people.createOrReplaceTempView("asked_person")
    dates = [day.item() for day in np.unique(rows.t).astype("datetime64[D]")]
    held = [_settled(session, plan, place, sweep, min(dates)) for place, sweep in enumerate(plan.sweeps)]
    told = [_padded(plan, place, sweep, wanted(plan, sweep, dates, f"codes_{place}", held[place]))
            for place, sweep in enumerate(plan.sweeps)]  # fmt: skip
    # Everybody asked for has a row to be found by, even if nothing ever befell them.
    nothing = [
        f"CAST(NULL AS {_type(name)}) AS {name}" for name in _columns(plan) if name not in ("sweep", "person_id")
    ]
    told.append(f"SELECT {', '.join(['-1 AS sweep', 'person_id', *nothing])} FROM asked_person")
    whole = session.sql(" UNION ALL ".join(told))
    schema = ", ".join(["person_id long", "index_date date", *(f"`{name}` float" for name in plan.names)])
    sorted_ = whole.repartitionByRange("person_id").sortWithinPartitions("person_id")
    return sorted_.mapInArrow(_worker(plan, rows, held, facts), schema)


def _settled(session: SparkSession, plan: Plan, place: int, sweep: Sweep, earliest: date) -> Settled | None:
    if not sweep.coded:
        return None
    used = session.sql(f"SELECT DISTINCT system, code FROM {sweep.table} ORDER BY system, code").collect()
    found = settled(sweep, plan.reaches(place), ((row.system, row.code) for row in used))
    session.createDataFrame(found.table(earliest)).createOrReplaceTempView(f"codes_{place}")
    return found


def _padded(plan: Plan, place: int, sweep: Sweep, asked: Wanted) -> str:
    """The statement of a sweep, with the columns that all sweeps together have."""
    own = columns(sweep)
    inner = statement(
        sweep, dataclasses.replace(asked, people="r.person_id IN (SELECT person_id FROM asked_person)"), SPARK
    )
    told = [
        f"CAST({name if name in own else 'NULL'} AS {_type(name)}) AS {name}"
        for name in _columns(plan)
        if name != "sweep"
    ]
    return f"SELECT {place} AS sweep, {', '.join(told)} FROM ({inner}) s"


def _columns(plan: Plan) -> list[str]:
    own = dict.fromkeys(name for sweep in plan.sweeps for name in columns(sweep))
    return list(dict.fromkeys(["sweep", "person_id", *own]))


def _type(name: str) -> str:
    if name in ("person_id", "row_id", "flags"):
        return "BIGINT"
    if name in ("start", "end_day", "known_at", "known_until"):
        return "DATE"
    return "INT" if name in ("time", "code_id") else "DOUBLE"


def _worker(
    plan: Plan, rows: Rows, held: Sequence[Settled | None], most: int
) -> Callable[[Iterable[arrow.RecordBatch]], Iterator[arrow.RecordBatch]]:
    """What each worker does with the facts of its partition."""

    def work(batches: Iterable[arrow.RecordBatch]) -> Iterator[arrow.RecordBatch]:
        waiting: list[arrow.RecordBatch] = []
        for batch in batches:
            waiting.append(batch)
            if sum(part.num_rows for part in waiting) >= most:
                whole = arrow.Table.from_batches(waiting)
                person = whole.column("person_id").to_numpy()
                until = int(np.searchsorted(person, person[-1]))
                waiting = whole.slice(until).to_batches()
                if until:
                    yield _filled(plan, rows, held, whole.slice(0, until))
        if waiting:
            yield _filled(plan, rows, held, arrow.Table.from_batches(waiting))

    return work


def _filled(plan: Plan, rows: Rows, held: Sequence[Settled | None], facts: arrow.Table) -> arrow.RecordBatch:
    people = np.unique(facts.column("person_id").to_numpy())
    own = rows.take(np.flatnonzero(np.isin(rows.person_id, people)))
    sweep_of = facts.column("sweep").to_numpy()
    made = [from_arrow(sweep, facts.filter(arrow.array(sweep_of == place)).select(columns(sweep)), held[place])
            for place, sweep in enumerate(plan.sweeps)]  # fmt: skip
    values = fill(plan, own, made)
    days = arrow.array(own.t, type=arrow.int32()).view(arrow.date32())
    return arrow.RecordBatch.from_arrays([arrow.array(own.person_id), days, *(arrow.array(column) for column in values.T.copy())],
                                         names=["person_id", "index_date", *plan.names])  # fmt: skip


def _view(session: SparkSession, record: Record, table: str) -> None:
    """A view of the versions of a table that may be read, links between people followed, as the reader's own."""
    held = record.manifest.of(table)
    schema = record.connection.sql(f"SELECT * FROM {table} LIMIT 0").to_arrow_table().schema
    if not held:
        session.createDataFrame(schema.empty_table()).createOrReplaceTempView(table)
        return
    reading = session.read.option("mergeSchema", "true")
    frame = reading.parquet(*(str((record.path / file.path).absolute()) for file in held))
    closures = record.manifest.closed(table)
    if closures:
        ended = session.read.parquet(*(str((record.path / file.path).absolute()) for file in closures))
        ended = (
            ended.groupBy("row_id", "known_at")
            .agg({"known_until": "min"})
            .withColumnRenamed("min(known_until)", "ended")
        )
        frame = frame.join(ended, ["row_id", "known_at"], "left")
    said = {"known_until": "least(known_until, ended) AS known_until"} if closures else {}
    frame = frame.selectExpr(
        *(said.get(name, name if name in frame.columns else f"NULL AS {name}") for name in schema.names)
    )
    followed = "SELECT person_id FROM same_person" if record.same else "SELECT id FROM barred_person WHERE false"
    for column, ids in (
        ("feed_id", "SELECT id FROM refused_feed"),
        ("person_id", "SELECT id FROM barred_person"),
        ("person_id", followed),
    ):
        left_out = record.connection.sql(f"SELECT DISTINCT * FROM ({ids}) AS of_these({column})").to_arrow_table()
        if left_out.num_rows:
            frame = frame.join(session.createDataFrame(left_out), column, "left_anti")
    frame = frame.select(*schema.names)
    if record.same:
        theirs = record.connection.sql(f"FROM followed.{table}").to_arrow_table()
        frame = frame.unionByName(session.createDataFrame(theirs.cast(schema)))
    frame.createOrReplaceTempView(table)
