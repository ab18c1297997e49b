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
    "patterns",
    "censoring",
    "discrimination",
    "reliability",
)


def code(resamples: int) -> str:
    """Of the predictors, the training and the judging; and how many resamples were asked for."""
    folder = Path(__file__).parents[1] / "models"
    files = [*(folder / f"{name}.py" for name in DECIDES), folder.parent / "risk" / "weighing.py"]
    decided = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(f"{product()}|{resamples}".encode() + decided).hexdigest()[:16]
