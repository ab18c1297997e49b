"""What a model owes to its feeds, its practices and its kind: on made-up rows of which it is known what matters."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest

from models import refits
from models.augment import FeedsOff
from models.dataset import Dataset
from models.feeds import ALWAYS, FEEDS, steps, unassigned
from models.glassbox import additive
from models.train import Recipe
from tests.synthetic import dataset

#: The first predictor rests on the practice's record, the second on the hospital's; the others on nothing that can be missing.
OFF = FeedsOff({"gp_event": np.array([0]), "spell": np.array([1])}, {})
RECIPE = Recipe(most_trees=60, min_data_in_leaf=20, threads=1, monotone=False)
LEARN, TEST = dataset(1500, seed=1, missing=0), replace(dataset(900, seed=2, missing=0), truth=None)


def score(data: Dataset) -> tuple[np.ndarray, np.ndarray]:
    raw = -1.5 + np.nan_to_num(data.X[:, 0]) + 0.7 * np.nan_to_num(data.X[:, 1])
    return raw.astype(float), 1 / (1 + np.exp(-raw.astype(float)))


def test_every_table_is_of_one_kind_of_feed_or_always_there() -> None:
    assert unassigned() == []
    every = [table for tables in FEEDS.values() for table in tables] + list(ALWAYS)
    assert len(every) == len(set(every))


def test_feeds_are_added_one_kind_at_a_time() -> None:
    left_out = list(steps().values())
    assert [len(without) for without in left_out] == sorted((len(without) for without in left_out), reverse=True)
    assert left_out[-1] == ()
    assert set(left_out[0]) == {
        table for name, tables in FEEDS.items() if name != "general practice" for table in tables
    }


def test_a_feed_that_tells_something_adds_something() -> None:
    rows = {row["way"]: row for row in refits.feeds_added(LEARN, TEST, OFF, RECIPE, times=20)}
    assert list(rows) == [
        "general practice alone",
        "general practice and hospital",
        "general practice, hospital and community",
        "every feed",
    ]
    alone, hospital, whole = (
        rows[name]["auroc"]["value"]
        for name in ("general practice alone", "general practice and hospital", "every feed")
    )
    assert alone < hospital == whole
    assert rows["general practice alone"]["less_reference"]["auroc"]["high"] < 0


def test_a_feed_off_costs_what_rests_on_it_and_no_more() -> None:
    rows = {row["says"]: row for row in refits.feeds_off(TEST, score, OFF, times=10)}
    assert rows["every feed"]["overlap"] == 1
    assert rows["without community"]["auroc"] == rows["every feed"]["auroc"]
    assert rows["without general practice"]["auroc"]["value"] < rows["without hospital"]["auroc"]["value"]
    assert rows["without hospital"]["auroc"]["value"] < rows["every feed"]["auroc"]["value"]
    assert rows["without hospital"]["overlap"] < 1


def test_challengers_learn_from_the_same_rows() -> None:
    told = refits.challengers(LEARN, TEST, RECIPE, times=10)
    figures = {row["way"]: row["auroc"]["value"] for row in told["ways"]}
    assert told["rows"] == len(LEARN)
    assert {"trees", "elastic_net"} <= set(figures)
    assert figures["elastic_net"] > 0.7
    assert set(told["missing"]) | set(figures) == {"trees", "elastic_net", "ebm"}


def test_a_boosting_machine_stops_by_people_and_not_by_their_other_dates() -> None:
    pytest.importorskip("interpret.glassbox")
    often = dataset(300, seed=3, dates=("2020-01-01", "2020-04-01", "2020-07-01", "2020-10-01"), missing=0)
    whose = np.random.default_rng(1).random(300).repeat(4).astype(np.float32)
    fate = (np.random.default_rng(2).random(300) < 0.3).repeat(4).astype(float)
    often = replace(often, X=np.column_stack([whose, often.X[:, 2:]]).astype(np.float32), y=fate, truth=None,
                    names=often.names[1:], fingerprints=often.fingerprints[1:])  # fmt: skip
    given = additive(often)(often.X)
    assert abs(given - fate).mean() > 0.3, "who somebody is tells nothing of others, and was learned by heart"


def test_a_challenger_whose_package_is_not_there_is_said_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    told = refits.challengers(LEARN, TEST, RECIPE, times=2)
    assert [row["way"] for row in told["ways"]] == ["trees", "elastic_net"]
    assert "expected the package interpret-core" in told["missing"]["ebm"]


def test_a_practice_is_judged_by_a_model_that_had_none_of_its_people() -> None:
    odd = replace(TEST, slices=TEST.slices.assign(practice=["A81009"] * 12 + ["A81001"] * (len(TEST) - 12)))
    rows = refits.practices_left_out(LEARN, odd, score, RECIPE, times=10)
    assert [row["practice"] for row in rows] == ["A81001"], "twelve people are too few for figures of their own"
    assert rows[0]["rows"] == len(TEST) - 12
    assert rows[0]["without/auroc"]["value"] != rows[0]["with/auroc"]["value"]


def test_each_date_has_its_own_figures() -> None:
    data = dataset(500, dates=("2020-01-01", "2020-04-01"))
    rows = refits.through_time(data, score, times=5)
    assert [row["date"] for row in rows] == ["2020-01-01", "2020-04-01"]
    assert sum(row["events"] for row in rows) == data.events


@pytest.mark.parametrize("most", [100, 1000, 5000])
def test_some_are_whole_people_and_no_more_than_asked_for(most: int) -> None:
    data = dataset(1500, dates=("2020-01-01", "2020-04-01"))
    some = refits.some(data, most)
    assert len(some) <= most
    assert most < 200 or len(some) == 2 * some.people
