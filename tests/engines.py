"""Every path that works out predictors, over the same rows: the compiled one through DuckDB, the same with batches of one
fact, and the plain reference."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as arrow

from features.engine import oracle
from features.engine.language import Predictor
from features.engine.passes import fill
from features.engine.plan import plan
from features.engine.stream import facts
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from tests.records import record, table

ALL_FEEDS = 2 ** len(PERSON_TABLES) - 1
Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Asked = Sequence[tuple[int, date, int]]


def through_duckdb(
    folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked, batch: int = 500_000
) -> np.ndarray:
    """The compiled path: record on disk, fact stream, kernel."""
    planned = plan(predictors)
    made = record(folder, **rows)
    with Record(made, purpose="evaluation") as opened:
        people = arrow.table({"person_id": arrow.array(sorted({person for person, _, _ in asked}), arrow.int64())})
        opened.connection.register("asked_person", people)
        stream = facts(opened.connection, planned, [t for _, t, _ in asked], batch)
        person, t, feeds = (np.array(column) for column in zip(*asked, strict=True))
        return fill(
            planned,
            stream,
            person.astype(np.int64),
            t.astype("datetime64[D]").astype(np.int32),
            feeds.astype(np.uint64),
        )


def cut_everywhere(folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked) -> np.ndarray:
    """The compiled path with a batch's edge after every fact."""
    planned = plan(predictors)
    made = record(folder, **rows)
    with Record(made, purpose="evaluation") as opened:
        people = arrow.table({"person_id": arrow.array(sorted({person for person, _, _ in asked}), arrow.int64())})
        opened.connection.register("asked_person", people)
        whole = list(facts(opened.connection, planned, [t for _, t, _ in asked]))
        single = (part.slice(i, 1) for part in whole for i in range(part.num_rows))
        person, t, feeds = (np.array(column) for column in zip(*asked, strict=True))
        return fill(
            planned,
            single,
            person.astype(np.int64),
            t.astype("datetime64[D]").astype(np.int32),
            feeds.astype(np.uint64),
        )


def plainly(folder: Path, rows: Rows, predictors: Sequence[Predictor], asked: Asked) -> np.ndarray:
    """The plain reference on the same rows, defaults filled as in the record."""
    filled = {name: table(name, held).to_pylist() for name, held in rows.items() if held and name in TABLES}
    return oracle.matrix(predictors, filled, asked)


ENGINES: dict[str, Callable[[Path, Rows, Sequence[Predictor], Asked], np.ndarray]] = {
    "duckdb": through_duckdb,
    "duckdb, cut everywhere": cut_everywhere,
    "plain": plainly,
}
