"""A person's interval: it holds the true risk, narrows with more people, and is the same after a round trip."""

from __future__ import annotations

import json

import numpy as np
import pytest

from models import logistic
from models.person_interval import PersonInterval, coverage, person_interval
from models.venn_abers import VennAbers

RISKS = {
    "steep": logistic.sigmoid,
    "flat": lambda raw: np.full(len(raw), 0.12),
    "in steps": lambda raw: np.where(raw > -2, 0.3, 0.05),
}


def people(n: int, risk, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    raw = draw.normal(-2.5, 1.2, n)
    return raw, (draw.random(n) < risk(raw)).astype(float)


@pytest.mark.parametrize("shape", RISKS)
def test_it_holds_the_true_risk_of_95_in_100(shape: str) -> None:
    held, width = [], []
    for seed in range(10):
        found = person_interval(*people(3000, RISKS[shape], seed), np.arange(3000))
        others, _ = people(2000, RISKS[shape], 100 + seed)
        low, high = found.bounds(others)
        true = RISKS[shape](others)
        held.append(np.mean((low <= true) & (true <= high)))
        width.append(np.mean(high - low))
    assert np.mean(held) >= 0.95
    assert np.mean(width) < 0.2


def test_the_pair_alone_would_not() -> None:
    low, high = VennAbers.of(*people(3000, logistic.sigmoid, 1)).pair(others := people(2000, logistic.sigmoid, 2)[0])
    true = logistic.sigmoid(others)
    assert np.mean((low <= true) & (true <= high)) < 0.5


def test_more_people_make_it_narrower() -> None:
    few, many = (person_interval(*people(n, logistic.sigmoid, 3), np.arange(n)) for n in (500, 8000))
    at = np.linspace(-4, 0, 50)
    assert np.mean(np.subtract(*many.bounds(at)[::-1])) < 0.5 * np.mean(np.subtract(*few.bounds(at)[::-1]))


def test_bounds_rise_with_the_score_and_hold_the_pair() -> None:
    raw, y = people(2000, logistic.sigmoid, 4)
    low, high = person_interval(raw, y, np.arange(2000)).bounds(at := np.linspace(-9, 5, 400))
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()
    p0, p1 = VennAbers.of(raw, y).pair(at)
    assert (low <= p0).all()
    assert (high >= p1).all()
    assert (low[0], high[-1]) == (0.0, 1.0)  # beyond everybody nothing is known


def test_rows_of_one_person_count_once_and_equal_weights_change_nothing() -> None:
    raw, y = people(2000, logistic.sigmoid, 5)
    once = person_interval(raw, y, np.arange(2000))
    twice = person_interval(np.r_[raw, raw], np.r_[y, y], np.r_[np.arange(2000), np.arange(2000)])
    assert (once.people, twice.people) == (2000, 2000)
    at = np.linspace(-4, 0, 50)
    assert np.abs(once.bounds(at)[0] - twice.bounds(at)[0]).max() < 0.03
    weighted = person_interval(raw, y, np.arange(2000), np.full(2000, 1.0))
    assert weighted == once
    assert (
        person_interval(raw, y, np.arange(2000), np.r_[np.full(1000, 1.0), np.full(1000, 3.0)]).people == 1600
    )  # 4000² / 10,000


def test_few_people_and_no_event_say_how_little_is_known() -> None:
    found = person_interval(np.linspace(-3, 0, 40), np.zeros(40), np.arange(40))
    low, high = found.bounds(np.array([-1.5]))
    assert low[0] == 0.0
    assert 0.1 < high[0] < 0.3  # no event among the 20 above: 1 - 0.025 ** (1 / 20) = 0.168
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / 20), abs=0.01)


def test_coverage_by_hand() -> None:
    """Two groups of two: observed 0 of 2 within 0-0.2; observed 2 of 2 above 0.5-0.9."""
    raw, y = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0.0, 0.0, 1.0, 1.0])
    found = coverage(np.array([0.0, 0.0, 0.5, 0.5]), np.array([0.1, 0.3, 0.9, 0.9]), y, raw, groups=2)
    assert found["within"] == 0.5
    assert [group["observed"] for group in found["groups"]] == [0.0, 1.0]
    assert found["groups"][0] == {"rows": 2, "low": 0.0, "observed": 0.0, "high": pytest.approx(0.2)}
    assert found["mean_width"] == pytest.approx((0.1 + 0.3 + 0.4 + 0.4) / 4)


def test_it_survives_its_file() -> None:
    found = person_interval(*people(500, logistic.sigmoid, 6), np.arange(500))
    assert PersonInterval.from_json(json.loads(json.dumps(found.to_json()))) == found


def test_a_bound_is_a_probability() -> None:
    """Of the calibration people above 2 everybody had the event: rounded outwards, certainty is 1 and no more. A model released with a bound a little
    above it tells 1 too."""
    raw = np.linspace(-4.0, 4.0, 400)
    made = person_interval(raw, (raw > 2).astype(float), np.arange(400))
    assert (min(made.low), max(made.high)) == (0.0, 1.0)
    old = PersonInterval((0.0,), (0.4,), (1.00001,), 400)
    assert [bound.tolist() for bound in old.around(np.array([-1.0]), np.array([0.5]))] == [[0.0], [1.0]]
