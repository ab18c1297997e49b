"""Harm prevented: that sex or deprivation is a predictor, or is not, decides who is found, and nobody has looked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.background import background
from models.train import Recipe
from tests.synthetic import dataset

RECIPE = Recipe(most_trees=60, min_data_in_leaf=20, threads=1, monotone=False)
#: The first predictor, which tells most, stands for sex.
LEARN, TEST = (
    replace(data, names=("female", *data.names[1:]), slices=data.slices.assign(sex=np.where(data.X[:, 0] > 0, "female", "male")))
    for data in (dataset(1500, seed=1, missing=0), dataset(1500, seed=2, missing=0))
)  # fmt: skip


def test_what_is_left_out_costs_accuracy_and_changes_how_far_apart_kinds_of_people_are() -> None:
    told = background(LEARN, TEST, ("female", "deprivation_decile"), RECIPE, times=20)
    assert told["predictors"] == ["female"]
    with_, without = told["ways"]
    assert without["auroc"]["value"] < with_["auroc"]["value"] - 0.05
    assert without["less_reference"]["auroc"]["high"] < 0
    (off,) = [row for row in told["gaps"] if (row["by"], row["figure"]) == ("sex", "observed_expected")]
    # Without it everybody is given the risk of both: of those who have it more events come than were expected, of the others fewer.
    assert off["without"]["value"] > off["with"]["value"] + 0.3


def test_a_kind_that_no_predictor_tells_of_is_left_as_it_is() -> None:
    told = background(LEARN, TEST, ("needs_interpreter",), RECIPE, times=5)
    assert told["predictors"] == []
    assert told["ways"][0]["auroc"] == told["ways"][1]["auroc"]
