"""Facts made ahead: read only where they are of this very record, these permissions and these declarations, and gone with what they are of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features import matrix
from features.cohort import cohort
from features.engine.files import Files
from features.engine.plan import plan
from features.engine.prepared import Prepared, at_hand
from features.engine.preparing import prepare
from features.errors import Refused
from features.predictors import CATALOGUE
from features.record.erasure import erase
from features.record.reader import AllowAll, Record
from features.record.writer import PREPARED, Transaction
from tests.records import record, table

AT = [date(2024, 3, 1)]
PLAN = plan(CATALOGUE)
SPELLS = [
    {"person_id": person, "event_date": "2024-02-01", "end_date": "2024-02-05", "admission_method": "21"}
    for person in (1, 2, 3)
]


class Without(AllowAll):
    """Somebody may not be read."""

    def barred_people(self, purpose: str) -> list[int]:
        return [2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    made = record(tmp_path / "record", spell=SPELLS)
    with Record(made, purpose="evaluation") as opened:
        prepare(opened, PLAN)
    return made


def read(path: Path, permissions: AllowAll | None = None) -> type:
    with Record(path, purpose="evaluation", permissions=permissions) as opened:
        return type(at_hand(opened, PLAN, AT))


def test_the_matrix_is_the_same(path: Path) -> None:
    with Record(path, purpose="evaluation") as opened:
        people = cohort(opened, AT)
        assert type(at_hand(opened, PLAN, AT)) is Prepared
        ahead = matrix.build(opened, people)
        (path / PREPARED / "contents.json").unlink()
        np.testing.assert_array_equal(ahead.values, matrix.build(opened, people).values)
    assert ahead.column("emergency_admissions_1y").tolist() == [1, 1, 1]


def more(path: Path) -> None:
    with Transaction(path) as transaction:
        transaction.add("ed_attendance", table("ed_attendance", [{"person_id": 1, "event_date": "2024-02-09"}]))
        transaction.commit()


@pytest.mark.parametrize("change", [more, lambda path: erase(path, [2]), lambda path: erase(path, [99])])
def test_they_go_when_the_record_changes(path: Path, change: Callable[[Path], object]) -> None:
    """Nothing of somebody who was forgotten is left in them, nor in what a killed maker left."""
    left = path / f".{PREPARED}.1"
    left.mkdir()
    change(path)
    assert not (path / PREPARED).exists()
    assert not left.exists()
    assert read(path) is Files


def test_they_are_not_read_by_whoever_may_not_read_somebody_in_them(path: Path) -> None:
    assert read(path) is Prepared
    assert read(path, Without()) is Files


def test_they_are_not_read_for_other_declarations(path: Path) -> None:
    with Record(path, purpose="evaluation") as opened:
        assert type(at_hand(opened, plan(CATALOGUE[:9]), AT)) is Files


def test_they_are_not_left_by_one_who_read_the_record_before_it_changed(tmp_path: Path) -> None:
    made = record(tmp_path / "record", spell=SPELLS)
    with Record(made, purpose="evaluation") as opened:
        more(made)
        with pytest.raises(Refused, match="changed; run it again"):
            prepare(opened, PLAN)
    assert [held.name for held in made.iterdir() if PREPARED in held.name] == []


def test_somebody_of_whom_there_are_no_facts_has_none(path: Path) -> None:
    with Record(path, purpose="evaluation") as opened:
        found = at_hand(opened, PLAN, AT)
        spell = next(
            at for at, sweep in enumerate(PLAN.sweeps) if sweep.table == "spell" and sweep.date == "event_date"
        )
        held = found.facts(spell, np.array([0, 2, 3, 7], dtype=np.int64))
    assert np.diff(held.first).tolist() == [0, 1, 1, 0]
    assert held.facts.end is not None
