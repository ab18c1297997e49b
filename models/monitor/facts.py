"""What is looked at of one date: the people scored, what they were given, and what befell them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import BadInput

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Watched:
    """A run, or a date at which the model was tried, with n people scored.

    - ``name`` of the run, ``at`` its index date, ``version`` of the model that scored
    - ``raw`` and ``probability`` (n,), ``feeds`` uint64 (n,), ``listed`` bool (n,): as published
    - ``slices`` (n rows) as a data set has them, None where they are not known
    - ``values``: a predictor's column (n,) by name, None where it is not to be looked at
    - ``y`` (n,): 1, 0, or NaN where it is not known (yet); ``unknown`` how many for which reason
    """

    name: str
    at: date
    version: int
    raw: Array
    probability: Array
    feeds: npt.NDArray[np.uint64]
    listed: npt.NDArray[np.bool_]
    y: Array
    slices: pd.DataFrame | None = None
    values: Callable[[str], npt.NDArray[np.float32]] | None = None
    unknown: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.raw)
        parts = {"probability": self.probability, "feeds": self.feeds, "listed": self.listed, "y": self.y}
        if self.slices is not None:
            parts["slices"] = self.slices  # type: ignore[assignment]
        wrong = [f"{part} of {len(held)}" for part, held in parts.items() if len(held) != n]
        if wrong:
            raise BadInput(f"{self.name}: expected {n} rows of everything, found {', '.join(wrong)}")

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whose outcome is known."""
        return ~np.isnan(self.y)
