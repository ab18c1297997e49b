"""Slices: counts and figures of small tables by hand, and what others' code makes of the same lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from models import logistic
from models.compared import compare
from models.fairness import by_fairlearn
from models.listing import Lists, competing
from models.recalibration import recalibrated
from models.reliability import Reliability
from models.validate import Scored, judge
from tests.synthetic import dataset

DATA = dataset(1500, base=-1.2)
RAW = np.nan_to_num(DATA.X[:, 0]).astype(float) - 1.2
PROBABILITY = logistic.sigmoid(RAW)
JUDGED = judge(DATA, {"ours": Scored(RAW, "a score", PROBABILITY)}, times=20)
LISTED = Lists(RAW, competing(DATA.slices["practice"], DATA.index_date)).taken(np.ones((1, len(DATA))))[0] > 0


def rows(by: str) -> list[dict]:
    return [row for row in JUDGED["slices"] if row["by"] == by]


@pytest.mark.parametrize("by", ["age_band", "sex", "imd_fifth", "ethnicity", "care_home"])
def test_fairlearn_finds_the_same_at_the_lists_threshold(by: str) -> None:
    theirs = by_fairlearn(DATA.slices, by, DATA.y, LISTED)
    for row in rows(by):
        for figure in ("listed_share", "sensitivity", "ppv"):
            assert row[figure]["value"] == pytest.approx(theirs["levels"][row["level"]][figure]), (row["level"], figure)
    for gap in JUDGED["gaps"]:
        if gap["by"] == by and gap["figure"] in theirs["difference"]:
            assert gap["difference"]["value"] == pytest.approx(theirs["difference"][gap["figure"]])
            assert gap["ratio"]["value"] == pytest.approx(theirs["ratio"][gap["figure"]])


def test_scikit_learn_finds_the_same_in_each_slice() -> None:
    for row in JUDGED["slices"]:
        at = (DATA.slices[row["by"]] == row["level"]).to_numpy()
        assert row["auroc"]["value"] == pytest.approx(roc_auc_score(DATA.y[at], RAW[at]))
        assert row["observed_expected"]["value"] == pytest.approx(DATA.y[at].sum() / PROBABILITY[at].sum())


def test_each_practice_is_told_at_its_own_threshold_with_an_interval() -> None:
    for row in rows("practice"):
        at = (DATA.slices["practice"] == row["level"]).to_numpy()
        k = int(np.ceil(0.02 * at.sum()))
        highest = np.argsort(-RAW[at])[:k]
        assert row["listed"] == k
        assert row["found"] == DATA.y[at][highest].sum()
        assert row["ppv"]["value"] == pytest.approx(row["found"] / k)
        assert row["ppv"]["low"] <= row["ppv"]["value"] <= row["ppv"]["high"]
        assert row["least_listed"] == pytest.approx(PROBABILITY[at][highest].min())


@pytest.mark.parametrize("by", ["age_band", "sex", "imd_fifth", "ethnicity", "practice", "care_home"])
def test_levels_add_up_to_everybody(by: str) -> None:
    held = rows(by)
    assert sum(row["rows"] for row in held) == len(DATA)
    assert sum(row["events"] for row in held) == DATA.events
    assert sum(row["listed"] for row in held) == LISTED.sum()
    assert sum(row["share_of_list"]["value"] for row in held) == pytest.approx(1)
    assert sum(row["share_of_events"]["value"] for row in held) == pytest.approx(1)


def test_a_person_at_two_dates_counts_once_where_people_are_few() -> None:
    data = dataset(400, dates=("2020-01-01", "2020-04-01"))
    few = data.person_id == data.person_id[0]
    data = replace(data, y=np.where(few, 1.0, data.y), slices=data.slices.assign(sex=np.where(few, "other", "female")))
    score = np.nan_to_num(data.X[:, 0]).astype(float)
    (row,) = [row for row in judge(data, {"ours": Scored(score, "s", logistic.sigmoid(score))}, times=2)["slices"] if row["level"] == "other"]  # fmt: skip
    assert (row["rows"], row["events"], row["fewest"], row["too_few"]) == (2, 2, 0, True)


def test_ways_are_compared_on_the_same_people_and_lists() -> None:
    other = np.nan_to_num(DATA.X[:, 1]).astype(float)
    ours, theirs = compare(DATA, {"a": Scored(RAW, "one", PROBABILITY), "b": Scored(other, "two")}, "a", times=20)
    assert ours["auroc"]["value"] == pytest.approx(roc_auc_score(DATA.y, RAW))
    assert ours["brier"]["value"] == pytest.approx(brier_score_loss(DATA.y, PROBABILITY))
    assert theirs["auprc"]["value"] == pytest.approx(average_precision_score(DATA.y, other))
    assert (ours["overlap"], ours["less_reference"]) == (1.0, None)
    listed = Lists(other, competing(DATA.slices["practice"], DATA.index_date)).taken(np.ones((1, len(DATA))))[0] > 0
    assert theirs["overlap"] == pytest.approx((listed & LISTED).sum() / LISTED.sum())
    assert theirs["less_reference"]["auroc"]["value"] == pytest.approx(
        theirs["auroc"]["value"] - ours["auroc"]["value"]
    )
    assert "brier" not in theirs


def test_a_score_recalibrated_expects_as_many_events_as_there_were() -> None:
    given = recalibrated(RAW * 40 - 7, DATA.y, DATA.person_id)
    assert given is not None
    assert given.sum() == pytest.approx(DATA.events, rel=0.03)
    assert roc_auc_score(DATA.y, given) == pytest.approx(roc_auc_score(DATA.y, RAW), abs=0.01)


def test_a_score_of_few_steps_is_recalibrated_no_worse_than_the_overall_risk() -> None:
    steps = np.where(RAW > 0.5, np.round(RAW * 3), 0) + DATA.past[:, 1] / 200
    given = recalibrated(steps, DATA.y, DATA.person_id)
    assert given is not None
    assert brier_score_loss(DATA.y, given) < brier_score_loss(DATA.y, np.full(len(DATA), DATA.y.mean()))
    few = recalibrated(np.where(RAW > 0.5, np.round(RAW * 3), 0), DATA.y, DATA.person_id)
    assert few is not None
    assert Reliability(few, DATA.y).measures(np.ones((1, len(DATA))))["ici"][0] < 0.03


def test_nobodys_own_outcome_informs_their_recalibrated_probability() -> None:
    given = recalibrated(RAW, DATA.y, DATA.person_id)
    turned = DATA.y.copy()
    turned[0] = 1 - turned[0]
    again = recalibrated(RAW, turned, DATA.person_id)
    assert given is not None
    assert again is not None
    assert again[0] == given[0]
    assert (again != given).any()


@pytest.mark.parametrize("score", [np.ones(len(DATA))], ids=["one score for all"])
def test_what_tells_nobody_apart_is_not_recalibrated(score: np.ndarray) -> None:
    assert recalibrated(score, DATA.y, DATA.person_id) is None
    assert recalibrated(RAW, np.r_[np.ones(5), np.zeros(len(DATA) - 5)], DATA.person_id) is None
