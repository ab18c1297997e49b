"""Models for the benchmark of a run: of a stated size, fitted to made-up outcomes of a few people of the area, released as any other.

How good they are does not matter; how many trees, leaves and predictors they have decides what scores and reasons cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import lightgbm
import numpy as np
import numpy.typing as npt

from features import matrix
from features.cohort import CohortRules, cohort
from features.outcomes import named
from features.predictors import CATALOGUE, Declared
from features.record.reader import Record
from models.baselines import Logistic
from models.bundle import Bundle, mask_of
from models.calibrate import NONE
from models.release import Draft, bands_of, reserve, write
from models.train import Recipe, Trained
from risk import store as stores
from risk.settings import Settings

#: Outcomes of the run: the first ranks.
OUTCOMES = ("unplanned_admission", "avoidable_admission", "deterioration")
#: People whom a model is fitted to.
FITTED_TO = 20_000
HORIZON = 365


def release(
    settings: Settings, record_folder: Path, at: date, *, trees: int, leaves: int, depth: int, predictors: int
) -> list[Bundle]:
    """Three live models, one an outcome."""
    chosen = CATALOGUE[:predictors]
    with Record(record_folder, purpose="evaluation", memory=settings.memory) as record:
        people = cohort(record, [at], CohortRules(18, record.objections))
        some = people.frame.iloc[:: max(1, len(people) // FITTED_TO)].reset_index(drop=True)
        few = type(people)(some, people.left_out, people.practices, people.rules)
        X = np.ascontiguousarray(matrix.build(record, few, chosen).values)
    store = stores.open(settings)
    made = []
    for seed, outcome in enumerate(OUTCOMES, 1):
        text = _fitted(X, some["age"].to_numpy(np.float64), seed, trees, leaves, depth, [p.name for p in chosen])
        bundle = _released(settings.bundles, outcome, text, trees, chosen, some["feeds"].to_numpy(np.uint64), X)
        store.record_release(name=bundle.name, version=bundle.version, action="promote", by="benchmark", reason="benchmark",
                             gates=[], bundle_sha256=bundle.sha256)  # fmt: skip
        made.append(bundle)
    store.close()
    return made


def _fitted(
    X: npt.NDArray[np.float32],
    age: npt.NDArray[np.float64],
    seed: int,
    trees: int,
    leaves: int,
    depth: int,
    names: list[str],
) -> str:
    chance = np.random.default_rng(seed)
    weight = chance.normal(size=X.shape[1]) * (chance.random(X.shape[1]) < 0.3)
    spread = np.nan_to_num(X) / np.maximum(np.nanstd(np.nan_to_num(X), axis=0), 1e-6)
    risk = 0.03 * (age - 60) + 0.3 * (spread @ weight)
    y = (risk + chance.logistic(size=len(risk)) > np.quantile(risk, 0.9)).astype(float)
    given = {"objective": "binary", "num_leaves": leaves, "max_depth": depth, "feature_fraction": 0.3, "min_data_in_leaf": 20,
             "learning_rate": 0.05, "seed": seed, "verbosity": -1, "deterministic": True}  # fmt: skip
    return lightgbm.train(given, lightgbm.Dataset(X, y, feature_name=names, params=given), trees).model_to_string()


def _released(
    bundles: Path, outcome: str, text: str, trees: int, predictors: Sequence[Declared], feeds: npt.NDArray[np.uint64], X: npt.NDArray[np.float32]
) -> Bundle:  # fmt: skip
    tables = tuple(sorted({table for predictor in predictors for table in predictor.tables}))
    masks, many = np.unique(feeds & np.uint64(mask_of(tables)), return_counts=True)
    raw = lightgbm.Booster(model_str=text).predict(X, raw_score=True)
    nothing = Logistic(*np.zeros((3, len(predictors))), *np.zeros((2, 0), np.int64), np.zeros(1), 1.0)
    draft = Draft(
        name=f"{outcome}_{HORIZON}",
        outcome=outcome,
        horizon=HORIZON,
        minimum_age=named(outcome).minimum_age,
        names=tuple(predictor.name for predictor in predictors),
        fingerprints=tuple(predictor.fingerprint for predictor in predictors),
        tables=tables,
        patterns={int(mask): count / len(feeds) for mask, count in zip(masks, many, strict=True)},
        bands=bands_of(1 / (1 + np.exp(-np.asarray(raw, np.float64)))),
        dates={},
        about={"kind": "simulated", "title": "made-up outcomes of a generated area"},
        trained=Trained(text, trees, (), Recipe()),
        calibrator=NONE,
        logistic=nothing,
        provenance={"outcome": named(outcome).fingerprint},
    )
    return write(bundles, reserve(bundles, draft.name), draft, {}, "A model of made-up outcomes, for a benchmark.\n")
