"""A matrix written block by block holds what the matrix in memory holds, every row of it, and the same bytes each time."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from features import matrix
from features.cohort import cohort
from features.matrix_file import MatrixFile
from features.predictors import CATALOGUE
from features.record.reader import Record
from tests.records import record

DATES = [date(2024, 1, 1), date(2024, 3, 1)]


@pytest.fixture
def opened(tmp_path: Path):
    attended = [{"person_id": person, "event_date": f"2024-02-{person:02}"} for person in range(1, 10)]
    with Record(record(tmp_path / "record", ed_attendance=attended), purpose="evaluation") as held:
        yield held


@pytest.mark.parametrize("people", [1, 4, 1000])
def test_what_is_written_is_what_is_built(opened: Record, tmp_path: Path, people: int) -> None:
    whole = cohort(opened, DATES)
    built = matrix.build(opened, whole)
    written = matrix.write(opened, whole, tmp_path / "matrix.parquet", people=people)
    table = parquet.read_table(tmp_path / "matrix.parquet")
    assert (written.rows, written.people, table.num_rows) == (18, 9, 18)
    assert table.column("person_id").to_pylist() == whole.frame["person_id"].tolist()
    held = np.column_stack([table.column(name).to_numpy() for name in built.names])
    np.testing.assert_array_equal(held, built.values)
    present = ~np.isnan(built.values)
    np.testing.assert_array_equal(written.present, present.sum(axis=0))
    np.testing.assert_array_equal(written.not_zero, (present & (built.values != 0)).sum(axis=0))


def test_the_same_bytes_again(opened: Record, tmp_path: Path) -> None:
    whole = cohort(opened, DATES)
    first, again = (matrix.write(opened, whole, tmp_path / f"{name}.parquet", people=3) for name in ("a", "b"))
    assert first.sha256 == again.sha256
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_the_last_block_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    may_write = threading.Event()
    inner = MatrixFile._write

    def slowly(self: MatrixFile, *block: np.ndarray) -> None:
        may_write.wait(10)
        inner(self, *block)

    monkeypatch.setattr(MatrixFile, "_write", slowly)
    ones = np.ones((2, 1), dtype=np.float32)
    with MatrixFile(tmp_path / "m.parquet", ("it",)) as file:
        file.add(np.array([1, 2]), np.array([0, 0], dtype=np.int32), ones, np.array([0]))
        threading.Timer(0.05, may_write.set).start()
    assert parquet.read_table(tmp_path / "m.parquet").num_rows == 2


def test_nothing_is_left_of_a_matrix_that_failed(
    opened: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(self: MatrixFile, *block: np.ndarray) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(MatrixFile, "_write", fails)
    with pytest.raises(OSError, match="no space left"):
        matrix.write(opened, cohort(opened, DATES), tmp_path / "matrix.parquet", CATALOGUE[:3])
    assert list(tmp_path.glob("*.parquet*")) == []
