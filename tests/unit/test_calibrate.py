"""Calibration curves: rising everywhere, right on average, chosen on data, and the same after a round trip."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models import logistic
from models.calibrate import EDGE, NONE, Calibrator, beta, calibrate, isotonic, platt

DRAW = np.random.default_rng(21)
RAW = DRAW.normal(-1, 1.5, 6000)
PEOPLE = np.arange(1, 6001)


def happened(probability: np.ndarray, seed: int = 22) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(probability)) < probability).astype(float)


def test_platt_finds_the_line_that_made_the_data() -> None:
    found = platt(RAW, happened(logistic.sigmoid(0.5 * RAW - 1)))
    assert found.log_odds(np.array([0.0]))[0] == pytest.approx(-1, abs=0.12)
    assert found.below == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("fit", [platt, beta, isotonic])
def test_probabilities_add_up_to_the_events(fit) -> None:
    y = happened(logistic.sigmoid(0.5 * RAW - 1))
    assert fit(RAW, y).probability(RAW).sum() == pytest.approx(y.sum(), rel=0.02)


@pytest.mark.parametrize("fit", [lambda raw, y: NONE, platt, beta, isotonic])
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


def bent(raw: np.ndarray) -> np.ndarray:
    """Log-odds with slope 0.3 where risk is low and 2 where it is high: 0.5 + 0.3 × ln p − 2 × ln(1 − p)."""
    p = logistic.sigmoid(raw)
    return 0.5 + 0.3 * np.log(p) - 2.0 * np.log(1 - p)


def test_beta_finds_the_bend_that_made_the_data() -> None:
    curve = beta(RAW, happened(logistic.sigmoid(bent(RAW))))
    assert curve.below == pytest.approx(0.3, abs=0.1)
    assert curve.above == pytest.approx(2.0, abs=0.25)
    at = np.array(
        [-20.0, -3.0, 0.0, 1.3]
    )  # the first lies below the drawn part, where the curve goes on with its slope
    fitted = curve.log_odds(at)
    terms = np.column_stack([np.log(logistic.sigmoid(at)), np.logaddexp(0, at)])
    intercept = fitted[2] - terms[2] @ [curve.below, curve.above]
    assert fitted == pytest.approx(intercept + terms @ [curve.below, curve.above], abs=1e-3)


def test_scores_off_by_a_bend_are_put_right_by_a_bend() -> None:
    raw = np.random.default_rng(23).normal(-1, 1.5, 40_000)
    y = happened(logistic.sigmoid(bent(raw)))
    assert calibrate(raw, y, np.arange(40_000)).method == "beta"


def test_a_bend_the_wrong_way_is_held_at_the_flattest_slope() -> None:
    falling_then_rising = -2 + 0.4 * np.logaddexp(0, -RAW) + 2 * np.logaddexp(0, RAW)
    curve = beta(RAW, happened(logistic.sigmoid(falling_then_rising)))
    assert curve.below == 0.01
    assert curve.above > 1


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
