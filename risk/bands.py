"""High, medium or low: absolute thresholds of probability, kept with the model's version.

A band is not a place on a list: a person who is listed in a practice of the well need not be "high", and "low" is no
reason to withhold care.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BANDS = ("high", "medium", "low")


@dataclass(frozen=True)
class Thresholds:
    """Lowest probability (a fraction, 0-1) of the high and of the medium band. Each band holds its lower end."""

    high: float
    medium: float

    def __post_init__(self) -> None:
        if not 0 < self.medium < self.high < 1:
            raise ValueError(f"expected 0 < medium < high < 1, found medium {self.medium} and high {self.high}")

    def band(self, probability: npt.NDArray[np.float64]) -> npt.NDArray[np.str_]:
        """The band of each probability; :class:`ValueError` where one is not a probability."""
        given = np.asarray(probability, np.float64)
        if not ((given >= 0) & (given <= 1)).all():
            raise ValueError("a probability lies outside 0-1, or is not a number: it has no band")
        return np.select([given >= self.high, given >= self.medium], ["high", "medium"], "low")
