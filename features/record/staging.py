"""Rows that passed their checks, in Parquet files beside the record until versions are settled and rows are sorted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.record.tables import TABLES

#: What staged rows carry beside their table's columns: their place in the order of reading, the ledger's entry that
#: counts them, and their number in their file.
MARKS = (("seq", arrow.int64()), ("entry", arrow.int32()), ("source_row", arrow.int64()))


class Staging:
    """A file a table in ``folder``. A context that closes the files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._writers: dict[str, parquet.ParquetWriter] = {}
        self._counts: dict[str, Counter[int]] = {}
        self._next = 0

    @property
    def tables(self) -> list[str]:
        """Tables with staged rows, in the order of ``TABLES``."""
        return [name for name in TABLES if name in self._writers]

    def counts(self, table: str) -> Counter[int]:
        """Staged rows of ``table`` by the ledger entry that counts them."""
        return self._counts[table]

    def path(self, table: str) -> Path:
        return self.folder / f"{table}.parquet"

    def add(self, table: str, rows: arrow.Table, entry: int, source_rows: np.ndarray) -> None:
        """``rows`` in the columns of ``table``; ``source_rows`` their numbers in their file."""
        if not rows.num_rows:
            return
        marks = (
            np.arange(self._next, self._next + rows.num_rows),
            np.full(rows.num_rows, entry, dtype=np.int32),
            source_rows,
        )
        self._next += rows.num_rows
        self._counts.setdefault(table, Counter())[entry] += rows.num_rows
        schema = arrow.schema([*TABLES[table].columns.items(), *MARKS])
        columns = [rows[name] for name in TABLES[table].columns] + [arrow.array(mark) for mark in marks]
        if table not in self._writers:
            self._writers[table] = parquet.ParquetWriter(
                self.path(table), schema, compression="lz4", use_dictionary=False
            )
        self._writers[table].write_table(arrow.table(columns, schema=schema))

    def __enter__(self) -> Staging:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()
