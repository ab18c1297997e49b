"""A predictor matrix as a Parquet file, written block by block while the next block is worked out."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.engine.arrange import only_read
from features.engine.compiling import compiled

#: Columns that say whose row it is.
KEYS = arrow.schema([("person_id", arrow.int64()), ("index_date", arrow.date32())])


class MatrixFile:
    """A matrix with the predictors ``names``, used as a context. A block is a row group.

    ``present`` and ``not_zero`` (int64, predictors) say, once the context is left, how many values there are of each and how many
    of them are not zero.
    """

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._schema = arrow.schema([*KEYS, *(arrow.field(name, arrow.float32()) for name in names)])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="lz4", use_dictionary=False,
                                             write_statistics=False)  # fmt: skip
        self.present, self.not_zero = np.zeros((2, len(names)), dtype=np.int64)
        self._pool = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None

    def __enter__(self) -> MatrixFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._wait()
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._writer.close()

    def add(
        self,
        person_id: npt.NDArray[np.int64],
        t: npt.NDArray[np.int32],
        values: npt.NDArray[np.float32],
        chosen: npt.NDArray[np.int64],
    ) -> None:
        """Add rows: their ``chosen`` columns of ``values``, which nobody may write to until the rows after them were added. Columns that
        lie in one piece are not copied."""
        self._wait()
        self._last = self._pool.submit(self._write, person_id, t, values, chosen)

    def _wait(self) -> None:
        if self._last is not None:
            self._last.result()

    def _write(
        self,
        person_id: npt.NDArray[np.int64],
        t: npt.NDArray[np.int32],
        values: npt.NDArray[np.float32],
        chosen: npt.NDArray[np.int64],
    ) -> None:
        counts = np.zeros((2, len(chosen)), dtype=np.int64)
        columns = [only_read(values[:, at]) for at in chosen]
        for place, column in enumerate(columns):
            counts[:, place] = _counted(column)
        self.present += counts[0]
        self.not_zero += counts[1]
        days = arrow.array(t, type=arrow.int32()).view(arrow.date32())
        arrays = [arrow.array(person_id), days, *(arrow.array(column) for column in columns)]
        self._writer.write_table(arrow.Table.from_arrays(arrays, schema=self._schema), row_group_size=max(1, len(t)))


@compiled
def _counted(column):  # type: ignore[no-untyped-def]
    """How many numbers are there, and how many of them are not zero."""
    present, zero = 0, 0
    for row in range(column.shape[0]):
        present += column[row] == column[row]
        zero += column[row] == 0
    return present, present - zero
