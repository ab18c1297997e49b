"""The trees: the same rows give the same text, absent values are no zeros, and reasons add up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from features.errors import BadInput, Refused
from models.baselines import Logistic, fit_logistic, past_admissions, published
from models.crossval import cross_validate
from models.discrimination import Ranking
from models.explain import contributions, importance
from models.split import fold_of, held_out
from models.train import Recipe, booster_of, early_stopping_rows, train
from tests.synthetic import dataset

DATA = dataset(2500)
SMALL = Recipe(most_trees=60, min_data_in_leaf=20)
TRAINED = train(DATA, SMALL)


def auroc(score: np.ndarray, y: np.ndarray) -> float:
    return float(Ranking(score, y).auroc(np.ones((1, len(y))))[0])


def test_the_same_rows_and_seed_give_the_same_text_on_however_many_threads() -> None:
    few = dataset(400)
    once, again, other = (train(few, Recipe(most_trees=6, **given)).text for given in ({}, {"threads": 2}, {"seed": 1}))
    assert once == again
    assert once != other


def test_the_text_is_the_whole_model() -> None:
    again = booster_of(TRAINED.text)
    assert np.array_equal(again.predict(DATA.X, raw_score=True), TRAINED.booster.predict(DATA.X, raw_score=True))
    assert "num_threads" not in TRAINED.text


def test_it_learns_what_made_the_data() -> None:
    fresh = dataset(2500, seed=2)
    ours = auroc(TRAINED.booster.predict(fresh.X), fresh.y)
    best = auroc(fresh.truth, fresh.y)
    assert 0.9 * best < ours < best
    assert [name for name, _ in importance(contributions(TRAINED.booster, DATA.X), DATA.names)][:2] == [
        "predictor_0",
        "predictor_1",
    ]


def test_an_absent_value_is_not_a_zero() -> None:
    # Absence itself tells: those without the first predictor had the event.
    X = DATA.X.copy()
    X[:, 0] = np.where(DATA.y == 1, np.nan, 0.0)
    booster = train(replace(DATA, X=X), replace(SMALL, feature_fraction=1.0)).booster
    row = np.zeros((2, X.shape[1]), np.float32)
    row[1, 0] = np.nan
    without, with_absent = booster.predict(row)
    assert with_absent > 0.7
    assert without < 0.1


def test_probabilities_are_unbiased() -> None:
    assert TRAINED.booster.predict(DATA.X).mean() == pytest.approx(DATA.y.mean(), rel=0.02)


def test_too_few_events_are_refused_in_a_sentence() -> None:
    rare = replace(DATA, y=np.r_[np.ones(9), np.zeros(len(DATA) - 9)])
    with pytest.raises(Refused, match=r"10 events.*found 9 events among 2500 rows"):
        train(rare, SMALL)


def test_who_chooses_the_number_of_trees_never_learns() -> None:
    learn, judge = early_stopping_rows(DATA)
    assert not (learn & judge).any()
    assert np.array_equal(judge, held_out(DATA.person_id))


def test_where_dates_suffice_the_number_of_trees_is_chosen_at_a_later_one() -> None:
    data = dataset(1200, dates=("2020-01-01", "2020-04-01", "2021-04-01"))
    learn, judge = early_stopping_rows(data)
    assert set(data.index_date[judge]) == {np.datetime64("2021-04-01")}
    # 2020-04-01 + 365 days is 2021-04-01: its window has ended when the later begins.
    assert set(data.index_date[learn]) == {np.datetime64("2020-01-01"), np.datetime64("2020-04-01")}
    assert not set(data.person_id[learn]) & set(data.person_id[judge])


def test_training_rows_can_be_changed_before_the_model_sees_them() -> None:
    without = train(DATA, SMALL, augment=lambda data: lambda values, rows: np.full_like(values, np.nan))
    assert np.ptp(without.booster.predict(DATA.X)) == 0


def test_contributions_add_up_to_the_raw_score() -> None:
    each = contributions(TRAINED.booster, DATA.X)
    raw = TRAINED.booster.predict(DATA.X, raw_score=True)
    assert each.dtype == np.float64
    assert each.shape == (len(DATA), len(DATA.names) + 1)
    assert np.abs(each.sum(axis=1) - raw).max() < 1e-6
    assert np.ptp(each[:, -1]) == 0


def test_contributions_are_the_shap_values() -> None:
    shap = pytest.importorskip("shap")
    rows = DATA.X[:200]
    expected = shap.TreeExplainer(TRAINED.booster).shap_values(rows)
    expected = expected[-1] if isinstance(expected, list) else expected
    assert np.abs(contributions(TRAINED.booster, rows)[:, :-1] - expected).max() < 1e-6


def test_past_admissions_rank_first_by_count_and_then_by_age() -> None:
    past = np.array([[1.0, 30.0], [0.0, 99.0], [1.0, 80.0], [np.nan, 50.0]])
    few = replace(DATA.take(np.arange(4)), past=past)
    assert np.argsort(-past_admissions(few)).tolist() == [2, 0, 1, 3]


def test_a_published_score_ranks_as_it_is_unless_most_people_have_none() -> None:
    few = DATA.take(np.arange(4))
    names = ("efi_deficits", "hfrs_2y", *few.names[2:])
    held = few.X.copy()
    held[:, 0], held[:, 1] = [3, np.nan, 12, 0], [np.nan, np.nan, 5.3, 0.1]  # half of them have no hospital score
    found = published(replace(few, names=names, X=held))
    assert set(found) == {"efi"}
    score, says = found["efi"]
    assert score.tolist() == [3, 0, 12, 0]
    assert says == "number of deficits of the electronic frailty index, as it is"
    assert published(few) == {}


def test_the_logistic_model_is_scikit_learns() -> None:
    from sklearn.linear_model import LogisticRegression

    whole = dataset(1500, missing=0.0)
    ours = fit_logistic(whole)
    scaled = np.clip((whole.X - ours.mean) / ours.spread, -5, 5)
    theirs = LogisticRegression(C=1 / ours.ridge, tol=1e-10, max_iter=500).fit(scaled, whole.y)
    assert ours.raw(whole.X) == pytest.approx(theirs.decision_function(scaled), abs=1e-3)


def test_the_logistic_model_takes_an_absent_value_for_the_median_and_says_that_it_was_absent() -> None:
    fitted = fit_logistic(DATA)
    assert (fitted.kept.tolist(), fitted.flagged.tolist(), len(fitted.beta)) == ([*range(6)], [*range(6)], 1 + 6 + 6)
    row = np.nanmedian(DATA.X, axis=0)[None, :]
    absent = row.copy()
    absent[0, 3] = np.nan
    assert fitted.raw(absent)[0] - fitted.raw(row)[0] == pytest.approx(fitted.beta[1 + 6 + 3], abs=1e-6)
    assert np.array_equal(Logistic.from_json(fitted.to_json()).raw(DATA.X), fitted.raw(DATA.X))


def test_columns_that_are_absent_together_or_never_change_say_one_thing_or_nothing() -> None:
    X = DATA.X.copy()
    X[:, 1] = np.where(np.isnan(X[:, 0]), np.nan, 1.0)
    X[:, 2] = 7.0
    X[:, 3] = np.nan
    fitted = fit_logistic(replace(DATA, X=X))
    # 1 is constant but for its absence, which is that of 0; 2 never changes; 3 is never there.
    assert fitted.kept.tolist() == [0, 4, 5]
    assert fitted.flagged.tolist() == [0, 4, 5]


def test_out_of_fold_everybody_is_scored_by_a_model_that_never_saw_them() -> None:
    found = cross_validate(DATA, 5, SMALL, times=50)
    scores = np.empty(len(DATA))
    fold = fold_of(DATA.person_id, 5)
    for k in range(5):
        recipe = replace(SMALL, seed=SMALL.seed + k)
        scores[fold == k] = train(DATA.take(fold != k), recipe).booster.predict(DATA.X[fold == k])
    assert found["auroc"]["value"] == pytest.approx(auroc(scores, DATA.y))
    assert found["brier"]["value"] == pytest.approx(np.mean((scores - DATA.y) ** 2))
    assert found["auroc"]["low"] < found["auroc"]["value"] < found["auroc"]["high"]
    assert found["people"] == 2500


def test_out_of_fold_noise_is_called_noise() -> None:
    noise = replace(DATA, y=np.random.default_rng(9).integers(0, 2, len(DATA)).astype(float))
    assert cross_validate(noise, 5, SMALL, times=50)["auroc"]["value"] == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(
    ("part", "wrong", "said"),
    [("y", np.full(2500, np.nan), "outcomes of 0 or 1"), ("past", np.zeros((2500, 1)), "past of shape"),
     ("X", np.zeros((2500, 6)), "float32"), ("X", np.full((2500, 6), np.inf, np.float32), "infinite"),
     ("names", ("a",) * 6, "one name"), ("person_id", np.zeros(2, np.int64), "person_id of shape")],
)  # fmt: skip
def test_a_data_set_whose_parts_do_not_fit_is_refused(part: str, wrong: object, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        replace(DATA, **{part: wrong})
