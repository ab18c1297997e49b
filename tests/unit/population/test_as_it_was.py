"""What is written down of a day is what was true on it, not what came of the person later."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from features.population.causes import NAMES
from features.population.conditions import CONDITIONS, INDEX
from features.population.happening.history import begin
from features.population.happening.state import CARE_HOME, NEVER, OWN_HOME
from features.population.lesser import LESSER, follows, onset, thresholds
from features.population.recording import council, diagnoses, hospital, urgent
from features.population.recording.desk import Desk

DAY = 19_000


@pytest.fixture
def desk() -> Desk:
    world = begin(400, 5, 4, date(2024, 11, 30))
    desk = Desk.of(world)
    # As things stand when the period is written: everybody has everything, lives in a care home and is as frail as can be.
    world.state.has[:] = True
    world.state.living[:] = CARE_HOME
    world.state.frailty[:] = 5
    world.state.dies[:], world.lives.leaves[:] = NEVER, NEVER
    return desk


def stay(desk: Desk, has: str | None, living: int, **more):
    n = desk.world.people
    bits = np.uint32(0 if has is None else 1 << INDEX[has])
    return {"person": np.arange(n, dtype=np.int32), "day": np.full(n, DAY, np.int32), "end": np.full(n, DAY + 5, np.int32),
            "ready": np.full(n, DAY + 5, np.int32), "cause": np.full(n, NAMES.index("chest"), np.int8), "died": np.zeros(n, bool),
            "soft": np.full(n, 0.1), "living": np.full(n, living, np.int8), "alone": np.zeros(n, bool), "has": np.full(n, bits),
            **more}  # fmt: skip


def words(column) -> set[str]:
    return {column.words[i] for i in np.unique(column.number) if i >= 0}


def test_a_stay_is_coded_with_the_conditions_of_its_day(desk):
    (rows,) = diagnoses.rows(desk, stay(desk, "dementia", OWN_HOME), desk.keys(desk.world.people))
    coded = words(rows.columns["code"])
    assert "F03X" in coded  # dementia, which they had
    assert not coded & {"G20X", "I694", "E039"}  # Parkinson's disease, stroke, thyroid disease, which came later


def test_a_stay_comes_from_and_leads_to_where_the_person_lived_then(desk):
    e = {"stay": stay(desk, None, OWN_HOME)}
    rows = [part for part in hospital.stays(desk, e, hospital.methods(desk, e)) if part.table == "spell"]
    whole = rows[1].columns
    assert words(whole["admission_source"]) == {"19"}
    assert not words(whole["discharge_destination"]) & {"54", "65", "85"}


def test_a_move_into_a_care_home_within_three_weeks_is_where_the_stay_led_to(desk):
    person = np.arange(desk.world.people, dtype=np.int32)
    entered = np.where(person < 200, DAY + 5 + 20, DAY + 5 + 21).astype(np.int32)
    e = {"stay": stay(desk, None, OWN_HOME), "care_home": {"person": person, "day": entered}}
    to = hospital._destinations(desk, e, np.zeros(len(person), np.int8))
    assert {hospital.PLACES[i] for i in np.unique(to[:200])} == {"85"}
    assert "85" not in {hospital.PLACES[i] for i in np.unique(to[200:])}


def test_a_falls_form_scores_how_frail_the_person_was_when_it_was_filled_in(desk):
    person = np.arange(400)
    rows = council._falls_forms(desk, person, np.full(400, DAY), np.zeros(400))
    assert rows.columns["score"].mean() == pytest.approx(1.5, abs=0.2)  # 1.5 + 1.6 x 0, and noise of 1


def test_a_faller_who_was_robust_then_is_seldom_lifted(desk):
    n = 400
    fall = {"person": np.arange(n), "day": np.full(n, DAY), "hurt": np.zeros(n, bool), "soft": np.zeros(n)}
    parts = list(urgent.rows(desk, {"fall": fall}, hospital.methods(desk, {})))
    assert sum(map(len, parts)) == 0  # a chance of 0.08 for each unit of frailty


def test_a_lesser_condition_begins_once_prevalence_reaches_the_persons_own_draw(desk):
    gout = next(one for one in LESSER if one.name == "gout")
    people = np.arange(desk.world.people)
    began = onset(desk.world, gout, people)
    assert np.array_equal(began, onset(desk.world, gout, people))  # the same whenever it is asked for
    at80 = desk.world.state.birth + 80 * 365.25
    share = (began <= at80).mean()
    # Prevalence at 80: logit(0.045) + 1.5 x 0.5 is about logit(0.09) for the average of both sexes.
    assert 0.05 < share < 0.16


def test_what_follows_a_condition_does_so_in_its_share(desk):
    retinopathy = next(one for one in LESSER if one.name == "diabetic_retinopathy")
    drawn = thresholds(desk.world, retinopathy)[0]
    assert follows(desk.world, retinopathy, np.array([3, 9])).tolist() == (drawn[[3, 9]] < 0.18).tolist()


def test_conditions_fit_the_bits_of_a_number():
    assert len(CONDITIONS) <= 32
