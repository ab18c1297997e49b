"""Measures of calibration on probabilities that are right, and on ones that are wrong in a known way."""

from __future__ import annotations

import numpy as np
import pytest

from models import logistic
from models.reliability import Reliability, wilson

DRAW = np.random.default_rng(11)
LOG_ODDS = DRAW.normal(-1.5, 1.2, 40_000)
TRUE = logistic.sigmoid(LOG_ODDS)
Y = (DRAW.random(len(TRUE)) < TRUE).astype(float)
WHOLE = np.ones((1, len(TRUE)))


def measured(probability: np.ndarray) -> dict[str, float]:
    return {name: float(value[0]) for name, value in Reliability(probability, Y).measures(WHOLE).items()}


def test_right_probabilities_are_called_right() -> None:
    found = measured(TRUE)
    assert found["slope"] == pytest.approx(1, abs=0.04)
    assert found["intercept"] == pytest.approx(0, abs=0.04)
    assert found["ici"] < 0.01
    assert found["observed_expected"] == pytest.approx(1, abs=0.02)
    assert found["brier"] == pytest.approx(np.mean(TRUE * (1 - TRUE)), abs=0.003)


def test_probabilities_twice_as_extreme_have_half_the_slope() -> None:
    assert measured(logistic.sigmoid(2 * LOG_ODDS))["slope"] == pytest.approx(0.5, abs=0.02)


def test_odds_too_high_by_e_have_an_intercept_of_minus_one() -> None:
    found = measured(logistic.sigmoid(LOG_ODDS + 1))
    assert found["intercept"] == pytest.approx(-1, abs=0.04)
    assert found["slope"] == pytest.approx(1, abs=0.04)
    assert found["ici"] == pytest.approx(np.mean(logistic.sigmoid(LOG_ODDS + 1) - TRUE), abs=0.01)


def test_brier_by_hand() -> None:
    few = Reliability(np.array([0.1, 0.4, 0.35, 0.8]), np.array([0.0, 0.0, 1.0, 1.0]))
    squares = (0.1**2 + 0.4**2 + 0.65**2 + 0.2**2) / 4
    assert few.measures(np.ones((1, 4)))["brier"][0] == pytest.approx(squares)


def test_the_slope_is_the_logistic_regressions() -> None:
    from sklearn.linear_model import LogisticRegression

    rows = slice(0, 800)
    fitted = LogisticRegression(C=np.inf, tol=1e-10).fit(LOG_ODDS[rows, None], Y[rows])
    found = Reliability(TRUE[rows], Y[rows]).measures(np.ones((1, 800)))
    assert found["slope"][0] == pytest.approx(fitted.coef_[0, 0], rel=1e-4)


def test_a_model_that_says_the_same_of_everybody_is_measured_too() -> None:
    found = measured(np.full(len(Y), Y.mean()))
    assert found["ici"] == pytest.approx(0, abs=1e-6)
    assert found["intercept"] == pytest.approx(0, abs=1e-6)


def test_wilsons_interval_against_the_published_example() -> None:
    # Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 0 of 20 is 0 to 0.1611.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)
