"""Calibration curves: rising everywhere, right on average, chosen on data, and the same after a round trip."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models import logistic
from models.calibrate import EDGE, NONE, Calibrator, calibrate, isotonic, platt

DRAW = np.random.default_rng(21)
RAW = DRAW.normal(-1, 1.5, 6000)
PEOPLE = np.arange(1, 6001)


def happened(probability: np.ndarray, seed: int = 22) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(float)


def test_platt_finds_the_line_that_made_the_data() -> None:
    found = platt(RAW, happened(logistic.sigmoid(0.5 * RAW - 1)))
    assert found.log_odds(np.array([0.0]))[0] == pytest.approx(-1, abs=0.12)
    assert found.below == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("fit", [platt, isotonic])
def test_probabilities_add_up_to_the_events(fit) -> None:
    y = happened(logistic.sigmoid(0.5 * RAW - 1))
    assert fit(RAW, y).probability(RAW).sum() == pytest.approx(y.sum(), rel=0.02)


@pytest.mark.parametrize("fit", [lambda raw, y: NONE, platt, isotonic])
def test_nobody_overtakes_anybody(fit) -> None:
    curve = fit(RAW, happened(logistic.sigmoid(RAW)))
    at = np.sort(np.concatenate([RAW, np.linspace(-15, 15, 2000)]))
    assert (np.diff(curve.log_odds(at)) > 0).all()
    assert (np.diff(curve.probability(at)) > 0).all()


def test_no_probability_is_0_or_1_however_far_the_score() -> None:
    curve = isotonic(RAW, (RAW > 0).astype(float))
    assert curve.probability(np.array([-1e6, 1e6])).tolist() == [EDGE, 1 - EDGE]


def test_scores_that_are_right_already_are_left_alone() -> None:
    assert calibrate(RAW, happened(logistic.sigmoid(RAW)), PEOPLE).method == "none"


def test_scores_off_by_a_line_are_put_right_by_a_line() -> None:
    assert calibrate(RAW, happened(logistic.sigmoid(0.5 * RAW - 1)), PEOPLE).method == "platt"


def test_scores_off_by_a_step_are_put_right_by_steps() -> None:
    assert calibrate(RAW, happened(np.where(RAW > 0, 0.5, 0.1)), PEOPLE).method == "isotonic"


def test_too_few_events_change_nothing() -> None:
    assert calibrate(RAW, np.r_[np.ones(29), np.zeros(5971)], PEOPLE) == NONE


def test_a_score_that_means_nothing_keeps_its_order_and_tells_nearly_everybody_the_same() -> None:
    y = happened(np.full(6000, 0.2))
    above = np.argsort(np.argsort(RAW)) >= 3000
    curve = platt(RAW, np.where(above, 0.0, y))
    assert (np.diff(curve.probability(np.sort(RAW))) > 0).all()
    assert np.ptp(curve.probability(RAW)) < 0.02


def test_a_curve_survives_its_file() -> None:
    curve = calibrate(RAW, happened(np.where(RAW > 0, 0.5, 0.1)), PEOPLE)
    again = Calibrator.from_json(json.loads(json.dumps(curve.to_json())))
    assert np.array_equal(again.probability(RAW), curve.probability(RAW))


def test_a_curve_that_does_not_rise_is_refused() -> None:
    with pytest.raises(ValueError, match="rise everywhere"):
        Calibrator("isotonic", (0.0, 1.0), (0.5, 0.5))
