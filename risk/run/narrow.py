"""A few columns of one person's row of a run's file, from the part of the file that holds them, which is kept for whoever is asked about next.

A file of a run never changes under its name; one that is rewritten without somebody (:mod:`risk.run.amending`) is another file, and what was kept of the one
before goes with it. Whether anybody may read the row is asked elsewhere, each time.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.parquet as parquet

#: Parts kept, of all files together: each some thousands of people, of whom a few columns take some hundred kB.
KEPT = 128
Part = tuple[npt.NDArray[np.int64], arrow.Table]


@dataclass
class _File:
    """What is known of one file: which it is (inode, size, time of change), the last person of each part, and the parts that were read."""

    stamp: tuple[int, int, int]
    last: npt.NDArray[np.int64]
    parts: OrderedDict[tuple[int, tuple[str, ...]], Part] = field(default_factory=OrderedDict)


class Narrow:
    """Rows of runs' files, for all threads of a process."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._files: OrderedDict[Path, _File] = OrderedDict()
        self._lock = threading.Lock()

    def row(self, path: Path, person_id: int, columns: Sequence[str]) -> dict[str, Any] | None:
        """``columns`` of the row of ``person_id`` in the file at ``path``, sorted by person; None where it has none. :class:`OSError` where there is no
        such file."""
        with self._lock:
            file = self._file(path)
            place = int(np.searchsorted(file.last, person_id))
            if place == len(file.last):
                return None
            people, held = self._part(file, path, place, tuple(columns))
        at = int(np.searchsorted(people, person_id))
        if at == len(people) or people[at] != person_id:
            return None
        row: dict[str, Any] = held.slice(at, 1).to_pylist()[0]
        return row

    def _file(self, path: Path) -> _File:
        now = path.stat()
        stamp = (now.st_ino, now.st_size, now.st_mtime_ns)
        file = self._files.get(path)
        if file is None or file.stamp != stamp:
            file = self._files[path] = _File(stamp, _last(path))
        self._files.move_to_end(path)
        return file

    def _part(self, file: _File, path: Path, place: int, columns: tuple[str, ...]) -> Part:
        if (place, columns) not in file.parts:
            with parquet.ParquetFile(path) as opened:
                table = opened.read_row_group(place, ["person_id", *columns], use_threads=False)
            file.parts[place, columns] = table["person_id"].to_numpy(), table.select(columns)
        file.parts.move_to_end((place, columns))
        while sum(len(one.parts) for one in self._files.values()) > self._kept:
            oldest = next(one for one in self._files.values() if one.parts)
            oldest.parts.popitem(last=False)
        return file.parts[place, columns]


def _last(path: Path) -> npt.NDArray[np.int64]:
    """The last person of each part, from the file's own statistics (:func:`risk.run.folder.writer` has them written)."""
    with parquet.ParquetFile(path) as opened:
        held = opened.metadata
        at = opened.schema_arrow.get_field_index("person_id")
        told = [held.row_group(place).column(at).statistics for place in range(held.num_row_groups)]
    return np.array([one.max for one in told], np.int64)
