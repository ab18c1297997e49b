"""What the size of a list buys, in numbers that can be added up by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from risk import store as stores
from risk.list_size import buys, seen_at
from risk.settings import Settings
from tests.published import published

TOP = [{"share": share, "listed": n, "found": n // 2, "ppv": {"value": 0.5, "low": 0.4, "high": 0.6}, "sensitivity": {"value": 0.1, "low": 0.0, "high": 0.2}}
       for share, n in ((0.005, 2), (0.02, 8), (0.1, 40))]  # fmt: skip
REPORT = {"about": {"kind": "simulated", "title": "an area"}, "performance": {"ours": {"top": TOP}}}


@pytest.mark.parametrize(("places", "expected"), [(1, 0.61), (2, 0.95), (3, 1.03), (9, 1.03)])
def test_expected_admissions_are_the_sum_of_the_probabilities(tmp_path: Path, places: int, expected: float) -> None:
    """Harm: a team is told that so many more visits find admissions that nobody expects."""
    settings = Settings(home=tmp_path, environment="test")
    store = stores.open(settings)
    published(store)  # of A81001: 0.61, 0.34, 0.08
    run = store.current_run()
    assert run is not None
    (practice,) = store.practices(run["number"], "A81001")
    told = buys(settings, store, run, practice, places)
    assert (told["expected"], told["of_all"]) == (pytest.approx(expected), pytest.approx(1.03))
    assert told["ppv"] == pytest.approx(expected / places)
    assert told["seen"] is None, "the model's own report is not held here, and nothing is made up in its place"
    store.close()


@pytest.mark.parametrize(
    ("share", "nearest"), [(0.0001, 0.005), (0.009, 0.005), (0.011, 0.02), (0.03, 0.02), (0.09, 0.1), (1.0, 0.1)]
)
def test_what_was_seen_is_of_the_nearest_size_and_says_of_which_data(share: float, nearest: float) -> None:
    found = seen_at(REPORT, share)
    assert found is not None
    assert (found["share"], found["data"]) == (nearest, "simulated data: an area")
    assert seen_at({"performance": {"ours": {}}}, share) is None
