"""Rows of people acted on: which they are, and what a refit learns from in their place."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from features.errors import BadInput, Refused, WrongUsage
from models.acted import Marks, bands, touched, weights, without_effect
from models.dataset import Dataset
from tests import synthetic


def marks(*rows: tuple[int, str]) -> Marks:
    people = np.array([person for person, _ in rows], np.int64)
    return Marks(people, np.array([day for _, day in rows], "datetime64[D]"))


def rows(*held: tuple[int, str], horizon: int = 365) -> Dataset:
    made = synthetic.dataset(people=len(held), horizon=horizon)
    return dataclasses.replace(
        made, person_id=np.array([person for person, _ in held], np.int64), index_date=np.array([day for _, day in held], "datetime64[D]")
    )  # fmt: skip


@pytest.mark.parametrize(
    ("acted_on", "hit"),
    [
        ("2019-12-31", False),  # before the index date: part of what the person's record then was
        ("2020-01-01", True),
        ("2020-12-30", True),  # the window's last day: 365 days of 2020 from 1 January
        ("2020-12-31", False),
    ],
)
def test_a_window_is_half_open(acted_on: str, hit: bool) -> None:
    data = rows((7, "2020-01-01"), (8, "2020-01-01"))
    assert touched(data, marks((7, acted_on), (9, "2020-06-01"))).tolist() == [hit, False]


def test_any_of_several_actions_counts_and_each_date_is_judged_by_itself() -> None:
    data = rows((7, "2018-01-01"), (7, "2020-01-01"), (7, "2021-07-01"), horizon=181)
    assert touched(data, marks((7, "2017-12-01"), (7, "2020-03-01"), (7, "2020-02-01"))).tolist() == [
        False,
        True,
        False,
    ]
    assert touched(data, marks()).tolist() == [False, False, False]


def test_rows_acted_on_are_left_out_and_counted() -> None:
    data = rows((7, "2020-01-01"), (8, "2020-01-01"))
    kept, said = without_effect(data, marks((7, "2020-02-01")), "exclude")
    assert kept.person_id.tolist() == [8]
    assert said == {"way": "exclude", "acted_on": 1, "rows": 2}
    assert len(kept) + said["acted_on"] == said["rows"]


def test_those_like_them_stand_for_them() -> None:
    # A band of 40 people of whom 30 were acted on: each of the 10 others stands for 4. One of 20 of whom 11 were: 9 are too few.
    hit = np.r_[np.ones(30, bool), np.zeros(10, bool), np.ones(11, bool), np.zeros(9, bool)]
    band = np.r_[np.zeros(40, np.int64), np.ones(20, np.int64)]
    weight, lost = weights(hit, band)
    assert set(weight[30:40]) == {4.0}
    assert set(weight[51:]) == {1.0}
    assert lost == 11


def test_nobody_stands_for_more_than_twenty() -> None:
    hit = np.r_[np.ones(990, bool), np.zeros(10, bool)]
    weight, _ = weights(hit, np.zeros(1000, np.int64))
    assert set(weight[990:]) == {20.0}


def test_bands_are_of_each_date_and_narrow_at_the_top() -> None:
    day = np.repeat(np.array(["2020-01-01", "2021-01-01"], "datetime64[D]"), 1000)
    score = np.tile(np.arange(1000.0), 2)
    found = bands(day, score)
    assert np.bincount(found[:1000]).tolist() == [800, 100, 50, 20, 10, 5, 5, 5, 5][::-1]
    assert set(found[:1000]) & set(found[1000:]) == set()
    assert found[999] == 0


def test_weights_multiply_those_that_rows_had() -> None:
    data = dataclasses.replace(synthetic.dataset(people=100), weight=np.full(100, 2.0))
    acted = Marks(data.person_id[:50], np.full(50, "2020-02-01", "datetime64[D]"))
    kept, said = without_effect(data, acted, "weight", np.zeros(100) + np.arange(100) % 7)
    assert kept.weight is not None
    assert kept.weight.min() >= 2.0
    assert said["acted_on"] == 50


def test_what_does_not_fit_is_refused() -> None:
    data = rows((7, "2020-01-01"))
    with pytest.raises(Refused, match="nothing is left to learn from"):
        without_effect(data, marks((7, "2020-02-01")), "exclude")
    with pytest.raises(WrongUsage, match="exclude, weight; found 'forget'"):
        without_effect(data, marks(), "forget")  # type: ignore[arg-type]
    with pytest.raises(WrongUsage, match="by the score that drew the lists"):
        without_effect(rows((7, "2020-01-01"), (8, "2020-01-01")), marks((7, "2020-02-01")), "weight")
    with pytest.raises(BadInput, match="have no day"):
        Marks(np.array([7]), np.array(["NaT"], "datetime64[D]"))
    with pytest.raises(BadInput, match="a day of action for each of 1 people"):
        Marks(np.array([7]), np.array([], "datetime64[D]"))
