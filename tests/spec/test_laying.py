"""A matrix on disk: the same rows as in memory, in the order of their parts, and nothing left behind."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features import matrix
from features.cohort import cohort
from features.outcomes import named
from features.record.reader import Record
from models.dataset import stretch
from risk import laying
from risk.dataset import Wanted, gather, places
from tests.records import record
from tests.synthetic import dataset as synthetic

DATES = (date(2019, 1, 1), date(2020, 1, 1))


@pytest.fixture
def opened(tmp_path: Path):
    people = range(1, 10)
    spells = [{"person_id": n, "event_date": f"20{18 + n % 3}-0{n}-01", "end_date": f"20{18 + n % 3}-0{n}-02",
               "admission_method": "21"} for n in people]  # fmt: skip
    with Record(record(tmp_path / "r", person=[{"person_id": n} for n in people], registration=[{"person_id": n} for n in people],
                       spell=spells), purpose="training") as held:  # fmt: skip
        yield held


def wanted(**given) -> Wanted:
    return Wanted(
        **{"outcome": named("unplanned_admission"), "horizon": 365, "dates": DATES, "minimum_age": 18, **given}
    )


def odd_first(person: np.ndarray, days: np.ndarray) -> np.ndarray:
    return np.where(person % 2 == 1, "a", "b")


def test_on_disk_lie_the_rows_that_are_in_memory(opened: Record, tmp_path: Path) -> None:
    held, laid = (
        gather(opened, wanted(part=odd_first, scratch=tmp_path / "scratch", in_memory=many)).data for many in (10**9, 0)
    )
    assert len(laid) == 18
    assert laid.fingerprint == held.fingerprint
    assert not laid.X.flags.owndata


def test_nothing_is_left_behind(opened: Record, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    gather(opened, wanted(scratch=scratch, in_memory=0))
    assert list(scratch.iterdir()) == []
    assert scratch.stat().st_mode & 0o777 == 0o700


def test_each_part_is_one_stretch_that_is_not_copied(opened: Record) -> None:
    data = gather(opened, wanted(part=odd_first)).data
    assert data.person_id.tolist() == [1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 2, 2, 4, 4, 6, 6, 8, 8]
    even = data.take(data.person_id % 2 == 0)
    assert np.shares_memory(even.X, data.X)
    assert even.person_id.tolist() == [2, 2, 4, 4, 6, 6, 8, 8]
    assert even.slices.index.tolist() == list(range(8))
    # Each row still has its own past: an admission in the year before, and its own outcome.
    assert data.X[:, data.names.index("emergency_admissions_1y")].tolist() == data.past[:, 0].tolist()


def test_rows_may_be_laid_in_any_order_and_left_out(opened: Record, tmp_path: Path) -> None:
    whole = cohort(opened, list(DATES))
    built = matrix.build(opened, whole)
    matrix.write(opened, whole, tmp_path / "m.parquet")
    place = np.full(len(whole.frame), -1)
    place[[5, 2, 9]] = [0, 1, 2]
    np.testing.assert_array_equal(laying.laid(tmp_path / "m.parquet", place, tmp_path), built.values[[5, 2, 9]])
    with pytest.raises(ValueError, match="2 places for the 18 rows"):
        laying.laid(tmp_path / "m.parquet", np.zeros(2, np.int64), tmp_path)


def test_a_files_rows_are_found_by_person_and_date(opened: Record) -> None:
    frame = cohort(opened, list(DATES)).frame.iloc[[3, 1, 2, 0]].reset_index(drop=True)
    # Persons 2, 1, 2, 1 at the second, second, first and first date: the file has 1 at both dates, then 2.
    assert places(frame).tolist() == [3, 1, 2, 0]


@pytest.mark.parametrize(
    ("rows", "found"),
    [([2, 3, 4], slice(2, 5)), ([True, True, False], slice(0, 2)), ([0], slice(0, 1)), ([1, 0], [1, 0]), ([0, 2], [0, 2]),
     ([False, False], []), ([-2, -1], [-2, -1])],
)  # fmt: skip
def test_rows_that_follow_one_another_are_a_slice(rows: list, found: object) -> None:
    chosen = stretch(np.array(rows))
    assert (chosen if isinstance(chosen, slice) else chosen.tolist()) == found


def test_a_stretch_is_what_the_positions_are() -> None:
    data = synthetic(20)
    assert (
        data.take(np.arange(5, 12)).fingerprint
        == data.take(np.arange(11, 4, -1)).take(np.arange(6, -1, -1)).fingerprint
    )


def test_one_written_matrix_serves_every_outcome(
    opened: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "matrix.parquet"
    given = {"keep": lambda person, days: person != 4, "part": odd_first, "matrix": path, "scratch": tmp_path}
    expected = {outcome: gather(opened, wanted(outcome=outcome, keep=given["keep"], part=odd_first)).data.fingerprint
                for outcome in map(named, ("unplanned_admission", "any_admission"))}  # fmt: skip
    for outcome, fingerprint in expected.items():
        assert gather(opened, wanted(outcome=outcome, **given)).data.fingerprint == fingerprint
        monkeypatch.setattr(matrix, "write", None)  # written once
