"""Everyone as they are when the simulation first meets them: at its start, or on the day they come to the area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.population import rates
from features.population.causes import CAUSES
from features.population.conditions import CONDITIONS, log_odds
from features.population.geography import Practices, SmallAreas, draw_ethnicity
from features.population.happening import health
from features.population.happening.care import wanted_hours
from features.population.happening.state import IN_CARE, LONG_AGO, NEVER, Log, State


@dataclass
class Lives:
    """What is known of people beside their :class:`State`: when they come, and what never touches their health."""

    comes: np.ndarray  # day on which they come to the area; the simulation's start for those there already
    practice: np.ndarray
    lsoa: np.ndarray
    ethnicity: np.ndarray
    leaves: np.ndarray  # day on which they leave it, NEVER until they do


def found(people: int, start: int, end: int, practices: Practices, areas: SmallAreas, rng: np.random.Generator,
          log: Log) -> tuple[State, Lives]:  # fmt: skip
    """``people`` people, of whom most are there on ``start`` and the rest come before ``end``. Conditions that began
    earlier go to ``log``."""
    there = rng.random(people) < rates.THERE_AT_START
    comes = np.where(there, start, start + rng.integers(1, max(2, end - start), people)).astype(np.int32)
    age = np.where(there, _ages(rates.AGES, people, rng), _ages(rates.ARRIVAL_AGES, people, rng))
    birth = _month_starts(comes - age * 365.25)
    practice = rng.choice(len(practices.codes), people, p=practices.size).astype(np.int16)
    mix = np.cumsum(practices.mix, axis=1)[practice]
    decile = (1 + (mix < rng.random(people)[:, None]).sum(axis=1)).clip(1, 10)
    # The oldest live in the least deprived areas: the deprived die earlier.
    lift = (age > 70) & (rng.random(people) < 0.25)
    decile = np.where(lift, np.minimum(decile + 2, 10), decile).astype(np.int8)
    deprivation = (5.5 - decile) / 9
    female = rng.random(people) < 1 / (1 + np.exp(-0.025 * np.maximum(age - 60, 0)))
    smoking = _smoking(age, deprivation, rng)
    drinker = rng.random(people) < 0.05 + 0.03 * deprivation
    robust = rng.normal(0.0, rates.SPREAD, people) + 0.55 * deprivation + 0.20 * (smoking == 2)

    floats = {name: np.zeros(people, np.float32) for name in ("setback", "hours", "fate")}
    s = State(
        birth=birth, female=female, decile=decile, smoking=smoking, drinker=drinker,
        self_funder=rng.random(people) < np.clip(0.38 - 0.55 * deprivation, 0.08, 0.8),
        robust=robust.astype(np.float32),
        pace=rng.lognormal(-0.5 * rates.PACE_SPREAD**2, rates.PACE_SPREAD, people).astype(np.float32),
        lasting=rng.normal(-0.5 * rates.LASTING**2, rates.LASTING, people).astype(np.float32),
        frailty=((age - 75) / 12 - 0.25 + robust).astype(np.float32),
        swing=rng.normal(0, rates.SWING, people).astype(np.float32),
        flare=rng.normal(0, rates.FLARE, people).astype(np.float32),
        has=np.zeros((len(CONDITIONS), people), bool), ratios=np.ones((len(CAUSES) + 1, people), np.float32),
        present=there.copy(), dies=np.full(people, NEVER, np.int32), living=np.zeros(people, np.int8),
        alone=rng.random(people) < np.clip(0.12 + 0.012 * np.maximum(age - 55, 0), 0, 0.5),
        carer=np.zeros(people, bool), caring=rng.random(people) < np.where((age > 45) & (age < 85), 0.12, 0.04),
        stage=np.zeros(people, np.int8), nursed=np.zeros(people, bool),
        reablement=np.full(people, LONG_AGO, np.int32), out=np.full(people, LONG_AGO, np.int32),
        left=np.full(people, LONG_AGO, np.int32), **floats,
    )  # fmt: skip
    lives = Lives(
        comes, practice, areas.draw(decile, rng), draw_ethnicity(deprivation, rng), np.full(people, NEVER, np.int32)
    )
    _earlier_conditions(s, age, comes, rng, log)
    _households(s, age, rng)
    return s, lives


def _ages(table: tuple[tuple[int, float], ...], people: int, rng: np.random.Generator) -> np.ndarray:
    lower = np.array([a for a, _ in table])
    share = np.array([w for _, w in table[:-1]])
    band = rng.choice(len(share), people, p=share / share.sum())
    return lower[band] + rng.random(people) * (lower[band + 1] - lower[band])


def _month_starts(days: np.ndarray) -> np.ndarray:
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64).astype(np.int32)


def _smoking(age: np.ndarray, deprivation: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    ever = np.clip(0.30 + 0.004 * (age - 18) + 0.25 * deprivation, 0.05, 0.75) * (age > 16)
    still = np.clip(0.62 - 0.008 * (age - 30) + 0.3 * deprivation, 0.08, 0.9)
    draw = rng.random((2, len(age)))
    return np.where(draw[0] < ever, np.where(draw[1] < still, 2, 1), 0).astype(np.int8)


def _earlier_conditions(s: State, age: np.ndarray, comes: np.ndarray, rng: np.random.Generator, log: Log) -> None:
    """Conditions that people bring with them, each begun some years before."""
    for i, c in enumerate(CONDITIONS):
        odds = log_odds(c, age.astype(np.float32), s.female.astype(np.float32), s.deprivation,
                        s.smoking * np.float32(0.5), s.drinker.astype(np.float32), s.robust)  # fmt: skip
        people = np.flatnonzero(rng.random(len(s)) < 1 / (1 + np.exp(-odds)))
        health.begin(s, i, people)
        years = np.minimum(rng.exponential(7.0, len(people)), np.maximum(age[people] - 12, 0.2))
        log.add("onset", people, day=(comes[people] - 1 - years * 365.25).astype(np.int32), condition=np.int8(i))


def _households(s: State, age: np.ndarray, rng: np.random.Generator) -> None:
    """Care homes, other housing, unpaid carers and packages of care already there."""
    soft = s.softened()
    logit = -6.2 + 1.55 * soft + 0.6 * s.alone + 0.02 * (age - 80)
    draw = rng.random(len(s))
    home = (age >= 60) & (draw < 1 / (1 + np.exp(-logit)))
    s.living[home] = np.where(soft[home] > 2.3, 5, 4)
    other = ~home & (age > 65) & (rng.random(len(s)) < 0.05)
    s.living[other] = np.where(soft[other] > 1.5, 2, 1)
    supported = ~home & (age < 65) & (rng.random(len(s)) < 0.002)
    s.living[supported] = 3
    s.alone[home] = False
    s.carer[:] = ~home & (rng.random(len(s)) < np.clip(0.16 * soft * (1 - 0.5 * s.alone), 0, 0.7))
    s.caring[home] = False
    everyone = np.flatnonzero(~home & (soft > 0.85))
    wanted = wanted_hours(s, everyone, soft[everyone])
    cared = everyone[(wanted >= 3.5) & ~s.self_funder[everyone] & (rng.random(len(everyone)) < 0.5)]
    s.stage[cared] = IN_CARE
    s.hours[cared] = wanted_hours(s, cared, soft[cared])
