"""Rows that stand for others count so in every figure: harm, the people of places that many leave are judged by those who stayed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.person_interval import coverage
from models.recalibration import recalibrated
from models.validate import judge
from models.ways import ways
from tests.synthetic import dataset

DATA = dataset(300, seed=5)
MANY = np.where(DATA.y > 0, 2, np.arange(300) % 2 + 1)
WEIGHTED = replace(DATA, weight=MANY.astype(np.float64))
COPIED = DATA.take(np.arange(300).repeat(MANY))
FIGURES = ("auroc", "auprc", "brier", "slope", "intercept", "observed_expected")


def judged(data):
    raw = -1.5 + np.nan_to_num(data.X[:, 0]).astype(np.float64)
    return judge(data, ways(data, raw, 1 / (1 + np.exp(-raw)), raw), times=20)


def test_a_row_of_weight_two_is_judged_as_two_rows() -> None:
    weighted, copied = judged(WEIGHTED), judged(COPIED)
    ours, theirs = (each["performance"]["ours"] for each in (weighted, copied))
    assert [ours[name]["value"] for name in FIGURES] == pytest.approx([theirs[name]["value"] for name in FIGURES])
    # The bends of the smoothed curve lie where so many rows do, whatever they stand for.
    assert ours["ici"]["value"] == pytest.approx(theirs["ici"]["value"], abs=0.001)
    assert weighted["test"]["risk"] == pytest.approx(copied["test"]["risk"])
    assert ours["top"][2]["ppv"]["value"] == pytest.approx(theirs["top"][2]["ppv"]["value"])
    assert ours["per_practice"]["ppv"]["value"] == pytest.approx(theirs["per_practice"]["ppv"]["value"])
    expected = [
        [row["observed_expected"]["value"] for row in each["slices"] if "auroc" in row] for each in (weighted, copied)
    ]
    assert expected[0] == pytest.approx(expected[1])
    benefit = [[row["model"]["value"] for row in each["net_benefit"]] for each in (weighted, copied)]
    assert benefit[0] == pytest.approx(benefit[1])


def test_counts_stay_those_of_the_rows_there_are() -> None:
    weighted, plain = judged(WEIGHTED), judged(DATA)
    assert weighted["test"]["rows"] == 300
    for way, held in plain["performance"].items():
        assert [row["found"] for row in weighted["performance"][way]["top"]] == [row["found"] for row in held["top"]]


def test_coverage_and_recalibration_count_rows_so_too() -> None:
    """A group of 2 rows, observed 0 and 1, the second standing for 3: 3 of 4."""
    found = coverage(np.zeros(2), np.ones(2), np.array([0.0, 1.0]), np.zeros(2), 1, np.array([1.0, 3.0]))
    assert found["groups"][0]["observed"] == 0.75
    raw = np.nan_to_num(DATA.X[:, 0]).astype(np.float64)
    plain, weighted = (
        recalibrated(raw, DATA.y, DATA.person_id, weight=w) for w in (None, np.where(DATA.y > 0, 5.0, 1.0))
    )
    assert plain is not None
    assert weighted is not None
    assert weighted.mean() > plain.mean() + 0.1
