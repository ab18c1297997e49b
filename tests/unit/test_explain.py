"""The explanation of a score: the same as a sum over every order of predictors, as LightGBM's own, and as shap's."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Any

import lightgbm
import numpy as np
import numpy.typing as npt
import pytest

from features.errors import BadInput, Refused
from models.explain import Contributor, contributions, contributor
from models.explain.trees import Missing, Tree, down, trees_of

Rows = npt.NDArray[np.float32]


def made(
    *, trees: int = 20, rows: int = 1500, p: int = 12, seed: int = 1, **parameters: Any
) -> tuple[lightgbm.Booster, Rows]:
    """A model of made-up numbers, a third of them often 0 and a tenth of all absent, and the rows that it was fitted to."""
    chance = np.random.default_rng(seed)
    X = chance.normal(size=(rows, p)).astype(np.float32)
    X[:, ::3] = np.where(chance.random(X[:, ::3].shape) < 0.6, 0, np.round(np.abs(X[:, ::3]) * 3))
    X[chance.random(X.shape) < 0.1] = np.nan
    y = (np.nan_to_num(X) @ chance.normal(size=p) + np.isnan(X[:, 1]) + chance.normal(size=rows) > 1).astype(float)
    given = {
        "objective": "binary",
        "num_leaves": 15,
        "min_data_in_leaf": 5,
        "verbosity": -1,
        "num_threads": 1,
        **parameters,
    }
    return lightgbm.train(given, lightgbm.Dataset(X, y, params=given), trees), X


def theirs(booster: lightgbm.Booster, X: Rows) -> npt.NDArray[np.float64]:
    return np.asarray(booster.predict(X, pred_contrib=True, num_threads=1))


def by_every_order(tree: Tree, row: Rows, p: int) -> npt.NDArray[np.float64]:
    """Shapley's values by their definition: the mean over all orders in which the predictors become known."""

    def expected(known: tuple[int, ...], child: int) -> float:
        if child < 0:
            return float(tree.value[~child])
        feature, left, right = int(tree.feature[child]), int(tree.left[child]), int(tree.right[child])
        if feature in known:
            value = row[feature]
            absent = np.isnan(value) and tree.missing[child] == Missing.NAN
            goes_left = tree.default_left[child] if absent else np.nan_to_num(value) <= tree.threshold[child]
            return expected(known, left if goes_left else right)
        share = tree.rows(left) / tree.count[child]
        return float(share * expected(known, left) + (1 - share) * expected(known, right))

    found = np.zeros(p + 1)
    for j in range(p):
        others = [i for i in range(p) if i != j]
        for size in range(p):
            weight = factorial(size) * factorial(p - size - 1) / factorial(p)
            for known in combinations(others, size):
                found[j] += weight * (expected((*known, j), 0) - expected(known, 0))
    found[p] = expected((), 0)
    return found


def test_it_is_the_mean_over_every_order_of_predictors() -> None:
    booster, X = made(trees=1, p=5, num_leaves=8, learning_rate=1.0)
    _, (tree,) = trees_of(booster.model_to_string())
    assert len(set(tree.feature)) >= 4
    for row, ours in zip(X[:20], contributions(booster, X[:20]), strict=True):
        assert ours == pytest.approx(by_every_order(tree, row, 5), abs=1e-12)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"max_depth": 6, "num_leaves": 31},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"num_leaves": 2},
        {"max_bin": 7, "num_leaves": 40},
        {"boosting": "dart"},
        {"boost_from_average": False},
    ],
    ids=str,
)
def test_it_is_what_lightgbm_gives(parameters: dict[str, Any]) -> None:
    booster, X = made(**parameters)
    ours = contributions(booster, X)
    assert np.abs(ours - theirs(booster, X)).max() < 1e-10
    assert np.abs(ours.sum(axis=1) - booster.predict(X, raw_score=True)).max() < 1e-10


def test_it_is_what_shap_gives() -> None:
    shap = pytest.importorskip("shap")
    booster, X = made(max_depth=8, num_leaves=31)
    expected = shap.TreeExplainer(booster).shap_values(X[:300])
    expected = expected[-1] if isinstance(expected, list) else expected
    assert np.abs(contributions(booster, X[:300])[:, :-1] - expected).max() < 1e-5


