"""A recipe: shape held for explanation, nothing that spoils a probability, and the same again from what was written down."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from features.errors import BadInput, WrongUsage
from models.recipe import Recipe
from models.train import train
from tests.synthetic import dataset


@pytest.mark.parametrize("shape", [{"max_depth": 9}, {"max_depth": -1}, {"num_leaves": 64}, {"num_leaves": 1}])
def test_trees_too_deep_to_explain_are_refused(shape: dict[str, int]) -> None:
    with pytest.raises(WrongUsage, match="depth 1 to 8 with 2 to 63 leaves"):
        Recipe(**shape)


def test_for_comparison_trees_grow_without_limits() -> None:
    data = dataset(4000)
    depths = {}
    for limited in (True, False):
        trained = train(data, Recipe(min_data_in_leaf=5, most_trees=5, limited=limited, learning_rate=0.3))
        depths[limited] = trained.booster.trees_to_dataframe()["node_depth"].max()
    assert depths[True] <= 7  # depth 6 below the root, which counts as 1
    assert depths[False] > 7


def test_no_class_is_weighted_and_no_row_is_left_out_for_its_class() -> None:
    weighting = {"scale_pos_weight", "is_unbalance", "pos_bagging_fraction", "neg_bagging_fraction"}
    assert not weighting & set(Recipe().parameters())
    assert Recipe().parameters()["objective"] == "binary"


def test_what_is_written_down_is_the_recipe() -> None:
    recipe = Recipe(learning_rate=0.02, num_leaves=31, threads=2)
    assert Recipe.from_json(recipe.to_json()) == replace(recipe, threads=0)
    with pytest.raises(WrongUsage, match="found depth_of_water"):
        Recipe.from_json({"depth_of_water": 3})


def test_a_recipe_may_be_kept_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(json.dumps({"num_leaves": 12}))
    assert Recipe.read(path) == Recipe(num_leaves=12)


@pytest.mark.parametrize(("text", "found"), [("num_leaves = 12", "something else"), ("[12]", "a list")])
def test_a_file_that_holds_no_recipe_is_told_of(tmp_path: Path, text: str, found: str) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(text)
    with pytest.raises(BadInput, match=found):
        Recipe.read(path)
