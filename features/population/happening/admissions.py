"""Emergency admissions: each person's rate by cause, who is admitted, for how long, and who dies there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.population import rates
from features.population.causes import CAUSES
from features.population.happening.state import Floats, Index, Log, Offers, State

#: Causes share three strengths of frailty's effect, so that its exponential is taken three times and not ten.
_STRENGTHS = sorted({c.frailty for c in CAUSES})


def by_cause(s: State, soft: Floats, start: int, season: float) -> Floats:
    """Yearly rate of emergency admission by cause, (causes, people), of those at home. ``season`` runs from -1
    (mid-summer) to 1 (mid-winter)."""
    age = s.age(start)
    apart = np.exp(s.lasting + s.swing + s.flare)
    since = np.maximum(start + 7 - s.left, 0).astype(np.float32)
    apart *= 1 + np.float32(rates.AFTER) * np.exp(-since / np.float32(rates.AFTER_DAYS))
    apart *= np.where(s.nursed, np.float32(0.92), np.float32(1)) * np.where(
        s.reablement > start, np.float32(0.85), np.float32(1)
    )
    apart *= np.where((s.stage == 1) | (s.stage == 2), np.float32(1.25), np.float32(1))  # needs care that has not come
    apart *= np.float32(rates.ADMISSION) * (1 + np.float32(rates.RESERVE) * np.clip((age - 50) / 20, 0, 1))
    strength = {b: np.exp(np.float32(b) * soft) for b in _STRENGTHS}
    young = np.clip((58 - age) / 28, 0, 1).astype(np.float32)
    deprivation, female = s.deprivation, s.female
    out = np.empty((len(CAUSES), len(s)), np.float32)
    for i, c in enumerate(CAUSES):
        rate = out[i]
        np.multiply(strength[c.frailty], np.float32(c.rate), out=rate)
        if c.young:
            rate += np.float32(c.young) * young
        rate *= np.exp(np.float32(c.deprived) * deprivation)
        if c.female:
            rate *= np.where(female, np.float32(np.exp(c.female)), np.float32(1))
        rate *= np.float32(1 + c.winter * season)
        rate *= apart
        rate *= s.ratios[i]
    return out


def choose(weights: Floats, rng: np.random.Generator) -> np.ndarray:
    """A row index per column, drawn in proportion to ``weights``."""
    total = np.cumsum(weights, axis=0)
    draw = rng.random(weights.shape[1], dtype=np.float32) * total[-1]
    return np.minimum((total <= draw).sum(axis=0), len(weights) - 1).astype(np.int8)


@dataclass
class Stays:
    """Emergency stays that begin in a step. ``fatal`` is the chance of dying in the stay, ``died`` what was drawn."""

    person: Index
    day: np.ndarray
    cause: np.ndarray
    ready: np.ndarray
    end: np.ndarray
    fatal: Floats
    died: np.ndarray


def admit(
    s: State, people: Index, day: np.ndarray, cause: np.ndarray, offers: Offers, rng: np.random.Generator
) -> Stays:
    """How the stays of ``people`` (admitted on ``day`` for ``cause``) go: pure drawing, nobody is changed."""
    soft, k = s.softened(people), len(people)
    age = s.age(int(day.min()) if k else 0)[people]
    longer = np.array([c.stay for c in CAUSES], np.float32)[cause]
    deadly = np.array([c.death for c in CAUSES], np.float32)[cause]
    logit = -5.15 + 0.72 * soft + deadly + 0.028 * np.maximum(age - 55, 0) - 0.02 * np.maximum(55 - age, 0)
    fatal = (1 / (1 + np.exp(-logit))).astype(np.float32)
    died = rng.random(k, dtype=np.float32) < fatal
    brief = 1 / (1 + np.exp(-(-0.42 - 0.75 * (soft - 0.3) - 2.2 * longer - 1.5 * died)))
    nights = np.ceil(np.exp(0.75 + 0.42 * soft + longer + 0.83 * rng.standard_normal(k)))
    nights = np.where(rng.random(k) < brief, 0, np.minimum(nights, 150))
    # Ready to leave, but a package or a bed is to be found first: longer where little is on offer.
    waits = (rng.random(k) < np.clip(0.16 * (soft - 0.8), 0, 0.35)) & ~died & (nights > 1)
    delay = np.where(waits, np.ceil(rng.exponential(3.0 + 3.0 / max(offers.home_care, 0.15), k)), 0)
    ready = (day + nights).astype(np.int32)
    return Stays(people, day, cause, ready, (ready + np.minimum(delay, 90)).astype(np.int32), fatal, died)


def enter(s: State, stays: Stays, offers: Offers, rng: np.random.Generator, log: Log) -> None:
    """The stays happen: the person is in hospital, set back by it, perhaps given reablement on leaving."""
    who, nights = stays.person, stays.end - stays.day
    soft = s.softened(who)
    s.out[who] = stays.end
    s.left[who] = stays.end
    s.fate[who] = stays.fatal
    s.setback[who] += ((0.06 + 0.07 * np.log1p(nights)) * np.minimum(soft, 2.5)).astype(np.float32)
    s.flare[who] += np.float32(0.15)
    frail = ~stays.died & (soft > 0.9) & (s.living[who] < 4) & (nights > 0)
    helped = frail & (rng.random(len(who)) < min(1.0, offers.reablement * 2))
    s.reablement[who[helped]] = stays.end[helped] + 42
    log.add("reablement", who[helped], day=stays.end[helped])
    if log.keeps:
        log.add("stay", who, day=stays.day, cause=stays.cause, ready=stays.ready, end=stays.end, died=stays.died, soft=soft,
                helped=helped, resident=s.in_care_home[who], living=s.living[who], alone=s.alone[who], has=s.bits(who))  # fmt: skip
