"""Directions that medicine demands: declared of predictors that there are, kept where they cost nothing, and then kept everywhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.predictors import CATALOGUE
from models import monotone
from models.dataset import Dataset
from models.intervals import Estimate
from models.train import Recipe, train
from tests.synthetic import dataset

RECIPE = Recipe(most_trees=40, min_data_in_leaf=20, feature_fraction=1.0)
NAMES = ("emergency_admissions_1y", "days_since_emergency_admission", "a", "b", "c", "d")


def made(rises: int, falls: int, seed: int = 4) -> Dataset:
    """The log-odds rise (or fall, by the sign) by 1.5 with the first predictor and fall by 1.5 with the second."""
    data = dataset(3000, seed=seed)
    draw = np.random.default_rng(seed)
    X = np.nan_to_num(data.X)
    risk = 1 / (1 + np.exp(1 - 1.5 * rises * X[:, 0] + 1.5 * falls * X[:, 1]))
    return replace(data, names=NAMES, X=X, y=(draw.random(len(data)) < risk).astype(np.float64))


def test_every_demand_is_of_predictors_that_there_are_and_names_its_source() -> None:
    declared = {predictor.name for predictor in CATALOGUE}
    named = [name for demand in monotone.DEMANDS for name in demand.predictors]
    assert set(named) <= declared
    assert len(named) == len(set(named))
    assert all(demand.source and demand.direction in (1, -1) for demand in monotone.DEMANDS)


def test_directions_that_the_data_bear_out_are_kept_and_then_hold_for_everybody() -> None:
    data = made(1, 1)
    trained = train(data, RECIPE)
    assert trained.directions == {"emergency_admissions_1y": 1, "days_since_emergency_admission": -1}
    assert trained.facts["monotone"] == 2
    assert trained.cost is not None
    rows = np.repeat(data.X[:50, None], 40, axis=1)
    for column, sign in ((0, 1), (1, -1)):
        varied = rows.copy()
        varied[:, :, column] = np.linspace(-3, 3, 40, dtype=np.float32)
        raw = trained.booster.predict(varied.reshape(-1, 6), raw_score=True).reshape(50, 40)
        assert (sign * np.diff(raw, axis=1) >= -1e-9).all()


def test_without_them_chance_bends_the_curve() -> None:
    data = made(1, 1)
    free = train(data, replace(RECIPE, monotone=False))
    assert (free.directions, free.cost) == ({}, None)
    varied = np.repeat(data.X[:50, None], 40, axis=1)
    varied[:, :, 0] = np.linspace(-3, 3, 40, dtype=np.float32)
    raw = free.booster.predict(varied.reshape(-1, 6), raw_score=True).reshape(50, 40)
    assert (np.diff(raw, axis=1) < 0).any()


def test_directions_that_the_data_deny_are_given_up() -> None:
    data = made(-1, -1)
    trained = train(data, RECIPE)
    assert trained.directions == {}
    assert trained.cost is not None
    assert trained.cost["low"] > 0
    assert trained.text == train(data, replace(RECIPE, monotone=False)).text


def test_the_cost_is_the_mean_difference_of_log_loss() -> None:
    y, people = np.array([1.0, 0.0, 1.0, 0.0]), np.arange(4)
    bound, free = np.array([0.5, 0.5, 0.8, 0.2]), np.array([0.5, 0.5, 0.9, 0.1])
    # ln 0.9 - ln 0.8 twice, over four people.
    expected = 2 * np.log(0.9 / 0.8) / 4
    assert monotone.cost(bound, free, y, people, times=20).value == pytest.approx(expected)
    weight = np.array([1.0, 1.0, 3.0, 3.0])
    assert monotone.cost(bound, free, y, people, weight, times=20).value == pytest.approx(6 * np.log(0.9 / 0.8) / 8)


def test_what_is_not_clearly_worse_costs_nothing() -> None:
    assert monotone.free(Estimate(0.1, -0.01, 0.2))
    assert not monotone.free(Estimate(0.1, 0.01, 0.2))
    assert not monotone.free(Estimate(0.1, np.nan, np.nan))


def test_every_demand_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "training.md").read_text()
    for demand in monotone.DEMANDS:
        stem = demand.predictors[0]
        (row,) = (line for line in page.splitlines() if line.startswith("|") and f"`{stem}`" in line)
        assert ("| rise |" in row, "| fall |" in row) == (demand.direction == 1, demand.direction == -1)
        assert all(f"`{name}`" in row or f"`_{name.rsplit('_', 1)[1]}`" in row for name in demand.predictors)
