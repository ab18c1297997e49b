"""The whole catalogue on the shared area: everything declared is seen in somebody, and any feed can be missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features import matrix
from features.cohort import Cohort, cohort
from features.coverage import BIT
from features.engine.files import Files
from features.engine.language import Circumstance, What
from features.engine.scan import Scan
from features.matrix import Matrix
from features.predictors import CATALOGUE
from features.record.reader import Record
from tests.area import Area

#: A day after each of three of the council's quarterly deliveries, when its changes are freshest; a spring in which one practice had
#: sent nothing for five months; the end of the history.
DATES = [date(2020, 11, 16), date(2021, 5, 1), date(2022, 5, 17), date(2023, 8, 16), date(2024, 11, 30)]
EVERYWHERE = "a feed that covers the whole area reaches everybody in it at every date"
RARE = "fewer than one in a thousand have it: of 2,000 people, perhaps nobody"
#: What this area may not show, and why.
ALIKE = {
    **{f"fed_{table}": EVERYWHERE for table in ("spell", "outpatient", "ed_attendance", "ambulance", "community_contact", "social_care")},
    "motor_neurone_disease": RARE, "dementia_and_parkinsons_disease": RARE,
}  # fmt: skip
#: Tables that somebody's predictors rest on.
TABLES = sorted({table for predictor in CATALOGUE for table in predictor.tables})


@pytest.fixture(scope="module")
def opened(area: Area):
    with Record(area.record, purpose="evaluation") as record:
        yield record


@pytest.fixture(scope="module")
def whole(opened: Record) -> Matrix:
    return matrix.build(opened, cohort(opened, DATES))


@pytest.mark.parametrize("name", [predictor.name for predictor in CATALOGUE])
def test_every_predictor_is_there_for_somebody_and_not_the_same_for_everybody(whole: Matrix, name: str) -> None:
    values = whole.column(name)
    there = values[~np.isnan(values)]
    assert len(there)
    assert len(np.unique(there)) > 1 or name in ALIKE


@pytest.fixture(scope="module")
def few(opened: Record) -> Cohort:
    """A quarter of the last date's people."""
    everyone = cohort(opened, DATES[-1:])
    return replace(everyone, frame=everyone.frame[everyone.frame["person_id"] % 4 == 0].reset_index(drop=True))


@pytest.fixture(scope="module")
def before(opened: Record, few: Cohort) -> Matrix:
    return matrix.build(opened, few)


@pytest.mark.parametrize("table", TABLES)
def test_any_one_feed_can_be_left_out(opened: Record, few: Cohort, before: Matrix, table: str) -> None:
    without = few.frame.assign(feeds=few.frame["feeds"] & ~np.uint64(1 << BIT[table]))
    after = matrix.build(opened, replace(few, frame=without))
    for place, predictor in enumerate(CATALOGUE):
        was, now = before.values[:, place], after.values[:, place]
        if isinstance(predictor, Circumstance) and predictor.what is What.FED:
            assert np.array_equal(now, np.zeros_like(was) if predictor.table == table else was)
        elif table not in predictor.tables:
            assert np.array_equal(was, now, equal_nan=True), predictor.name
        elif set(predictor.tables) == {table}:
            assert np.isnan(now).all(), predictor.name
        else:
            # Of two tables, one may still tell enough: either of two things, when the other is there.
            assert (np.isnan(now) | (now == was)).all(), predictor.name


def test_the_files_and_duckdb_give_the_same_matrix_byte_for_byte(opened: Record, tmp_path: Path) -> None:
    people = cohort(opened, DATES[-2:])
    written = [
        matrix.write(opened, people, tmp_path / f"{source.__name__}.parquet", source=source) for source in (Files, Scan)
    ]
    assert written[0].sha256 == written[1].sha256
