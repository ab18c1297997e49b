"""The logistic model beside ours: thrift changes how long a fit takes, not where it ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models import ridge
from models.ridge import fit_logistic
from tests.synthetic import dataset

DATA = dataset(900, predictors=12)


def test_blocks_and_single_precision_end_where_newtons_method_does(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fit_logistic(DATA)
    monkeypatch.setattr(ridge, "BLOCK", 1000)
    monkeypatch.setattr(ridge, "KEPT", 0)
    in_blocks = fit_logistic(DATA)
    assert in_blocks.ridge == whole.ridge
    assert in_blocks.beta == pytest.approx(whole.beta, abs=1e-5)
    # At the end the gradient is nothing: terms times what is left over, less the ridge.
    terms = whole.terms(DATA.X)
    left = DATA.y - 1 / (1 + np.exp(-terms @ whole.beta))
    gradient = terms.T @ left - np.r_[0, np.full(terms.shape[1] - 1, whole.ridge)] * whole.beta
    assert np.abs(gradient).max() < 1e-2


def test_the_ridge_that_predicts_people_held_out_best_is_found() -> None:
    # Pure noise is best left alone: the strongest ridge.
    noise = replace(DATA, y=np.random.default_rng(1).integers(0, 2, len(DATA)).astype(float))
    assert fit_logistic(noise).ridge == max(ridge.RIDGES)
    assert fit_logistic(dataset(4000)).ridge < max(ridge.RIDGES)


def test_medians_of_many_rows_are_those_of_some_spread_over_all(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = fit_logistic(DATA)
    monkeypatch.setattr(ridge, "SCALED_FROM", 300)
    some = fit_logistic(DATA)
    third = DATA.X[::3]
    assert some.median == pytest.approx(np.nanmedian(third, axis=0), abs=1e-6)
    assert some.raw(DATA.X) == pytest.approx(whole.raw(DATA.X), abs=0.3)


def test_rows_scored_in_blocks_are_rows_scored_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted = fit_logistic(DATA)
    at_once = fitted.raw(DATA.X)
    monkeypatch.setattr(ridge, "BLOCK", 100)
    assert fitted.raw(DATA.X) == pytest.approx(at_once, abs=1e-12)
    assert fitted.raw(DATA.X[:0]).shape == (0,)
