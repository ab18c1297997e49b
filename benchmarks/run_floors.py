"""The floor of each stage of a run: the least that a program could do that ends with the same, measured on the run's own people and files."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet
from sqlalchemy.schema import CreateTable

from benchmarks import floor
from features.engine.plan import plan
from features.flags import FLAGS
from features.predictors import named
from features.record import manifest
from features.record.reader import Record
from features.record.tables import TABLES
from models.bundle import Bundle
from risk.run import folder
from risk.store.tables import person_outcome, person_score

#: People scored at a time, and rows a transaction.
SOME, BATCH = 50_000, 5_000
#: Tables that say who is scored, and those that flags are read from.
COHORT = ("person", "registration", "death", "objection", "residence")
FLAGGED = ("registration", *sorted({flag.table for flag in FLAGS}))


def floors(record: Path, run: Path, bundles: Sequence[Bundle], work: Path) -> dict[str, float]:
    """Seconds by stage. Cohort, and flags: DuckDB reading the dates of the tables that they read. Predictors: DuckDB reading the columns that they read. Scores, and reasons: one prediction by each model. Files: the
    same bytes written. Rows: the same rows by one prepared statement, in transactions of as many."""
    for _ in (1, 2):  # what is compiled or read from the disk the first time does not count
        scanned = _timed(lambda: _scan(record, bundles[0]))
    predicted = _predict(run, bundles)
    return {"cohort": _dates(record, COHORT), "flags": _dates(record, FLAGGED), "predictors": scanned, "scores and lists": predicted, "reasons": predicted,
            "files": _timed(lambda: _copy(run, work / "floor.bytes")), "rows in the store": _rows(run, work / "floor.db")}  # fmt: skip


def _dates(record: Path, tables: Iterable[str]) -> float:
    """Each person and date of ``tables`` read once."""
    held = manifest.load(record)
    dates = ("event_date", "end_date", "known_at", "known_until")
    asked = {table: [name for name in dates if name in TABLES[table].columns] for table in tables if held.of(table)}
    with duckdb.connect() as connection:
        return _timed(lambda: [
            connection.execute(f"SELECT count(person_id), {', '.join(f'max({name})' for name in names)} FROM read_parquet($1)",
                               [[str(record / file.path) for file in held.of(table)]]).fetchall()
            for table, names in asked.items()])  # fmt: skip


def _scan(record: Path, bundle: Bundle) -> None:
    with Record(record, purpose="evaluation") as held:
        floor.scan(held, plan(named(bundle.names)), "files")


def _predict(run: Path, bundles: Sequence[Bundle]) -> float:
    """Predicting alone: the values lie in memory."""
    seconds = 0.0
    for values in _values(run, bundles[0].names):
        for bundle in bundles:
            seconds += _timed(lambda bundle=bundle, values=values: bundle.raw(values))  # type: ignore[misc]
    return seconds


def _values(run: Path, names: Sequence[str]) -> Iterator[npt.NDArray[np.float32]]:
    for batch in parquet.ParquetFile(run / folder.VALUES).iter_batches(SOME, columns=list(names)):
        yield np.column_stack([column.to_numpy(zero_copy_only=False) for column in batch.columns])


def _copy(run: Path, to: Path) -> None:
    with to.open("wb") as out:
        for path in sorted(run.iterdir()):
            out.write(path.read_bytes())
        out.flush()
        os.fsync(out.fileno())
    to.unlink()


def _rows(run: Path, database: Path) -> float:
    """The rows made first; what is timed is the statement alone."""
    database.unlink(missing_ok=True)
    held = sqlite3.connect(database, isolation_level=None)
    held.execute("PRAGMA journal_mode = WAL")
    held.execute("PRAGMA synchronous = FULL")
    seconds = 0.0
    others = sorted(run.glob("scores-*.parquet"))
    for place, path in enumerate([run / folder.SCORES, *others]):
        table = person_outcome if place else person_score
        if place < 2:
            held.execute(str(CreateTable(table, include_foreign_key_constraints=[]).compile()))
        columns = parquet.read_table(path).rename_columns(
            ["scheme" if name == "practice_scheme" else name for name in parquet.read_schema(path).names]
        )
        same: dict[str, Any] = {"run": 1, "place": place}
        names = [column.name for column in table.columns]
        lists = [
            columns[name].to_pylist() if name in columns.column_names else [same.get(name)] * len(columns)
            for name in names
        ]
        rows = list(zip(*lists, strict=True))
        into = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(names))})"
        seconds += _timed(lambda rows=rows, into=into: _insert(held, into, rows))  # type: ignore[misc]
    held.close()
    database.unlink()
    return seconds


def _insert(held: sqlite3.Connection, into: str, rows: list[tuple[Any, ...]]) -> None:
    for start in range(0, len(rows), BATCH):
        held.execute("BEGIN IMMEDIATE")
        held.executemany(into, rows[start : start + BATCH])
        held.execute("COMMIT")


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
