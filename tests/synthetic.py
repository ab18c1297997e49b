"""Made-up data sets for tests of models: rows whose true probability is known by formula."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.dataset import Dataset


def dataset(
    people: int = 1500,
    predictors: int = 6,
    seed: int = 1,
    dates: tuple[str, ...] = ("2020-01-01",),
    base: float = -1.5,
    missing: float = 0.1,
    **about: Any,
) -> Dataset:
    """``people`` × ``dates`` rows. The log-odds are base + 1.0 × first + 0.7 × second predictor; the others are noise. A tenth of
    the values is absent."""
    draw = np.random.default_rng(seed)
    n = people * len(dates)
    hidden = draw.normal(size=(people, predictors)).repeat(len(dates), axis=0)
    truth = 1 / (1 + np.exp(-(base + 1.0 * hidden[:, 0] + 0.7 * hidden[:, 1])))
    X = np.where(draw.random(hidden.shape) < missing, np.nan, hidden).astype(np.float32)
    return Dataset(
        X=X,
        y=(draw.random(n) < truth).astype(np.float64),
        names=tuple(f"predictor_{i}" for i in range(predictors)),
        fingerprints=tuple(f"{i:04x}" for i in range(predictors)),
        person_id=draw.integers(1, 2**62, people).repeat(len(dates)),
        index_date=np.tile(np.array(dates, "datetime64[D]"), people),
        slices=slices(draw, n, hidden[:, 0] > 1),
        past=np.column_stack([np.floor(np.clip(hidden[:, 0], 0, None)), draw.integers(18, 99, n)]).astype(np.float64),
        feeds=np.full(n, 0b11, np.uint64),
        truth=truth,
        about={"kind": "simulated", "title": "made up for a test", "outcome": "unplanned_admission", "horizon": 365,
               "past": "emergency_admissions_1y", "record": "0" * 64, **about},
    )  # fmt: skip


def slices(draw: np.random.Generator, n: int, prior: npt.NDArray[np.bool_]) -> pd.DataFrame:
    levels = {"age_band": ["18-39", "40-64", "65-74"], "sex": ["female", "male"], "imd_fifth": ["1", "5"],
              "ethnicity": ["white", "asian"], "practice": ["A81001", "A81002", "A81003"], "care_home": ["no", "yes"]}  # fmt: skip
    return pd.DataFrame({**{name: draw.choice(values, n) for name, values in levels.items()}, "prior_emergency": prior})
