"""One step of everyone's life. The history and every replay of the future run this same code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.population import rates
from features.population.causes import INJURY
from features.population.happening import admissions, care, health
from features.population.happening.state import NOTHING_HELD, Floats, Held, Index, Log, Offers, State


@dataclass
class Chances:
    """Cumulative hazards of a step for each person who was at home in it, whatever was then drawn: what a replay sums.
    ``by_cause`` are yearly rates of emergency admission while at home, (causes, people).
    ``stay_deaths`` and ``declines`` are chances for a few people, named by index."""

    by_cause: Floats
    admission: Floats
    fall_admission: Floats
    death: Floats
    stay_deaths: tuple[Index, Floats]
    declines: tuple[Index, Floats]


def season_of(day: int) -> float:
    """1 in mid-January, -1 in mid-July."""
    return float(np.cos(2 * np.pi * ((day % 365.25) - 15) / 365.25))


def step(s: State, start: int, end: int, number: int, offers: Offers, rng: np.random.Generator, log: Log,
         held: Held = NOTHING_HELD) -> Chances:  # fmt: skip
    """Everyone from ``start`` to ``end`` (days, half-open), changing ``s`` in place and telling ``log``."""
    days, season = end - start, season_of(start)
    health.progress(s, days, rng)
    health.onset(s, start, days, number, rng, log)
    soft = s.softened()
    health.infections(s, soft, start, days, season, rng, log)
    health.falls(s, soft, start, days, rng, log)

    by_cause = admissions.by_cause(s, soft, start, season)
    first = np.maximum(s.out, start)
    at_home = np.clip(end - first, 0, days) * s.present
    exposed = (at_home / 365.25).astype(np.float32)
    total = by_cause.sum(axis=0)
    admission = total * exposed
    death = death_rate(s, soft, start) * exposed

    draws = rng.random((2, len(s)), dtype=np.float32)
    people = np.empty(0, np.int64) if held.admission else np.flatnonzero(draws[0] < -np.expm1(-admission))
    dead = np.empty(0, np.int64) if held.death else np.flatnonzero(draws[1] < -np.expm1(-death))
    died_on = (first[dead] + (rng.random(len(dead)) * at_home[dead]).astype(np.int32)).astype(np.int32)
    came_on = (first[people] + (rng.random(len(people)) * at_home[people]).astype(np.int32)).astype(np.int32)
    cause = admissions.choose(by_cause[:, people], rng)
    # Whichever comes first: who dies at home before the day of admission is not admitted, and the other way about.
    death_day = np.full(len(s), 2**30, np.int32)
    death_day[dead] = died_on
    keep = came_on < death_day[people]
    if held.fall_admission:
        keep &= cause != INJURY
    people, came_on, cause = people[keep], came_on[keep], cause[keep]
    admitted = np.zeros(len(s), bool)
    admitted[people] = True
    dead, died_on = dead[~admitted[dead]], died_on[~admitted[dead]]

    stays = admissions.admit(s, people, came_on, cause, offers, rng)
    if held.death:
        stays.died[:] = False
    admissions.enter(s, stays, offers, rng, log)
    _die(s, dead, died_on, admissions.choose(by_cause[:, dead], rng), log)
    fatal = stays.died
    _die(s, people[fatal], stays.end[fatal], cause[fatal], log)

    frail = care.frail_people(s, soft)
    declines = care.council(s, frail, soft[frail], start, days, held.decline, offers, rng, log)
    care.community_nursing(s, frail, soft[frail], start, days, offers, rng, log)
    care.households(s, start, days, rng, log)
    return Chances(by_cause, admission, by_cause[INJURY] * exposed, death, (people, stays.fatal), (frail, declines))


def death_rate(s: State, soft: Floats, start: int) -> Floats:
    """Yearly rate of death outside hospital."""
    age = s.age(start)
    log_rate = np.float32(rates.DEATH_AGE) * (age - 65) + np.float32(rates.DEATH_FRAILTY) * soft
    log_rate += np.where(s.female, np.float32(0), np.float32(rates.DEATH_MALE))
    log_rate += 0.3 * s.deprivation + np.where(s.in_care_home, np.float32(0.45), np.float32(0)) + 0.5 * s.flare
    return (np.float32(rates.DEATH) * np.exp(log_rate) * s.ratios[-1]).astype(np.float32)


def _die(s: State, people: Index, day: np.ndarray, cause: np.ndarray, log: Log) -> None:
    s.present[people], s.dies[people] = False, day
    log.add("death", people, day=day, cause=cause)
