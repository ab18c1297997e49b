"""Zero-day emergency stays by provider and month, and the alarm on a step in their recording (NHS England: same day emergency care
moves from admitted care to the emergency care data set)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.outcomes.counting import zero_day
from features.outcomes.declared import named
from features.outcomes.zero_day import monthly, steps
from features.record.reader import Record
from tests.records import feeds, record


def months(zero: list[int], stays: int = 100, provider: str = "RZ1") -> pd.DataFrame:
    first = pd.date_range("2022-01-01", periods=len(zero), freq="MS")
    return pd.DataFrame({"provider": provider, "month": first, "stays": stays, "zero_day": zero})


def test_a_step_is_dated_and_measured() -> None:
    """Thirty in a hundred for a year, ten from January 2023 on. The error is sqrt(p (1 - p) (1/1200 + 1/1200)), p 0.2: 0.0163."""
    (found,) = steps(months([30] * 12 + [10] * 12), 0.05)
    assert (found.provider, found.month, found.before, found.after) == ("RZ1", date(2023, 1, 1), 0.3, 0.1)
    assert found.errors == pytest.approx(0.2 / 0.0163, abs=0.1)


@pytest.mark.parametrize(
    "zero",
    [[30] * 24, [32] * 12 + [28] * 12, [30] * 23 + [10], [20, 40] * 12, [10] * 5],
    ids=["level", "four in a hundred less", "one month so far", "unsteady", "too few months"],
)
def test_no_alarm(zero: list[int]) -> None:
    assert steps(months(zero), 0.05) == []


def test_a_hospital_that_gains_them_and_one_with_few_stays() -> None:
    both = pd.concat(
        [months([5] * 6 + [40] * 6, provider="RZ2"), months([1] * 6 + [4] * 6, stays=10, provider="small")]
    )
    assert [(found.provider, found.before, found.after) for found in steps(both, 0.05)] == [("RZ2", 0.05, 0.4)]


def test_a_level_that_does_not_change_raises_no_alarm() -> None:
    """Three hundred simulated providers of 150 stays a month for three years, each at its own level."""
    rng = np.random.default_rng(7)
    held = [
        months(rng.binomial(150, level, 36).tolist(), 150, f"P{n}")
        for n, level in enumerate(rng.uniform(0.1, 0.5, 300))
    ]
    assert steps(pd.concat(held), 0.05) == []


def test_which_stays_are_counted(tmp_path: Path) -> None:
    """Delivered on 20 May 2024; less 45 days is 5 April: March is the last whole month that has matured."""

    def stay(day: str, end: str | None = None, **row: Any) -> dict[str, Any]:
        return {
            "event_date": day,
            "end_date": end,
            "admission_method": "21",
            "provider": "RZ1",
            "known_at": "2024-05-20",
            **row,
        }

    folder = record(
        tmp_path,
        feed=feeds(known_at="2024-05-20", period_from="2020-01-01", period_to="2024-05-20"),
        registration=[{"known_at": "2020-01-01"}],
        person=[{"known_at": "2020-01-01"}],
        spell=[
            stay("2024-03-01", "2024-03-01"),
            stay("2024-03-31", "2024-04-02"),
            stay("2024-03-05"),
            stay("2024-03-05", "2024-03-05", admission_method="11"),
            stay("2024-03-05", "2024-03-05", patient_class="hospital_at_home"),
            stay("2024-04-01", "2024-04-01"),
            stay("2024-02-01", "2024-02-01", provider=None),
        ],
    )
    with Record(folder, purpose="training", threads=1) as held:
        found = monthly(held, named("unplanned_admission"))
        told = zero_day(held)
    assert found.to_dict("records") == [
        {"provider": "RZ1", "month": pd.Timestamp(2024, 3, 1), "stays": 2, "zero_day": 1},
        {"provider": "not recorded", "month": pd.Timestamp(2024, 2, 1), "stays": 1, "zero_day": 1},
    ]
    assert told == {
        "upto": "2024-03-01",
        "providers": [
            {"provider": "RZ1", "stays": 2, "zero_day": 1, "share": 0.5},
            {"provider": "not recorded", "stays": 1, "zero_day": 1, "share": 1.0},
        ],
        "alarms": [],
    }


def test_a_record_without_stays(tmp_path: Path) -> None:
    with Record(record(tmp_path), purpose="training", threads=1) as held:
        assert zero_day(held) == {"upto": None, "providers": [], "alarms": []}
