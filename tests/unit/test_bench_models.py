"""The benchmark of models: pairs on the same people, the gap to the true risk in two parts that add up, and verdicts that can fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks import feeds_away, judged, recipes
from benchmarks.judged import LEARNABLE, MANY, figures
from benchmarks.learnable import learnable
from benchmarks.models import EVERY, Bench, asked_for
from benchmarks.printed import table, verdicts
from benchmarks.simulated import stacked
from features.progress import SILENT
from models import patterns
from models.augment import FeedsOff, mask_of
from models.calibrate import NONE
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


def test_a_row_counts_for_as_many_as_it_stands_for() -> None:
    """The harm: people lost to follow-up forgotten in the judging, who are more often ill. Twice the weight is twice the row."""
    some = np.arange(600)
    twice = np.concatenate([some, some[:200]])
    weighted = replace(DATA.take(some), weight=np.where(some < 200, 2.0, 1.0))
    once, given = figures(DATA.take(twice), _of(twice), 0, SILENT), figures(weighted, _of(some), 0, SILENT)
    assert once["ways"][OURS]["auroc"]["value"] == pytest.approx(given["ways"][OURS]["auroc"]["value"])
    assert given["ways"][OURS] != figures(DATA.take(some), _of(some), 0, SILENT)["ways"][OURS]


def _of(rows: np.ndarray) -> dict[str, Scored]:
    """Each way's scores of the rows."""
    return {name: Scored(way.score[rows], way.says, None if way.probability is None else way.probability[rows])
            for name, way in scored().items()}  # fmt: skip


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


def test_each_feed_away_is_told_by_its_own_curve_and_by_the_one_for_all() -> None:
    """The harm: a model's probabilities taken for good while a feed is away, because one table told of another curve."""
    told = {"auroc": {"value": 0.75, "low": 0.7, "high": 0.8}, "ici": {"value": 0.01, "low": None, "high": None}}
    own, one = ({**told, "slope": {"value": slope, "low": None, "high": None}} for slope in (0.95, 1.3))
    pattern = {"says": "without hospital", "own": own, "one": one}
    found = {"rows": 1000, "events": 90, "dates": ["2023-07-01"], "practices": 12, "patterns": [pattern]}
    row = feeds_away.table(found)[-1]
    assert row == "| hospital | 0.750 (0.700 to 0.800) | 1.30 | 0.95 | 0.010 | 0.010 |"
    assert feeds_away.verdict(found)[1]
    assert not feeds_away.verdict({**found, "patterns": [pattern, {**pattern, "own": one}]})[1]


def test_the_curves_of_a_feed_that_is_away_are_tried_beside_the_one_for_all() -> None:
    """Half of what the score knows is in column 0, which goes with the GP record: the rest is worth more without it."""
    data = replace(DATA, feeds=np.full(len(DATA), mask_of(("gp_event", "spell")), np.uint64))
    off = FeedsOff({"gp_event": np.array([0]), "spell": np.array([1])}, {})

    def raw(X: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return np.nan_to_num(X[:, :4].astype(np.float64)).sum(axis=1) - 2

    found = feeds_away.figures(NONE, patterns.fitted(raw, data, off), raw, data, off, 20)
    assert found["rows"] == len(DATA)
    assert {tuple(each["without"]) for each in found["patterns"]} == {("gp_event",), ("spell",)}
    for each in found["patterns"]:
        assert each["own"]["auroc"]["value"] == pytest.approx(each["one"]["auroc"]["value"], abs=1e-9)
        assert abs(each["own"]["slope"]["value"] - 1) < abs(each["one"]["slope"]["value"] - 1)


def test_other_recipes_differ_from_the_houses_and_are_paired_with_it() -> None:
    house = Recipe()
    assert all(recipe != replace(house, monotone=False) for recipe in recipes.of(house).values())
    good = np.asarray(DATA.truth)
    found = recipes.figures({recipes.HOUSE: good, "worse": -good}, {recipes.HOUSE: 3, "worse": 4}, DATA, 20, SILENT)
    assert found["recipes"]["worse"]["less"]["high"] < 0
    assert found["recipes"][recipes.HOUSE]["less"] is None
    assert recipes.table({**found, "made_of": "1", "load": 0.5})[-1].startswith("| worse | 4 | ")
