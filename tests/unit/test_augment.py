"""Whole feeds hidden from practices at random: what rests on a feed goes with it, and a model learns to do without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.engine.language import Circumstance, Declared, Derived, Kind, Op, Predictor, What, facts
from features.predictors import CATALOGUE
from models.augment import GROUPS, FeedsOff, groups, mask_of
from models.dataset import Dataset
from models.train import Recipe, train
from tests.synthetic import dataset


def count(name: str, table: str) -> Predictor:
    return Predictor(name, Kind.COUNT, facts(table), "use", f"{name}: {{n}}", 365)


STAYS, VISITS = count("stays", "spell"), count("visits", "ed_attendance")
DECLARED: tuple[Declared, ...] = (
    STAYS,
    VISITS,
    Derived("stays_and_visits", Op.SUM, (STAYS, VISITS), "use", "{n}"),
    Circumstance("fed_spell", What.FED, "spell", "feeds", "{n}"),
    Circumstance("observed_days_spell", What.OBSERVED, "spell", "feeds", "{n}"),
    Circumstance("season", What.SEASON_COS, None, "feeds", "{n}"),
)
OFF = FeedsOff.of(DECLARED)
SPELL, VISIT = mask_of(["spell"]), mask_of(["ed_attendance"])


def fed(people: int, dates: tuple[str, ...] = ("2020-01-01",), **given) -> Dataset:
    data = dataset(people, dates=dates, **given)
    return replace(data, feeds=np.full(len(data), SPELL | VISIT, np.uint64))


def test_what_rests_on_a_hidden_feed_is_absent_and_the_row_says_that_it_did_not_come() -> None:
    values = np.ones((3, 6), np.float32)
    hidden = OFF.hide(values, np.array([0, SPELL, VISIT], np.uint64))
    gone = np.nan
    expected = [[1, 1, 1, 1, 1, 1], [gone, 1, gone, 0, gone, 1], [1, gone, gone, 1, 1, 1]]
    assert np.array_equal(hidden, np.array(expected, np.float32), equal_nan=True)


def test_a_data_set_without_a_feed_is_as_if_it_had_not_come() -> None:
    data = fed(50)
    without = OFF.without(data, ["spell"])
    assert np.isnan(without.X[:, [0, 2, 4]]).all()
    assert (without.X[:, 3] == 0).all()
    assert np.array_equal(without.X[:, 5], data.X[:, 5], equal_nan=True)
    assert set(without.feeds.tolist()) == {VISIT}
    assert set(data.feeds.tolist()) == {SPELL | VISIT}
    assert not np.isnan(data.X[:, 3]).all()


def test_who_a_person_is_and_where_they_are_registered_are_never_hidden() -> None:
    hidden = {table for feed in FeedsOff.of(CATALOGUE).feeds for table in feed}
    assert {"gp_event", "spell", "social_care"} <= hidden
    assert not {"person", "registration", "death"} & hidden


def test_each_feed_goes_from_the_same_small_share_of_the_groups() -> None:
    data = fed(8000)
    group, names = groups(data)
    gone = OFF.drawn(data)
    for g in np.unique(group):
        assert len(np.unique(gone[group == g])) == 1  # a group loses a feed whole
    # Three practices at one date, each in 100 parts of its people at most: 300 groups; 0.015 × 300 = 4.5, to the even 4.
    assert len(names) == 300
    lost = [int(gone[group == g][0]) for g in np.unique(group)]
    # Stays by themselves, attendances, and stays with their diagnoses.
    assert [lost.count(mask) for mask in (SPELL, VISIT, mask_of(["spell", "diagnosis"]))] == [4, 4, 4]
    assert lost.count(0) == 300 - 12


def test_where_practices_and_dates_are_many_a_whole_practice_loses_a_feed_at_a_date() -> None:
    data = fed(2000, ("2020-01-01", "2020-04-01"))
    practice = np.repeat([f"A{n:05d}" for n in range(GROUPS // 2)], len(data) // (GROUPS // 2))
    data = replace(data, slices=data.slices.assign(practice=practice))
    _, names = groups(data)
    assert len(names) == GROUPS
    assert names[0] == "A00000|2020-01-01|0"


def test_the_draw_is_the_same_whatever_the_order_of_the_rows() -> None:
    data = fed(3000)
    order = np.random.default_rng(1).permutation(len(data))
    assert np.array_equal(OFF.drawn(data)[order], OFF.drawn(data.take(order)))
    other = replace(OFF, seed=1)
    assert not np.array_equal(OFF.drawn(data), other.drawn(data))


def test_a_feed_that_came_to_nobody_is_not_drawn() -> None:
    data = replace(dataset(3000), feeds=np.full(3000, VISIT, np.uint64))
    assert set(OFF.drawn(data).tolist()) == {0, VISIT}
    assert set(OFF.drawn(replace(data, feeds=np.zeros(3000, np.uint64))).tolist()) == {0}


def test_a_model_that_lost_feeds_in_training_stays_right_on_the_whole_without_one() -> None:
    # Those with a stay are few and at risk; the feed says 0 of the others.
    draw = np.random.default_rng(2)
    data = fed(12_000)
    stays = (draw.random(len(data)) < 0.1).astype(np.float32)
    X = np.column_stack(
        [stays, np.zeros_like(stays), np.zeros_like(stays), np.ones_like(stays), *np.ones((2, len(stays)))]
    )
    y = (draw.random(len(data)) < np.where(stays > 0, 0.6, 0.05)).astype(np.float64)
    data = replace(data, X=X.astype(np.float32), y=y)
    recipe = Recipe(most_trees=80, feature_fraction=1.0, learning_rate=0.1)
    without = OFF.without(data, ["spell"]).X
    plain, used_to_it = (train(data, recipe, augment=augment).booster for augment in (None, OFF))
    # 0.1 × 0.6 + 0.9 × 0.05 = 0.105 of people have the event, feed or none.
    assert used_to_it.predict(without).mean() == pytest.approx(y.mean(), abs=0.02)
    assert abs(plain.predict(without).mean() - y.mean()) > 0.04
    assert used_to_it.predict(data.X).mean() == pytest.approx(y.mean(), abs=0.01)


def test_the_same_rows_lose_the_same_feeds_and_give_the_same_text() -> None:
    data = fed(1500, ("2020-01-01", "2021-01-01"))
    few = Recipe(most_trees=8, min_data_in_leaf=20)
    texts = [train(data, replace(few, threads=threads), augment=FeedsOff.of(DECLARED)).text for threads in (1, 2, 1)]
    assert len(set(texts)) == 1
    assert train(data, few).text != texts[0]
