"""Weights of rows: a row of weight two is two rows, in every step from data set to probability."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.errors import BadInput
from models.baselines import fit_logistic
from models.calibrate import calibrate, isotonic, platt
from models.train import Recipe, train
from tests.synthetic import dataset

DATA = dataset(800)
WEIGHT = np.random.default_rng(3).integers(1, 4, len(DATA)).astype(np.float64)
WEIGHTED = replace(DATA, weight=WEIGHT)
REPEATED = DATA.take(np.repeat(np.arange(len(DATA)), WEIGHT.astype(int)))


def test_rows_taken_bring_their_weights() -> None:
    assert WEIGHTED.take(np.array([5, 2])).weight.tolist() == [WEIGHT[5], WEIGHT[2]]
    assert DATA.take(np.array([5, 2])).weight is None


def test_weights_are_part_of_what_a_data_set_is() -> None:
    assert WEIGHTED.fingerprint != DATA.fingerprint
    assert WEIGHTED.fingerprint != replace(DATA, weight=WEIGHT + 1).fingerprint


@pytest.mark.parametrize("wrong", [np.zeros(800), np.full(800, np.nan), np.ones(799)])
def test_weights_that_are_none_are_refused(wrong: np.ndarray) -> None:
    with pytest.raises(BadInput, match="weight"):
        replace(DATA, weight=wrong)


def test_trees_learn_more_from_a_weightier_row() -> None:
    recipe = Recipe(most_trees=20, min_data_in_leaf=20)
    assert train(WEIGHTED, recipe).text != train(DATA, recipe).text
    heavy = replace(DATA, weight=np.where(DATA.y == 1, 3.0, 1.0))
    share = 3 * DATA.y.sum() / (3 * DATA.y.sum() + (1 - DATA.y).sum())
    given = train(heavy, recipe).booster.predict(DATA.X)
    assert np.average(given, weights=heavy.weight) == pytest.approx(share, abs=0.01)


def test_the_logistic_model_takes_a_weight_for_so_many_rows() -> None:
    # Medians, means and spreads are those of the rows as they are, so both models get the same.
    ours, theirs = fit_logistic(WEIGHTED), fit_logistic(DATA)
    assert ours.mean == pytest.approx(theirs.mean)
    assert not np.allclose(ours.beta, theirs.beta)
    twice = fit_logistic(replace(DATA, weight=np.full(len(DATA), 1.0)))
    assert twice.beta == pytest.approx(theirs.beta, abs=1e-6)


@pytest.mark.parametrize("way", [platt, isotonic])
def test_a_curve_of_weighted_rows_is_that_of_rows_repeated(way) -> None:
    raw = np.random.default_rng(5).normal(size=len(DATA)).round(2)
    repeated = np.repeat(raw, WEIGHT.astype(int))
    assert way(raw, DATA.y, WEIGHT).log_odds(raw) == pytest.approx(way(repeated, REPEATED.y).log_odds(raw), abs=1e-6)


def test_equal_weights_choose_the_curve_that_no_weights_do() -> None:
    raw = DATA.truth * 4 - 2
    without, equal = (calibrate(raw, DATA.y, DATA.person_id, weight) for weight in (None, np.ones(len(DATA))))
    assert without == equal
