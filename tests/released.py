"""A model of a few predictors, trained on made-up numbers and released: for tests of what comes after training."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from features.predictors import named
from models.baselines import Logistic
from models.bundle import Bands, Bundle, mask_of
from models.calibrate import NONE
from models.release import Draft, reserve, write
from models.train import Recipe, Trained

NAMES = ("age", "emergency_admissions_1y", "deprivation_decile")


@cache
def trees(seed: int = 1) -> Trained:
    """A few trees in which risk grows with age and with emergency admissions."""
    chance = np.random.default_rng(seed)
    X = np.column_stack([chance.integers(18, 100, 3000), chance.poisson(0.5, 3000), chance.integers(1, 11, 3000)])
    risk = 1 / (1 + np.exp(-(-6 + 0.05 * X[:, 0] + X[:, 1])))
    y = (chance.random(3000) < risk).astype(float)
    recipe = Recipe(num_leaves=8, min_data_in_leaf=20, threads=1)
    learn = lightgbm.Dataset(X.astype(np.float32), y, feature_name=list(NAMES), params=recipe.parameters())
    booster = lightgbm.train(recipe.parameters(), learn, 25)
    return Trained(booster.model_to_string(), 25, (), recipe)


def release(
    bundles: Path, *, figures: dict[str, Any] | None = None, said: dict[str, Any] | None = None, **changed: Any
) -> Bundle:
    """The next version of the model in ``bundles``. ``figures``: of ours and of past admissions, by name; ``said``: more of the report."""
    predictors = named(NAMES)
    tables = tuple(sorted({table for predictor in predictors for table in predictor.tables}))
    facts = {
        "name": "unplanned_admission_365", "outcome": "unplanned_admission", "horizon": 365, "minimum_age": 18,
        "names": NAMES, "fingerprints": tuple(predictor.fingerprint for predictor in predictors), "tables": tables,
        "patterns": {mask_of(tables): 1.0}, "bands": Bands(0.4, 0.15), "dates": {},
        "about": {"kind": "simulated", "title": "Simulated numbers"}, "trained": trees(), "calibrator": NONE,
        "logistic": Logistic(*np.zeros((3, len(NAMES))), *np.zeros((2, 0), np.int64), np.zeros(1), 1.0),
        "provenance": {}, **changed,
    }  # fmt: skip
    figures = figures or {"auroc": 0.8, "slope": 1.0, "past": 0.6}
    report = {
        "performance": {
            "ours": {name: {"value": figures.get(name)} for name in ("auroc", "slope")},
            "past_admissions": {"auroc": {"value": figures["past"]}},
        },
        "leakage": {"alarms": [], "highest": []},
        **(said or {}),
    }
    draft = Draft(**facts)
    return write(bundles, reserve(bundles, draft.name), draft, report, "A model of made-up numbers.\n")
