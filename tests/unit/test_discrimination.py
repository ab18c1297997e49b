"""Areas under curves and lists, by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest

from models.discrimination import Ranking
from models.listing import Lists, net_benefit, yield_of

ONE = np.ones((1, 6))
SCORE = np.array([6.0, 5.0, 4.0, 3.0, 2.0, 1.0])
Y = np.array([1.0, 0.0, 1.0, 0.0, 0.0, 0.0])


def test_areas_by_hand() -> None:
    found = Ranking(SCORE, Y).areas(ONE)
    # Of 2 × 4 pairs of event and other, only (the third, the second) is the wrong way round.
    assert found["auroc"][0] == 7 / 8
    # Events at ranks 1 and 3: precision 1/1 and 2/3.
    assert found["auprc"][0] == pytest.approx((1 + 2 / 3) / 2)


def test_equal_scores_are_half_right() -> None:
    assert Ranking(np.zeros(6), Y).areas(ONE)["auroc"][0] == 0.5
    # All six share one rank: precision there is everybody's risk.
    assert Ranking(np.zeros(6), Y).areas(ONE)["auprc"][0] == pytest.approx(2 / 6)


def test_areas_equal_scikit_learns_with_ties_and_weights() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    draw = np.random.default_rng(3)
    score, y, weights = draw.integers(0, 30, 500).astype(float), draw.integers(0, 2, 500).astype(float), draw.integers(0, 4, 500)  # fmt: skip
    found = Ranking(score, y).areas(weights[None, :].astype(float))
    assert found["auroc"][0] == pytest.approx(roc_auc_score(y, score, sample_weight=weights))
    assert found["auprc"][0] == pytest.approx(average_precision_score(y, score, sample_weight=weights))


def test_weights_are_copies() -> None:
    weights = np.array([2.0, 1.0, 0.0, 3.0, 1.0, 1.0])
    copied = np.repeat(np.arange(6), weights.astype(int))
    by_weight = Ranking(SCORE, Y)
    by_copy = Ranking(SCORE[copied], Y[copied])
    ones = np.ones((1, len(copied)))
    assert by_weight.areas(weights[None, :])["auroc"] == pytest.approx(by_copy.areas(ones)["auroc"])
    assert by_weight.top(weights[None, :], [0.5])["ppv_50"] == pytest.approx(by_copy.top(ones, [0.5])["ppv_50"])


def test_a_list_by_hand() -> None:
    found = Ranking(SCORE, Y).top(ONE, [0.5])
    # The top half holds 3 people, 2 of them with the event, which is all the events; everybody's risk is 2 in 6.
    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx(
        {"ppv_50": 2 / 3, "sensitivity_50": 1.0, "lift_50": (2 / 3) / (2 / 6), "listed_per_event_50": 3 / 2}
    )


def test_a_list_is_rounded_up_in_exact_arithmetic() -> None:
    y = np.ones(100)
    # 0.07 × 100 is a little over 7 in floating point: 7 are listed, not 8.
    found = Ranking(np.arange(100.0), np.where(np.arange(100) >= 93, y, 0)).top(np.ones((1, 100)), [0.07])
    assert found["sensitivity_7"][0] == 1.0
    assert found["ppv_7"][0] == 1.0


def test_no_event_has_no_area() -> None:
    assert np.isnan(Ranking(SCORE, np.zeros(6)).areas(ONE)["auroc"][0])


def test_lists_are_drawn_within_each_group() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1])
    # The top third of three is one: the best of each group, although the second of group 0 is above all of group 1.
    assert Lists(SCORE, groups, share=1 / 3).taken(ONE).tolist() == [[1, 0, 0, 1, 0, 0]]
    # A person drawn twice fills the list's places with themselves: 2 + 1 + 1 people, a third is rounded up to 2.
    assert Lists(SCORE, groups, share=1 / 3).taken(np.array([[2.0, 1, 1, 0, 1, 1]])).tolist() == [[2, 0, 0, 0, 1, 0]]


def test_the_yield_among_those_without_an_admission_by_hand() -> None:
    taken, new = np.array([[1.0, 1, 1, 0, 0, 0]]), np.array([False, True, True, True, False, False])
    found = yield_of(taken, ONE, Y, new)
    assert {name: float(value[0]) for name, value in found.items()} == pytest.approx(
        {"ppv": 2 / 3, "sensitivity": 1.0, "lift": 2.0, "listed_per_event": 1.5,
         "new_share_of_list": 2 / 3, "new_ppv": 1 / 2, "new_sensitivity": 1.0, "new_events_found": 1 / 2}
    )  # fmt: skip


def test_net_benefit_by_hand() -> None:
    probability = np.array([0.9, 0.6, 0.3, 0.2, 0.1, 0.1])
    found = net_benefit(probability, Y, ONE, 0.25)
    # At 1 in 4 the odds are 1 to 3. Three are acted on: 2 with the event, 1 without. Everybody: 2 with, 4 without.
    assert found["model"][0] == pytest.approx((2 - 1 / 3) / 6)
    assert found["everybody"][0] == pytest.approx((2 - 4 / 3) / 6)
