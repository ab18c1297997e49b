"""The printed table of target against achieved, and that a small area is England's to within wide margins."""

from __future__ import annotations

import numpy as np
import pytest

from features.population.calibration import auroc, compare
from features.population.rates import TARGETS, Target


@pytest.mark.parametrize(
    ("value", "off", "within"),
    [(0.25, 0.0, True), (0.275, 0.10, True), (0.2, -0.20, False), (None, None, None)],
)
def test_off_is_a_share_of_the_target(value, off, within):
    got = compare(Target("x", "X", 0.25, "somewhere", tolerance=0.15), value)
    assert got.off == (None if off is None else pytest.approx(off))
    assert got.within is within


@pytest.mark.parametrize(("value", "off"), [(0.07, 0.0), (0.08, 0.0), (0.09, 0.0), (0.063, -0.1), (0.099, 0.1)])
def test_within_a_range_nothing_is_off(value, off):
    assert compare(Target("x", "X", 0.07, "somewhere", high=0.09), value).off == pytest.approx(off)


def test_what_is_only_reported_is_never_off():
    got = compare(Target("x", "X", None, "reported only"), 0.8)
    assert (got.value, got.off, got.within) == (0.8, None, None)


def test_auroc_counts_pairs_and_halves_ties():
    # Positives 0.9 and 0.5, negatives 0.5 and 0.1: pairs won 1 + 1 + 0.5 + 1 of 4.
    assert auroc(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(3.5 / 4)
    assert auroc(np.array([0.9, 0.5]), np.array([True, True])) is None


def test_every_target_names_its_source():
    assert all(len(target.source) > 10 for target in TARGETS)
    assert len({target.name for target in TARGETS}) == len(TARGETS)


#: At 5,000 people chance moves these by a tenth or two: the margins are wide on purpose.
MARGINS = {
    "emergency_admissions_65": (0.17, 0.36), "ed_attendances_65": (0.30, 0.60), "readmissions_65": (0.11, 0.30),
    "stay_p90_65": (14, 30), "care_home_share_admissions_65": (0.04, 0.20), "care_home_share_65": (0.02, 0.05),
    "adults_admitted": (0.055, 0.105), "zero_day_share": (0.2, 0.4), "deaths_adults": (0.008, 0.016),
    "deaths_85": (0.08, 0.22), "auroc_true_risk": (0.74, 0.90),
}  # fmt: skip


@pytest.mark.parametrize("name", MARGINS)
def test_a_small_area_is_like_england(built, name):
    low, high = MARGINS[name]
    assert low < built.calibration.value(name) < high


def test_rows_a_person_year_are_those_of_real_records(built):
    years, rows = built.calibration.person_years, built.calibration.rows
    assert 4 < rows["gp_event"] / years < 10
    assert 4 < rows["gp_contact"] / years < 8
    assert 12 < rows["prescription"] / years < 22
