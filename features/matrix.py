"""The predictor matrix: every declared predictor for every person and index date of a cohort."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from features import observation
from features.cohort import Cohort
from features.engine.blocks import PEOPLE, Block, Sourced, Timing, blocks, timing_of
from features.engine.language import Declared
from features.engine.plan import Plan, plan
from features.engine.prepared import at_hand
from features.engine.rows import Rows
from features.matrix_file import MatrixFile
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.reader import Record


@dataclass(frozen=True)
class Matrix:
    """``values`` (float32, rows × predictors; NaN: absent) of ``rows`` (``person_id``, ``index_date``), in their order."""

    rows: pd.DataFrame
    values: npt.NDArray[np.float32]
    names: tuple[str, ...]

    def column(self, name: str) -> npt.NDArray[np.float32]:
        """Values of one predictor (float32, rows)."""
        column: npt.NDArray[np.float32] = self.values[:, self.names.index(name)]
        return column


@dataclass(frozen=True)
class Written:
    """A matrix written to a file: its ``sha256``, how many ``rows`` of how many ``people``, and where the time went (seconds in
    all; ``families``: of each family, its share of the scans and passes that it has part in)."""

    sha256: str
    rows: int
    people: int
    seconds: float
    families: dict[str, float]
    present: npt.NDArray[np.int64]
    not_zero: npt.NDArray[np.int64]


def build(
    record: Record,
    cohort: Cohort,
    predictors: Sequence[Declared] = CATALOGUE,
    *,
    progress: Progress = SILENT,
    people: int = PEOPLE,
) -> Matrix:
    """The matrix of ``cohort`` (rows in its order) from ``record``, each table read once."""
    planned = plan(predictors)
    rows = cohort.frame[["person_id", "index_date"]].reset_index(drop=True)
    values = np.empty((len(rows), len(predictors)), dtype=np.float32)
    asked = _Asked.of(record, cohort)
    for block in asked.blocks(record, planned, progress, people):
        values[asked.order[block.first : block.first + len(block.values)]] = block.values[:, planned.chosen]
    return Matrix(rows, values, planned.names)


def write(
    record: Record,
    cohort: Cohort,
    path: Path,
    predictors: Sequence[Declared] = CATALOGUE,
    *,
    families: Mapping[str, tuple[Declared, ...]] | None = None,
    progress: Progress = SILENT,
    people: int = PEOPLE,
    source: Sourced = at_hand,
) -> Written:
    """Write the matrix as Parquet, block by block, so that it is never whole in memory: ``person_id``, ``index_date``, a column a
    predictor, sorted by person and date. The file is there whole or not at all; equal matrices give equal bytes, whichever
    ``source`` made the facts."""
    began = time.perf_counter()
    planned = plan(predictors)
    asked = _Asked.of(record, cohort)
    timing = timing_of(planned)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with MatrixFile(unfinished, planned.names) as file:
            for block in asked.blocks(record, planned, progress, people, timing, source):
                here = slice(block.first, block.first + len(block.values))
                file.add(asked.rows.person_id[here], asked.rows.t[here], block.values, planned.chosen)
        with unfinished.open("rb") as held:
            sha256 = hashlib.file_digest(held, "sha256").hexdigest()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    shares = _shares(planned, timing, families or {})
    return Written(sha256, len(asked.rows), len(np.unique(asked.rows.person_id)), time.perf_counter() - began, shares,
                   file.present, file.not_zero)  # fmt: skip


@dataclass(frozen=True)
class _Asked:
    """The rows of a cohort sorted by person and date, and where each stood in it."""

    rows: Rows
    order: npt.NDArray[np.int64]

    @classmethod
    def of(cls, record: Record, cohort: Cohort) -> _Asked:
        rows = observation.rows(record, cohort.frame)
        order = np.lexsort((rows.t, rows.person_id))
        sorted_ = bool((order[1:] > order[:-1]).all())
        return cls(rows if sorted_ else rows.take(order), order)

    def blocks(
        self, record: Record, planned: Plan, progress: Progress, people: int, timing: Timing | None = None,
        source: Sourced = at_hand,
    ) -> Iterator[Block]:  # fmt: skip
        progress.stage("predictors", total=len(self.rows))
        for block in blocks(record, planned, self.rows, people, timing, source=source):
            yield block
            progress.advance(len(block.values))


def _shares(planned: Plan, timing: Timing, families: Mapping[str, tuple[Declared, ...]]) -> dict[str, float]:
    """Seconds of each family: the time of a sweep is shared by the predictors that it feeds, that of the finish by all."""
    family_of = {one: name for name, own in families.items() for one in own}
    shares = dict.fromkeys(families, 0.0)
    for sweep, feeding in enumerate(planned.feeding):
        fed = [planned.base[c] for lane in feeding for c in range(lane.columns.start, lane.columns.stop)]
        own = [family_of[p] for p in fed if p in family_of]
        for name in own:
            shares[name] += (timing.scan[sweep] + timing.kernel[sweep]) / len(own)
    for name, own_predictors in families.items():
        shares[name] += timing.finish * len(own_predictors) / max(1, len(planned.predictors))
    return shares
