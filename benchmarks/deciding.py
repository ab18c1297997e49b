"""Names the code that decides a model and its figures, so that results of other code are made again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from benchmarks.results import product

#: Modules of ``models`` that decide.
DECIDES = (
    "train",
    "recipe",
    "blocks",
    "augment",
    "monotone",
    "ridge",
    "calibrate",
    "dataset",
    "split",
    "censoring",
    "discrimination",
    "reliability",
)


def code(resamples: int, *more: str) -> str:
    """Of the predictors and the training, how many resamples were asked for, and of what ``more`` decides a step: paths of modules, without
    their ending."""
    root = Path(__file__).parents[1]
    files = [*(f"models/{name}" for name in DECIDES), "risk/weighing", *more]
    decided = b"".join((root / f"{name}.py").read_bytes() for name in files)
    return hashlib.sha256(f"{product()}|{resamples}".encode() + decided).hexdigest()[:16]
