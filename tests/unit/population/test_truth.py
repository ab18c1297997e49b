"""True risks: they sum to what happens, they rank better than age, and their arithmetic is that of competing hazards."""

from __future__ import annotations

import math

import numpy as np
import pytest

from features.population import truth
from features.population.calibration import auroc
from features.population.geography import make_areas, make_practices
from features.population.happening.clock import date_of, day_of
from features.population.happening.founding import found
from features.population.happening.history import stream
from features.population.happening.state import Log, Offers
from features.population.happening.step import Chances

ADMITTED = """SELECT DISTINCT nhs_number, index_date FROM {spell} s, (SELECT DISTINCT index_date FROM {truth})
    WHERE admission_method IN ('21', '22', '23', '24', '25', '2A', '2D')
    AND event_date >= index_date AND event_date < index_date + HORIZON"""
DIED = """SELECT nhs_number, index_date FROM {death}, (SELECT DISTINCT index_date FROM {truth})
    WHERE event_date >= index_date AND event_date < index_date + HORIZON"""
HAPPENED = {"unplanned_admission": ADMITTED, "death": DIED, "unplanned_admission_or_death": f"{ADMITTED} UNION {DIED}"}


def outcomes(built, outcome, horizon):
    """Probability, whether it happened, and age, of everyone who did not leave the area, at dates with the time to come."""
    rows = built.sql(f"""
        WITH happened AS ({HAPPENED[outcome].replace("HORIZON", str(horizon))}),
        gone AS (SELECT nhs_number, min(end_date) AS day FROM {{registration}} WHERE end_reason = 'left_area' GROUP BY ALL)
        SELECT t.probability, h.nhs_number IS NOT NULL, date_diff('day', p.birth_month, t.index_date)
        FROM {{truth}} t JOIN (SELECT nhs_number, min(birth_month) AS birth_month FROM {{person}} GROUP BY ALL) p
            USING (nhs_number)
        LEFT JOIN happened h ON h.nhs_number = t.nhs_number AND h.index_date = t.index_date
        LEFT JOIN gone g ON g.nhs_number = t.nhs_number
        WHERE t.outcome = '{outcome}' AND t.horizon = {horizon} AND t.index_date + {horizon} <= DATE '2024-10-01'
            AND (h.nhs_number IS NOT NULL OR g.day IS NULL OR g.day >= t.index_date + {horizon})""")
    probability, happened, age = (np.array(column) for column in zip(*rows, strict=True))
    return probability, happened.astype(bool), age


@pytest.mark.parametrize(
    ("outcome", "horizon"),
    [("unplanned_admission", 30), ("unplanned_admission", 90), ("unplanned_admission", 365),
     ("unplanned_admission_or_death", 365), ("death", 365)],
)  # fmt: skip
def test_mean_true_risk_is_the_share_to_whom_it_happened(built, outcome, horizon):
    probability, happened, _ = outcomes(built, outcome, horizon)
    # Quarterly dates overlap within a year, so the spread of the sum is up to four times that of separate people.
    spread = 4 * math.sqrt((probability * (1 - probability)).sum()) / len(probability)
    assert abs(probability.mean() - happened.mean()) < 3 * spread


