"""Venn-Abers pairs: by hand, as isotonic regression with one more person gives them, and as another's implementation does."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.isotonic import IsotonicRegression

from models import logistic
from models.venn_abers import VennAbers, merged


def test_three_people_by_hand() -> None:
    """Scores 1, 2, 3 with outcomes 0, 1, 0. Somebody of score 2 counted without the event: 0 | 1, 0, 0 pooled to 1/3; with it:
    0 | 1, 1, 0 pooled to 2/3."""
    found = VennAbers.of(np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0]))
    low, high = found.pair(np.array([2.0]))
    assert (low[0], high[0]) == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    low, high = found.pair(np.array([0.0, 4.0]))
    assert low.tolist() == [0.0, pytest.approx(1 / 3)]  # below all: 0; above all: 0 | 1, 0, 0 pooled
    assert high.tolist() == [
        pytest.approx(1 / 2),
        1.0,
    ]  # below all: 1, 0, 1, 0 pooled; above all: 1
    assert merged(np.array([0.2]), np.array([0.3]))[0] == pytest.approx(0.3 / 1.1)


@pytest.mark.parametrize("seed", range(4))
def test_it_is_isotonic_regression_with_one_more_person(seed: int) -> None:
    draw = np.random.default_rng(seed)
    raw = np.round(draw.normal(-1, 1.5, 120), 1)  # with ties
    y = (draw.random(120) < logistic.sigmoid(raw)).astype(float)
    weight = draw.integers(1, 4, 120).astype(float)
    at = np.r_[raw[:20], draw.normal(-1, 2, 20), -9.0, 9.0]
    low, high = VennAbers.of(raw, y, weight).pair(at)
    for label, found in ((0.0, low), (1.0, high)):
        fits = [
            IsotonicRegression().fit(np.r_[raw, s], np.r_[y, label], sample_weight=np.r_[weight, 1.0]).predict([s])[0]
            for s in at
        ]
        assert found == pytest.approx(np.array(fits), abs=1e-9)
    assert (low <= high).all()


@pytest.mark.filterwarnings("ignore:All-NaN slice")
def test_it_agrees_with_the_published_package() -> None:
    oracle = pytest.importorskip("venn_abers").VennAbers()
    draw = np.random.default_rng(8)
    p, at = draw.random(300), draw.random(100)
    y = (draw.random(300) < p).astype(float)
    oracle.fit(np.column_stack([1 - p, p]), y)
    _, pairs = oracle.predict_proba(np.column_stack([1 - at, at]))
    low, high = VennAbers.of(p, y).pair(at)
    assert np.abs(pairs[:, 0] - low).max() < 1e-9
    assert np.abs(pairs[:, 1] - high).max() < 1e-9
