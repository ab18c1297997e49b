"""Every path that works out predictors, over the same rows: the compiled one through DuckDB, the same with batches of one
fact, and the plain reference."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow

from features.engine import oracle
from features.engine.language import Predictor
from features.engine.passes import fill
from features.engine.plan import plan
from features.engine.stream import facts, register_people
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from tests.records import record, table

ALL_FEEDS = 2 ** len(PERSON_TABLES) - 1
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Asked = Sequence[tuple[int, date, int]]
Batches = Iterable[arrow.RecordBatch]


def through_duckdb(
    folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked, cut: Callable[[Batches], Batches] = iter
) -> np.ndarray:
    """The compiled path: record on disk, fact stream, kernel; ``cut`` may cut the stream's batches otherwise."""
    planned = plan(predictors)
    person, t, feeds = (np.array(column) for column in zip(*asked, strict=True))
    made = record(folder, **{"person": [], "registration": [], **rows})
    with Record(made, purpose="evaluation") as opened:
        register_people(opened.connection, person)
        stream = facts(opened.connection, planned, [t for _, t, _ in asked])
        days = t.astype("datetime64[D]").astype(np.int32)
        return fill(planned, cut(stream), person.astype(np.int64), days, feeds.astype(np.uint64))


def cut_everywhere(folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked) -> np.ndarray:
    """The compiled path with a batch's edge after every fact."""

    def singly(batches: Batches) -> Batches:
        return (part.slice(i, 1) for part in batches for i in range(part.num_rows))

    return through_duckdb(folder, rows, predictors, asked, singly)


def plainly(folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked) -> np.ndarray:
    """The plain reference on the same rows, defaults filled as in the record."""
    filled = {name: table(name, held).to_pylist() for name, held in rows.items() if held and name in TABLES}
    return oracle.matrix(predictors, filled, asked)


ENGINES: dict[str, Callable[[Path, Rows, Sequence[Predictor], Asked], np.ndarray]] = {
    "duckdb": through_duckdb,
    "duckdb, cut everywhere": cut_everywhere,
    "plain": plainly,
}
