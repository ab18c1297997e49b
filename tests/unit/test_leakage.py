"""The alarm on what is too good to be true: silent on honest predictors, loud where the outcome's own year is among them."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from models.leakage import look, telling
from tests.synthetic import dataset

DATA = dataset(4000)


def with_column(values: np.ndarray, name: str = "cost_1y") -> dict[str, Any]:
    X = np.column_stack([DATA.X, values.astype(np.float32)])
    return look(X, DATA.y, (*DATA.names, name))


@pytest.mark.parametrize(
    ("values", "y", "expected"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], 1.0),
        ([4, 3, 2, 1], [0, 0, 1, 1], 1.0),  # either direction
        ([1, 1, 1, 1], [0, 0, 1, 1], 0.5),
        ([1, 2, 2, 3], [0, 0, 1, 1], 3.5 / 4),  # pairs: 1<2, 1<3, 2=2 (a half), 2<3
        (
            [np.nan, 1, np.nan, np.nan],
            [0, 0, 1, 1],
            0.75,
        ),  # absent above 1: 2 pairs, absent against absent: 2 halves, of 4
        ([np.nan, np.nan, 5, 7], [0, 0, 1, 1], 1.0),  # recorded of those with the event alone
    ],
)
def test_how_much_one_predictor_tells(values: list[float], y: list[float], expected: float) -> None:
    assert telling(np.array(values, np.float32), np.array(y, np.float64)) == pytest.approx(expected)


def test_honest_predictors_raise_no_alarm() -> None:
    found = look(DATA.X, DATA.y, DATA.names, model_auroc=0.80)
    assert found["alarms"] == []
    assert found["highest"][0]["predictor"] == "predictor_0"
    assert 0.6 < found["highest"][0]["auroc"] < 0.8


def test_the_outcome_years_own_cost_raises_it() -> None:
    """Cost of the year after the index date, filed as if known before: nothing but for those admitted, and a few others' day care."""
    draw = np.random.default_rng(9)
    cost = np.where(DATA.y == 1, draw.gamma(2, 2000, len(DATA)), (draw.random(len(DATA)) < 0.05) * 800)
    (alarm,) = with_column(cost)["alarms"]
    assert (alarm["what"], alarm["says"]) == ("cost_1y", "AUROC over 0.95 by itself, which no honest predictor reaches")


def test_one_that_tells_far_more_than_the_rest_raises_it() -> None:
    draw = np.random.default_rng(10)
    (alarm,) = with_column(DATA.y * 2.1 + draw.normal(0, 1, len(DATA)))["alarms"]
    assert 0.85 < alarm["auroc"] < 0.95
    assert "above that of nine predictors in ten" in alarm["says"]


def test_something_recorded_only_of_those_with_the_event_raises_it() -> None:
    (alarm,) = with_column(np.where(DATA.y == 1, 1.0, np.nan))["alarms"]
    assert alarm["auroc"] == 1.0


def test_a_model_too_good_to_be_true_raises_it() -> None:
    (alarm,) = look(DATA.X, DATA.y, DATA.names, model_auroc=0.97)["alarms"]
    assert (alarm["what"], alarm["auroc"]) == ("the model", 0.97)


def test_too_few_events_say_nothing() -> None:
    rare = dataclasses.replace(DATA, y=np.r_[np.ones(29), np.zeros(len(DATA) - 29)])
    assert look(rare.X, rare.y, rare.names)["alarms"] is None