def test_true_risk_is_right_among_those_at_highest_and_at_lowest_risk(built):
    probability, happened, _ = outcomes(built, "unplanned_admission", 365)
    order = np.argsort(probability)
    for part in (order[: len(order) // 2], order[-len(order) // 10 :]):
        expected, seen = probability[part].mean(), happened[part].mean()
        spread = 4 * math.sqrt((probability[part] * (1 - probability[part])).sum()) / len(part)
        assert abs(expected - seen) < 3 * spread


def test_true_risk_ranks_better_than_age(built):
    probability, happened, age = outcomes(built, "unplanned_admission", 365)
    assert auroc(probability, happened) > auroc(age, happened) + 0.05


def test_a_longer_horizon_or_a_wider_outcome_is_never_less_likely(built):
    lower = built.number("""
        SELECT count(*) FROM {truth} a JOIN {truth} b USING (nhs_number, index_date)
        WHERE a.outcome = 'unplanned_admission' AND b.probability < a.probability - 1e-9 AND (
            (b.outcome = 'unplanned_admission' AND b.horizon > a.horizon)
            OR (b.outcome = 'unplanned_admission_or_death' AND a.horizon = 365))""")
    assert lower == 0


def test_deterioration_is_for_the_old_who_live_outside_care_homes(built):
    young = built.number("""
        SELECT count(*) FROM {truth} t JOIN {person} p USING (nhs_number)
        WHERE t.outcome = 'deterioration' AND date_diff('day', p.birth_month, t.index_date) < 65 * 365.25""")
    assert young == 0


def test_every_probability_is_one(built):
    assert built.sql("SELECT count(*) FROM {truth} WHERE probability < 0 OR probability > 1 OR isnan(probability)") == [
        (0,)
    ]


def test_index_dates_are_quarters_and_the_last_day(built):
    days = [d for (d,) in built.sql("SELECT DISTINCT index_date FROM {truth} ORDER BY 1")]
    assert [(d.year, d.month, d.day) for d in days] == [
        (2022, 7, 1), (2022, 10, 1), (2023, 1, 1), (2023, 4, 1), (2023, 7, 1), (2023, 10, 1), (2024, 1, 1), (2024, 4, 1),
        (2024, 7, 1), (2024, 10, 1), (2024, 11, 30),
    ]  # fmt: skip


def test_with_constant_hazards_the_replay_gives_the_closed_form(monkeypatch):
    # Admission at 0.002 a day, death at 0.0005 a day, falls a quarter of admissions, nothing else:
    # P(admitted within d days) = 0.002 / 0.0025 x (1 - exp(-0.0025 d)); admitted or dead: 1 - exp(-0.0025 d).
    def constant(s, start, end, number, offers, rng, log, held):
        days = np.full(len(s), end - start, np.float64)
        nobody = (np.empty(0, np.int64), np.empty(0, np.float32))
        return Chances(np.zeros((10, len(s))), 0.002 * days, 0.0005 * days, 0.0005 * days, nobody, nobody)

    monkeypatch.setattr(truth, "step", constant)
    rng = stream(1, "test")
    day = day_of(date_of(19_000).replace(month=7, day=1))
    people = 500
    state, _ = found(people, day, day + 1, make_practices(people, rng), make_areas(people), rng, Log())
    got = truth.probabilities(state, day, 0, Offers(), rng)
    for horizon in (30, 90, 365):
        expected = 0.8 * (1 - math.exp(-0.0025 * horizon))
        assert np.allclose(got["unplanned_admission", horizon], expected, rtol=1e-6)
    assert np.allclose(got["unplanned_admission_or_death", 365], 1 - math.exp(-0.0025 * 365), rtol=1e-6)
    assert np.allclose(got["death", 365], 1 - math.exp(-0.0005 * 365), rtol=1e-6)
    decline = got["deterioration", 365]
    assert np.allclose(decline[~np.isnan(decline)], 1 - math.exp(-0.0010 * 365), rtol=1e-6)


def test_somebody_in_hospital_at_t_may_die_there_first(monkeypatch):
    # Nobody's hazard is above nought, so only those in hospital with a chance of 0.3 of dying there are at risk at all.
    def nothing(s, start, end, number, offers, rng, log, held):
        none = (np.empty(0, np.int64), np.empty(0, np.float32))
        zero = np.zeros(len(s))
        return Chances(np.zeros((10, len(s))), zero, zero, zero, none, none)

    monkeypatch.setattr(truth, "step", nothing)
    rng = stream(2, "test")
    state, _ = found(300, 19_000, 19_001, make_practices(300, rng), make_areas(300), rng, Log())
    state.out[:2], state.fate[:2] = 19_010, 0.3
    got = truth.probabilities(state, 19_000, 0, Offers(), rng)
    assert np.allclose(got["death", 365][:2], 0.3)
    assert np.allclose(got["unplanned_admission_or_death", 365][:2], 0.3)
    assert got["unplanned_admission", 365].max() == 0
    assert got["death", 365][2:].max() == 0
