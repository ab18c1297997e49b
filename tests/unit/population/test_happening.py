"""Layer one by rules: what a step may and may not do."""

from __future__ import annotations

import numpy as np
import pytest

from features.population import rates
from features.population.causes import INJURY
from features.population.conditions import INDEX
from features.population.geography import make_areas, make_practices
from features.population.happening import admissions, care, health
from features.population.happening.founding import found
from features.population.happening.history import stream
from features.population.happening.spans import ends, gather
from features.population.happening.state import ASSESSED, CARE_HOME, IN_CARE, NEVER, Held, Log, Offers
from features.population.happening.step import season_of, step

DAY = 19_000


@pytest.fixture
def state():
    rng = stream(5, "state")
    people, _ = found(4_000, DAY, DAY + 1, make_practices(4_000, rng), make_areas(4_000), rng, Log())
    return people


def steps(state, count, offers=None, held=None):
    log, rng = Log(), stream(1, "steps")
    for i in range(count):
        step(state, DAY + 15 * i, DAY + 15 * (i + 1), i, offers or Offers(), rng, log, held or Held())
    return log.take()


def test_the_same_draws_give_the_same_lives(state):
    other = state.copy()
    steps(state, 4)
    steps(other, 4)
    assert np.array_equal(state.frailty, other.frailty)
    assert np.array_equal(state.dies, other.dies)


def test_what_is_held_does_not_happen_and_its_chance_is_still_given(state):
    rng = stream(1, "held")
    chances = step(state, DAY, DAY + 15, 0, Offers(), rng, Log(), Held(admission=True, death=True))
    assert (state.dies == NEVER).all()
    assert (state.out <= DAY).all()
    assert chances.admission[state.present].min() > 0
    assert chances.death[state.present].min() > 0


def test_a_fall_alone_can_be_held_back(state):
    events = steps(state, 12, held=Held(fall_admission=True))
    assert not (events["stay"]["cause"] == INJURY).any()
    assert len(events["stay"]["cause"]) > 20


def test_whoever_is_in_hospital_throughout_a_step_has_no_chance_of_being_admitted(state):
    state.out[:100] = DAY + 40
    chances = step(state, DAY, DAY + 15, 0, Offers(), stream(1, "x"), Log())
    assert chances.admission[:100].max() == 0
    assert chances.death[:100].max() == 0


def test_the_dead_and_the_departed_do_nothing_more(state):
    state.present[:2_000] = False
    events = steps(state, 8)
    assert {"stay", "infection", "fall", "onset"} <= set(events)
    assert all((columns["person"] >= 2_000).all() for columns in events.values())


def test_nobody_gets_home_care_when_none_is_on_offer(state):
    state.stage[state.stage == IN_CARE] = ASSESSED
    none = Offers(home_care=0.0, beds=0.0, nursing=0.0, reablement=0.0)
    events = steps(state, 12, offers=none)
    assert "package" not in events
    assert "care_home" not in events
    assert "request" in events


def test_offers_shrink_as_places_fill(state):
    few = care.offers_now(state, DAY)
    elders = np.flatnonzero(state.present & (state.age(DAY) >= 65))
    state.living[elders[: int(len(elders) * rates.BEDS) + 50]] = CARE_HOME
    assert care.offers_now(state, DAY).beds == pytest.approx(0.02)
    assert few.beds > 0.02


def test_a_condition_adds_to_frailty_and_to_the_rates_of_its_causes(state):
    person = np.flatnonzero(~state.has[INDEX["copd"]])[:1]
    before, frailty = state.ratios[:, person].copy(), state.frailty[person].copy()
    health.begin(state, INDEX["copd"], person)
    # Chest: log ratio 1.7, by the common strength 1.25.
    assert state.ratios[0, person] / before[0] == pytest.approx(np.exp(1.7 * 1.25), rel=1e-4)
    assert state.frailty[person] - frailty == pytest.approx(0.28, abs=1e-5)


def test_a_setback_heals_in_part(state):
    state.setback[:] = 1.0
    before = state.frailty.copy()
    state.present[:] = False  # no drift
    health.progress(state, 75, stream(1, "p"))
    left = np.exp(-1.0)
    assert np.allclose(state.setback, left, atol=1e-5)
    assert np.allclose(state.frailty - before, rates.UNRECOVERED * (1 - left), atol=1e-5)


def test_the_frail_are_admitted_more_often_stay_longer_and_die_more(state):
    soft = state.softened()
    frail, robust = np.flatnonzero(soft > 2), np.flatnonzero(soft < 0.1)
    rate = admissions.by_cause(state, soft, DAY, 0.0).sum(axis=0)
    assert rate[frail].mean() > 4 * rate[robust].mean()
    rng = stream(1, "stays")
    stays = [
        admissions.admit(state, who, np.full(len(who), DAY, np.int32), np.zeros(len(who), np.int8), Offers(), rng)
        for who in (np.repeat(frail, 20), np.repeat(robust, 20))
    ]
    nights = [(s.end - s.day).mean() for s in stays]
    assert nights[0] > 2 * nights[1]
    assert stays[0].fatal.mean() > 3 * stays[1].fatal.mean()


def test_a_row_of_no_weight_is_never_chosen():
    weights = np.array([[0.0] * 500, [1.0] * 500, [3.0] * 500], np.float32)
    chosen = admissions.choose(weights, stream(1, "choose"))
    assert set(chosen) == {1, 2}
    assert 0.65 < (chosen == 2).mean() < 0.85


def test_winter_is_when_it_is():
    assert season_of(15) == pytest.approx(1.0)
    assert season_of(15 + 183) == pytest.approx(-1.0, abs=0.001)


def test_spans_end_at_the_next_event_or_when_the_person_goes():
    events = gather([
        {"person": np.array([1, 0]), "day": np.array([20, 10]), "what": np.array([3, 1])},
        {"person": np.array([0, 0]), "day": np.array([30, 30]), "what": np.array([2, 4])},
    ])  # fmt: skip
    assert events["person"].tolist() == [0, 0, 1]
    assert events["what"].tolist() == [1, 4, 3]  # of two on a day, the later given stands
    gone = np.array([50, NEVER])
    assert ends(events, gone).tolist() == [30, 50, NEVER]
