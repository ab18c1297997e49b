"""High, medium, low: one absolute definition for everyone."""

from __future__ import annotations

import numpy as np
import pytest

from risk.bands import Thresholds


def test_a_band_holds_its_lower_end() -> None:
    at = Thresholds(high=0.30, medium=0.10)
    assert at.band(np.array([0.0, 0.0999, 0.10, 0.2999, 0.30, 1.0])).tolist() == [
        "low", "low", "medium", "medium", "high", "high",
    ]  # fmt: skip


@pytest.mark.parametrize(("high", "medium"), [(0.1, 0.3), (0.2, 0.2), (1.0, 0.2), (0.5, 0.0)])
def test_thresholds_that_make_no_sense_are_refused(high: float, medium: float) -> None:
    with pytest.raises(ValueError, match="expected 0 < medium < high < 1"):
        Thresholds(high, medium)


@pytest.mark.parametrize("no_probability", [float("nan"), -0.1, 1.1])
def test_what_is_no_probability_has_no_band(no_probability: float) -> None:
    with pytest.raises(ValueError, match="no band"):
        Thresholds(0.3, 0.1).band(np.array([0.2, no_probability]))
