"""A written matrix laid out as rows on disk, so that it may be larger than memory.

Training reads rows, block after block; a matrix file holds columns. So the file is turned, a batch at a time, into a mapping of a file of
rows, whose pages the operating system brings and lets go as they are wanted. That file has no name once it is mapped: it
goes when the mapping does, even where the program ends badly, so no copy of people's data is left behind.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

from features.matrix_file import KEYS
from features.progress import SILENT, Progress

#: Values of a batch: 32 MB of them.
VALUES = 8_000_000


def laid(
    path: Path, place: npt.NDArray[np.int64], folder: Path, progress: Progress = SILENT
) -> npt.NDArray[np.float32]:
    """Rows (n, p) of the matrix written to ``path``: its row i at ``place[i]``, or nowhere where that is under 0. The places
    taken are 0 to n - 1. The rows are kept in ``folder``, which the owner alone can read."""
    written = parquet.ParquetFile(path)
    columns = written.metadata.num_columns - len(KEYS)
    if written.metadata.num_rows != len(place):
        raise ValueError(f"{len(place)} places for the {written.metadata.num_rows} rows of {path}")
    rows = int((place >= 0).sum())
    values = mapped(rows, columns, folder)
    progress.stage("laying out predictors", total=len(place))
    at, size = 0, max(1, VALUES // max(1, columns))
    for batch in written.iter_batches(size):
        block = np.empty((len(batch), columns), np.float32)
        for column, held in enumerate(batch.columns[len(KEYS) :]):
            block[:, column] = held.to_numpy(zero_copy_only=False)
        where = place[at : at + len(batch)]
        values[where[where >= 0]] = block[where >= 0]
        at += len(batch)
        progress.advance(len(batch))
    return values


def mapped(rows: int, columns: int, folder: Path) -> npt.NDArray[np.float32]:
    """Room for ``rows`` × ``columns`` values, in a file of ``folder`` that has no name; zeros."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not rows * columns:
        return np.zeros((rows, columns), np.float32)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.truncate(4 * rows * columns)
        return np.asarray(np.memmap(file, np.float32, "r+", shape=(rows, columns)))