@pytest.mark.parametrize("most", [0, 2, 4])
def test_paths_too_long_for_a_table_are_explained_without_one(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    booster, X = made(num_leaves=63, max_depth=-1, p=25, trees=5)
    monkeypatch.setattr(contributor, "MOST", (most,))
    held = Contributor.of(booster.model_to_string())
    assert (most == 0) == (len(held.tables) == 0)
    assert len(held.deep.value) > 0
    assert np.abs(held(X) - theirs(booster, X)).max() < 1e-10


def test_tables_are_made_smaller_until_they_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = made(num_leaves=63, p=25, trees=5)
    large = Contributor.of(booster.model_to_string())
    monkeypatch.setattr(contributor, "MEMORY", large.tables.nbytes // 2)
    small = Contributor.of(booster.model_to_string())
    assert small.tables.nbytes < large.tables.nbytes
    assert np.abs(small(X) - large(X)).max() < 1e-12


def test_values_at_and_beside_a_threshold_and_those_that_count_as_zero() -> None:
    for zero_as_missing in (False, True):
        booster, X = made(zero_as_missing=zero_as_missing)
        _, trees = trees_of(booster.model_to_string())
        cuts = np.unique(np.concatenate([tree.threshold for tree in trees]))
        beside = [np.nextafter(cuts, np.float32(-np.inf)), cuts, np.nextafter(cuts, np.float32(np.inf))]
        odd = np.array([0.0, -0.0, 1e-36, -1e-36, 1e-34, np.nan, np.inf, -np.inf], np.float32)
        chosen = np.random.default_rng(2).choice(np.concatenate([*beside, odd]), (400, X.shape[1])).astype(np.float32)
        assert np.abs(contributions(booster, chosen) - theirs(booster, chosen)).max() < 1e-10


def test_blocks_threads_and_the_way_rows_lie_in_memory_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    booster, X = made(rows=300)
    held = Contributor.of(booster.model_to_string())
    whole = held(X, threads=1)
    monkeypatch.setattr(contributor, "BLOCK", 64)
    assert np.array_equal(held(X, threads=3), whole)
    assert np.array_equal(held(np.asfortranarray(X)), whole)
    assert np.array_equal(np.concatenate([held(X[i : i + 1]) for i in range(20)]), whole[:20])
    assert held(X[:0]).shape == (0, 13)


def test_a_model_that_learnt_nothing_has_its_baseline_alone() -> None:
    booster, X = made(trees=3, min_data_in_leaf=1000)
    ours = contributions(booster, X[:3])
    assert (ours[:, :-1] == 0).all()
    assert ours[:, -1] == pytest.approx(booster.predict(X[:3], raw_score=True), abs=1e-12)


def test_what_has_no_exact_explanation_here_is_refused_in_a_sentence() -> None:
    X = np.random.default_rng(3).integers(0, 6, (400, 3)).astype(float)
    y = np.isin(X[:, 0], (1, 4)).astype(float)
    quiet = {"verbosity": -1, "num_threads": 1, "num_leaves": 4, "min_data_in_leaf": 5}
    for said, parameters, categories in (
        ("a split by category", {"objective": "binary", "min_data_per_group": 1, "max_cat_to_onehot": 2}, [0]),
        ("several classes", {"objective": "multiclass", "num_class": 2}, []),
        ("random forest", {"objective": "binary", "boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, []),
        ("linear", {"objective": "binary", "linear_tree": True}, []),
    ):
        given = {**quiet, **parameters}
        learn = lightgbm.Dataset(X, y, categorical_feature=categories, params=given)
        with pytest.raises(Refused, match=f"{said}.*train it with"):
            Contributor.of(lightgbm.train(given, learn, 3).model_to_string())


def test_rows_of_another_width_or_precision_are_refused() -> None:
    booster, X = made(trees=2)
    held = Contributor.of(booster.model_to_string())
    with pytest.raises(BadInput, match="rows of 12 values of single precision"):
        held(X[:, :5])
    with pytest.raises(BadInput, match="float64"):
        held(X.astype(np.float64))  # type: ignore[arg-type]


def test_a_threshold_in_single_precision_parts_the_same_numbers() -> None:
    exact = np.array([0.1, 0.5, -0.1, 1e300, 1.0000000180025095e-35])
    found = down(exact)
    assert (found.astype(np.float64) <= exact).all()
    assert (np.nextafter(found, np.float32(np.inf)).astype(np.float64) > exact).all()
