"""A run's folder: whole or not there, hashed, read-only, and one person's row read from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as arrow
import pytest

from features.errors import BadInput
from risk.run import folder


def fill(staged: folder.Staged, people: int = 3, scale: float = 1.0) -> None:
    person = np.arange(1, people + 1, dtype=np.int64)
    staged.write(folder.SCORES, arrow.table({"person_id": person, "raw": person * scale}))
    values = np.full((people, 2), np.nan, np.float32)
    values[:, 0] = person
    for name in (folder.CONTRIBUTIONS, folder.VALUES):
        staged.write(name, folder.matrix_rows(person, ("age", "falls"), values))
    staged.write(folder.LEAVERS, arrow.table({"person_id": person[:1], "reason": ["died"]}))
    staged.write(folder.FLAGS, arrow.table({"person_id": person, "in_hospital": ["no"] * people}))


def seal(runs: Path, number: int, scale: float = 1.0) -> dict:
    runs.mkdir(exist_ok=True)
    with folder.Staged(runs, number) as staged:
        fill(staged, scale=scale)
        return staged.seal({"number": number})


def test_a_sealed_folder_is_hashed_and_read_only(tmp_path: Path) -> None:
    seal(tmp_path, 4)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["4"]
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "4").iterdir()} == dict.fromkeys(
        [*folder.FILES, folder.MANIFEST], "0o440"
    )
    assert folder.manifest(tmp_path, 4)["number"] == 4
    assert folder.faults(tmp_path, 4) == []


def test_equal_contents_have_equal_hashes_whatever_the_number(tmp_path: Path) -> None:
    hashes = [seal(tmp_path, number, scale)["content_sha256"] for number, scale in ((1, 1.0), (2, 1.0), (3, 2.0))]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_changed_or_missing_file_is_found(tmp_path: Path) -> None:
    seal(tmp_path, 1)
    (tmp_path / "1" / folder.SCORES).chmod(0o640)
    (tmp_path / "1" / folder.SCORES).write_bytes(b"other")
    (tmp_path / "1" / folder.VALUES).unlink()
    assert folder.faults(tmp_path, 1) == [
        "run 1: scores.parquet is not as it was published",
        "run 1: values.parquet is missing",
    ]


def test_leaving_unsealed_leaves_nothing(tmp_path: Path) -> None:
    def filled_a_disk() -> None:
        with folder.Staged(tmp_path, 1) as staged:
            fill(staged)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        filled_a_disk()
    assert list(tmp_path.iterdir()) == []


def test_one_persons_row_is_read_and_absent_values_stay_absent(tmp_path: Path) -> None:
    seal(tmp_path, 1)
    row = folder.person_row(tmp_path, 1, folder.VALUES, 2)
    assert row is not None
    assert (row["age"], np.isnan(row["falls"])) == (2.0, True)
    assert folder.person_row(tmp_path, 1, folder.VALUES, 99) is None


def test_a_sweep_removes_what_was_never_published_and_nothing_else(tmp_path: Path) -> None:
    seal(tmp_path, 1)
    seal(tmp_path, 2)
    (tmp_path / ".staging-3").mkdir()
    assert folder.sweep(tmp_path, unpublished={2, 3}) == [".staging-3", "2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1"]


def test_a_run_whose_folder_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="expected run 9"):
        folder.manifest(tmp_path, 9)
