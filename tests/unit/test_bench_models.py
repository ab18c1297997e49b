"""The benchmark of models: pairs on the same people, the gap to the true risk in two parts that add up, and verdicts that can fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from benchmarks import judged
from benchmarks.judged import LEARNABLE, MANY, figures
from benchmarks.learnable import learnable
from benchmarks.models import EVERY, Bench, asked_for
from benchmarks.printed import table, verdicts
from benchmarks.simulated import stacked
from features.progress import SILENT
from models.discrimination import Ranking
from models.logistic import logit
from models.recipe import Recipe
from models.ways import OURS, TRUTH, Scored
from tests.synthetic import dataset

DATA = dataset(3000, missing=0.0)
SMALL = Recipe(most_trees=150, min_data_in_leaf=20, feature_fraction=1.0)


def scored(noise: float = 1.0) -> dict[str, Scored]:
    assert DATA.truth is not None
    off = np.random.default_rng(1).normal(size=len(DATA)) * noise
    ways = {OURS: logit(DATA.truth) + off, MANY: logit(DATA.truth) + off / 2, LEARNABLE: logit(DATA.truth) + off / 4}
    found = {name: Scored(score, name, 1 / (1 + np.exp(-score))) for name, score in ways.items()}
    return {**found, TRUTH: Scored(DATA.truth, "true", DATA.truth), "age": Scored(DATA.past[:, 1], "age alone")}


@pytest.fixture(scope="module")
def found() -> dict:
    return figures(DATA, scored(), 40, SILENT)


def test_the_gap_is_what_no_record_shows_and_what_was_not_learned(found: dict) -> None:
    for figure in ("auroc", "ppv_2"):
        whole, hidden, missed = (found["gap"][part][figure]["value"] for part in ("whole", "not shown", "not learned"))
        assert whole == pytest.approx(hidden + missed)
    assert found["gap"]["whole"]["auroc"]["low"] > 0


def test_ours_is_compared_pair_by_pair(found: dict) -> None:
    less = found["less"][MANY]["auroc"]
    ours, many = found["ways"][OURS]["auroc"], found["ways"][MANY]["auroc"]
    assert less["value"] == pytest.approx(ours["value"] - many["value"])
    # Paired, the difference is surer than either figure.
    assert less["high"] - less["low"] < ours["high"] - ours["low"]


def test_calibration_is_told_of_every_kind_of_person_with_enough_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert DATA.truth is not None
    monkeypatch.setattr(judged, "FEWEST", 1200)
    told = judged.kinds(DATA, DATA.truth)
    large = {
        (by, level) for by in judged.SLICES for level, rows in DATA.slices[by].value_counts().items() if rows >= 1200
    }
    assert {(kind["by"], kind["level"]) for kind in told} == large
    assert all(kind["ici"] < 0.05 for kind in told)


def test_what_was_asked_is_told_apart_from_what_was_not_reached(found: dict) -> None:
    said = dict(verdicts(found, 5))
    # Noise of one standard deviation on the log-odds: far from the other model, but well above age.
    assert not said["auroc within 0.005 of the recipe on 5 times the people"]
    assert said["auroc above every baseline, the interval clear of zero"]
    assert not said["calibration slope 0.95 to 1.05"]
    nearer = figures(DATA, scored(0.0), 40, SILENT)
    said = dict(verdicts(nearer, 5))
    assert said["auroc within 0.005 of the recipe on 5 times the people"]


def test_the_table_holds_every_way_and_says_that_nobody_exists(found: dict) -> None:
    learned = {"rows": 10, "people": 5, "events": 2, "trees": 3, "dates": ["2020-01-01"], "directions": 0, "cost": None}
    text = table("unplanned_admission", 365, {"one": learned, "many": learned, "judged": found}, 5)
    assert "simulated people, none of whom exists" in text
    assert all(f"\n{name}" in text for name in (OURS, MANY, LEARNABLE, TRUTH, "age"))
    assert "NOT MET: calibration slope" in text


def test_trees_taught_the_true_risk_come_nearer_to_it_than_outcomes_let_them() -> None:
    assert DATA.truth is not None
    truth, score = DATA.truth, learnable(DATA, SILENT, SMALL)
    assert np.corrcoef(score, logit(truth))[0, 1] > 0.97
    best, taught = (float(Ranking(way, DATA.y).auroc(np.ones((1, len(DATA))))[0]) for way in (truth, score))
    assert best - taught < 0.01


def test_areas_are_one_data_set_with_each_ones_rows(tmp_path: Path) -> None:
    areas = [dataset(30, seed=1), dataset(20, seed=2)]
    both = stacked(areas, tmp_path)
    assert len(both) == 50
    assert both.truth is None
    assert both.take(np.arange(30)).fingerprint == areas[0].fingerprint
    assert both.take(np.arange(30, 50)).fingerprint == areas[1].fingerprint
    weighted = stacked([replace(each, weight=np.full(len(each), 2.0)) for each in areas], tmp_path)
    assert weighted.weight is not None
    assert weighted.weight.tolist() == [2.0] * 50


def test_every_window_of_training_ends_before_the_next_step_begins() -> None:
    dates = Bench(Path(), 1, 1, 5, 1, 8, 10, 1).dates
    assert dates.test == (date(2023, 7, 1),)
    assert dates.calibrate == (date(2022, 7, 1),)
    assert [str(day) for day in dates.train] == ["2020-10-01", "2021-01-01", "2021-04-01", "2021-07-01"]
    assert dates.temporal
    assert dates.calibrated_later


def test_outcomes_are_named_with_or_without_their_days() -> None:
    assert asked_for("unplanned_admission-30,deterioration") == [("unplanned_admission", 30), ("deterioration", 365)]
    assert asked_for("every") == list(EVERY)
    assert len(set(EVERY)) == len(EVERY)
