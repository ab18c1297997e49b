"""The experiment on retraining, small: a refit on people acted on learns the effect of acting, and with marks it does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.feedback import Acting, Scene, experiment, lived, scene
from models.acted import touched
from models.train import Recipe
from tests import synthetic

DATES = ("2018-01-01", "2019-01-02", "2020-01-03", "2021-01-03", "2022-01-04")


@pytest.fixture(scope="module")
def held() -> Scene:
    return scene(synthetic.dataset(people=2500, dates=DATES, missing=0.0))


def test_people_who_judge_never_train_and_the_last_date_is_theirs(held: Scene) -> None:
    assert not set(held.judged.person_id) & (set(held.before.person_id) | set(held.later.person_id))
    assert held.before.dates == list(DATES[:2])
    assert held.later.dates == list(DATES[2:4])
    assert held.judged.dates == [DATES[4]]


def test_only_listed_people_are_acted_on_and_only_their_events_prevented(held: Scene) -> None:
    raw = np.arange(len(held.later), dtype=np.float64)
    seen, marks, listed = lived(held.later, raw, Acting(effect=1.0, share=0.1, held_out=0.25))
    on = touched(held.later, marks)
    assert listed.sum() == pytest.approx(0.1 * len(held.later), abs=2)
    assert not (on & ~listed).any()
    assert on.sum() == pytest.approx(0.75 * listed.sum(), rel=0.15)
    assert seen.y[on].sum() == 0
    assert (seen.y[~on] == held.later.y[~on]).all()


def test_without_marks_the_listed_score_lower_and_with_them_they_do_not(held: Scene) -> None:
    found = experiment(held, Acting(effect=0.7, share=0.1, held_out=0.3), Recipe(most_trees=60))["ways"]
    given = {way: row["given_to_listed_of_the_first"]["value"] for way, row in found.items()}
    happens = found["naive"]["happens_to_them_if_nobody_acts"]["value"]
    assert given["naive"] < 0.8 * given["untouched"]
    for repaired in ("exclude", "weight"):
        assert abs(given[repaired] - given["untouched"]) < 0.5 * abs(given["naive"] - given["untouched"])
    assert given["naive"] < happens


def test_without_an_effect_the_refit_without_marks_is_the_untouched_one(held: Scene) -> None:
    found = experiment(replace(held), Acting(effect=0.0, share=0.1, held_out=0.0), Recipe(most_trees=20))["ways"]
    assert found["naive"] == found["untouched"]
