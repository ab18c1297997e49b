"""The predictor matrix: every declared predictor for every person and index date of a cohort."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.cohort import Cohort
from features.engine.language import Predictor
from features.engine.passes import fill
from features.engine.plan import plan
from features.engine.stream import facts, register_people
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.reader import Record


@dataclass(frozen=True)
class Matrix:
    """``values`` (float32, rows × predictors; NaN: absent) of ``rows`` (``person_id``, ``index_date``), in their order."""

    rows: pd.DataFrame
    values: np.ndarray
    names: tuple[str, ...]

    def column(self, name: str) -> np.ndarray:
        """Values of one predictor (float32, rows)."""
        column: np.ndarray = self.values[:, self.names.index(name)]
        return column

    def write(self, path: Path) -> str:
        """Write as Parquet: ``person_id``, ``index_date``, a column a predictor; the file is there whole or not at all.
        Equal matrices give equal bytes: returns their SHA-256."""
        days = self.rows["index_date"].to_numpy().astype("datetime64[D]")
        columns = {"person_id": self.rows["person_id"].to_numpy(), "index_date": arrow.array(days)}
        columns |= {name: np.ascontiguousarray(self.values[:, i]) for i, name in enumerate(self.names)}
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            parquet.write_table(arrow.table(columns), unfinished, compression="zstd")
            with unfinished.open("rb") as file:
                written = hashlib.file_digest(file, "sha256").hexdigest()
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        return written


def build(
    record: Record,
    cohort: Cohort,
    predictors: Sequence[Predictor] = CATALOGUE,
    *,
    progress: Progress = SILENT,
) -> Matrix:
    """The matrix of ``cohort`` (rows in its order) from ``record``, each table read once."""
    planned = plan(predictors)
    rows = cohort.frame[["person_id", "index_date"]].reset_index(drop=True)
    person_id = rows["person_id"].to_numpy(dtype=np.int64)
    days = rows["index_date"].to_numpy().astype("datetime64[D]")
    t = days.astype(np.int32)
    order = np.lexsort((t, person_id))
    progress.stage("predictors", total=len(rows))
    feeds = cohort.frame["feeds"].to_numpy(dtype=np.uint64)
    dates = [day.item() for day in np.unique(days)]
    if not len(rows):
        return Matrix(rows, np.empty((0, len(predictors)), dtype=np.float32), tuple(p.name for p in predictors))
    with record.connection.cursor() as cursor:
        register_people(cursor, person_id)
        values = fill(
            planned, facts(cursor, planned, dates), person_id[order], t[order], feeds[order], progress.advance
        )
    if not np.array_equal(order, np.arange(len(order))):
        values = values[np.argsort(order)]
    return Matrix(rows, values, tuple(p.name for p in predictors))
