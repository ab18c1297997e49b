"""Who trains, calibrates and tests, and when: rows in, parts out."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from features.errors import Refused
from models.split import CALIBRATE, TRAIN, fold_of, held_out, hundredth, part_of, split_dates


def days(*text: str) -> list[date]:
    return [date.fromisoformat(day) for day in text]


@pytest.mark.parametrize(
    ("usable", "horizon", "train", "calibrate", "test", "purged"),
    [
        # 10 + 10 days: the window from the 1st ends on the 11th, that from the 11th on the 21st. Touching is no overlap.
        (days("2020-01-01", "2020-01-11", "2020-01-21"), 10, ["2020-01-01"], ["2020-01-11"], ["2020-01-21"], []),
        # A day longer, and no window has ended in time for three steps: calibration shares the training date.
        (days("2020-01-01", "2020-01-11", "2020-01-21"), 11, ["2020-01-01"], ["2020-01-01"], ["2020-01-21"], ["2020-01-11"]),
        # Quarters and a year: those between the steps are purged.
        (days("2021-01-01", "2021-04-01", "2022-04-01", "2022-07-01", "2023-04-01"), 365,
         ["2021-01-01", "2021-04-01"], ["2022-04-01"], ["2023-04-01"], ["2022-07-01"]),
        # One date: people are split, dates are not.
        (days("2010-01-01"), 181, ["2010-01-01"], ["2010-01-01"], ["2010-01-01"], []),
        # Two dates nearer than a window: likewise.
        (days("2020-01-01", "2020-02-01"), 90, ["2020-01-01", "2020-02-01"], ["2020-01-01", "2020-02-01"],
         ["2020-01-01", "2020-02-01"], []),
    ],
)  # fmt: skip
def test_each_date_has_its_part_or_is_purged(usable, horizon, train, calibrate, test, purged) -> None:
    split = split_dates(usable, horizon)
    assert (split.train, split.calibrate, split.test, split.purged) == tuple(
        tuple(days(*part)) for part in (train, calibrate, test, purged)
    )


@pytest.mark.parametrize("horizon", [30, 90, 365])
def test_every_window_ends_before_the_next_step_begins(horizon: int) -> None:
    quarters = [date(year, month, 1) for year in range(2015, 2024) for month in (1, 4, 7, 10)]
    split = split_dates(quarters, horizon)
    assert max(split.train) + timedelta(days=horizon) <= min(split.calibrate)
    assert max(split.calibrate) + timedelta(days=horizon) <= min(split.test)
    assert split.temporal
    assert split.calibrated_later
    assert len(split.train) == 8


def test_one_date_is_said_to_be_no_temporal_validation() -> None:
    assert "no temporal validation" in split_dates(days("2010-01-01"), 181).says
    assert "no temporal validation" not in split_dates(days("2010-01-01", "2012-01-01"), 181).says


def test_no_usable_date_is_refused_in_a_sentence() -> None:
    with pytest.raises(Refused, match="no index date is usable"):
        split_dates([], 365)


def test_a_row_is_used_only_where_its_person_and_its_date_are_of_one_part() -> None:
    split = split_dates(days("2020-01-01", "2021-01-01", "2022-01-01"), 365)
    people = np.arange(1, 2001)
    for day, name in (("2020-01-01", "train"), ("2021-01-01", "calibrate"), ("2022-01-01", "test")):
        given = split.rows(people, np.full(len(people), np.datetime64(day)))
        assert np.array_equal(given == name, part_of(people) == name)
        assert set(given) == {name, ""}


def test_people_are_split_70_15_15_and_for_ever() -> None:
    people = np.random.default_rng(5).integers(1, 2**62, 20_000)
    part = part_of(people)
    shares = {name: float((part == name).mean()) for name in ("train", "calibrate", "test")}
    assert shares == pytest.approx({"train": 0.70, "calibrate": 0.15, "test": 0.15}, abs=0.01)
    assert (TRAIN, CALIBRATE) == (70, 15)
    # The split of a person is a promise: a model trained last year never saw the people whom this year's tests on.
    assert hundredth(np.array([1, 2, 3, 4611686018427387904])).tolist() == [67, 41, 95, 43]


def test_folds_and_the_held_out_are_groups_of_people_apart_from_the_parts() -> None:
    people = np.random.default_rng(6).integers(1, 2**62, 20_000)
    fold = fold_of(people, 5)
    assert np.bincount(fold) / len(people) == pytest.approx([0.2] * 5, abs=0.01)
    assert np.array_equal(fold, fold_of(people.copy(), 5))
    assert held_out(people).mean() == pytest.approx(0.15, abs=0.01)
    in_training = part_of(people) == "train"
    assert np.bincount(fold[in_training]) / in_training.sum() == pytest.approx([0.2] * 5, abs=0.015)
    assert held_out(people)[in_training].mean() == pytest.approx(0.15, abs=0.01)
