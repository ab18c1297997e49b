"""The search for a recipe: within its time, on some of the people, never worse than what was there, and the same again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.errors import Refused, WrongUsage
from models.dataset import Dataset
from models.recipe import Recipe
from models.search import SHAPES, search, some
from models.train import train
from tests.synthetic import dataset

DATA = dataset(1500)
# Two leaves and hardly any learning: nearly anything is better.
POOR = Recipe(most_trees=30, num_leaves=6, max_depth=3, learning_rate=0.02, min_data_in_leaf=1000, feature_fraction=0.2)


def test_what_is_found_is_better_than_what_was_poor() -> None:
    found = search(DATA, 5, POOR, trials=12)
    assert found.trials == 12
    assert found.loss < found.before
    fresh = dataset(1500, seed=8)

    def loss(recipe: Recipe) -> float:
        p = train(DATA, recipe).booster.predict(fresh.X)
        return float(-np.mean(np.log(np.where(fresh.y == 1, p, 1 - p))))

    assert loss(found.recipe) < loss(POOR)


def test_the_same_rows_and_trials_find_the_same_recipe() -> None:
    once, again = (search(DATA, 5, POOR, trials=6) for _ in range(2))
    assert once.recipe == again.recipe
    assert once.loss == again.loss


def test_what_was_there_stays_where_nothing_better_is_found() -> None:
    found = search(DATA, 5, POOR, trials=1)
    assert found.recipe == POOR
    assert found.loss == found.before


def test_when_time_is_out_the_search_is_over_and_has_an_answer() -> None:
    # A hundred thousand trees would take many minutes.
    found = search(DATA, 0.0001, replace(POOR, most_trees=100_000, patience=100_000))
    assert found.trials == 1
    assert found.recipe.limited


def test_a_trial_that_does_worse_than_the_others_is_given_up() -> None:
    found = search(DATA, 5, Recipe(most_trees=120, min_data_in_leaf=10, feature_fraction=1.0), trials=15)
    assert 0 < found.given_up < 15


def test_all_that_is_looked_for_can_be_explained() -> None:
    extremes = {name: high if kind == "float" else int(high) for name, (kind, _, high, _) in SHAPES.items()}
    assert Recipe(**extremes).limited


def test_no_more_rows_than_were_allowed_and_all_of_a_person_or_none() -> None:
    data = dataset(2000, dates=("2020-01-01", "2020-04-01"))
    chosen = some(data, 1000)
    assert 900 < chosen.sum() <= 1000
    assert not set(data.person_id[chosen]) & set(data.person_id[~chosen])
    assert some(data, 4000).all()
    assert search(DATA, 5, POOR, trials=1, most_rows=900).rows <= 900


def few_events() -> Dataset:
    return replace(DATA, y=np.r_[np.ones(15), np.zeros(len(DATA) - 15)])


def test_too_few_events_to_compare_by_are_refused() -> None:
    with pytest.raises(Refused, match="15 events"):
        search(few_events(), 5, POOR)


@pytest.mark.parametrize("minutes", [0, -1, 1e9])
def test_a_time_that_is_none_is_refused(minutes: float) -> None:
    with pytest.raises(WrongUsage, match="minutes"):
        search(DATA, minutes, POOR)
