"""Bodies: frailty that progresses, conditions that begin, infections and falls that set people back."""

from __future__ import annotations

import numpy as np

from features.population import rates
from features.population.causes import RATIOS
from features.population.conditions import CONDITIONS, INDEX, Condition, incidence, log_odds
from features.population.happening.state import Flags, Floats, Index, Log, State

#: Each condition's onset is drawn in one step of so many.
ROUND = 6
CHEST, URINE, SKIN = range(3)
_HAS = {
    name: INDEX[name] for name in ("copd", "asthma", "incontinence", "diabetes", "skin_ulcer", "parkinsons", "dementia")
}


def progress(s: State, days: int, rng: np.random.Generator) -> None:
    """Frailty drifts at each person's pace, setbacks heal in part, proneness wanders."""
    n, year = len(s), days / 365.25
    s.frailty += np.float32(rates.DRIFT * year) * s.pace * s.present
    healed = s.setback * np.float32(1 - np.exp(-days / rates.SETBACK_DAYS))
    s.setback -= healed
    s.frailty += np.float32(rates.UNRECOVERED) * healed
    for held, sd, lasts in ((s.swing, rates.SWING, rates.SWING_DAYS), (s.flare, rates.FLARE, rates.FLARE_DAYS)):
        kept = np.exp(-days / lasts)
        held *= np.float32(kept)
        held += np.float32(sd * np.sqrt(1 - kept**2)) * rng.standard_normal(n, dtype=np.float32)


def odds_of(c: Condition, s: State, people: Index | slice, day: int) -> Floats:
    """Log odds of ``c`` among ``people`` at their age on ``day``."""
    return log_odds(c, s.age(day)[people], s.female[people].astype(np.float32), s.deprivation[people],
                    s.smoking[people] * np.float32(0.5), s.drinker[people].astype(np.float32), s.robust[people])  # fmt: skip


def begin(s: State, condition: int, people: Index) -> None:
    """``condition`` begins in ``people``: what follows for frailty and for the rates of admission and death."""
    s.has[condition, people] = True
    s.ratios[:, people] *= RATIOS[:, condition, None]
    s.frailty[people] += np.float32(CONDITIONS[condition].frailty)


def onset(s: State, start: int, days: int, number: int, rng: np.random.Generator, log: Log) -> None:
    """New conditions, those whose turn it is in step ``number``."""
    for i in range(number % ROUND, len(CONDITIONS), ROUND):
        c = CONDITIONS[i]
        draw = rng.random(len(s), dtype=np.float32)
        # Nobody's incidence in a round is above a tenth: only those drawn below that need theirs worked out.
        people = np.flatnonzero((draw < 0.1) & s.present & ~s.has[i])
        yearly = incidence(c, odds_of(c, s, people, start))
        people = people[draw[people] < yearly * np.float32(ROUND * days / 365.25)]
        if len(people):
            day = start + rng.integers(0, days, len(people))
            begin(s, i, people)
            log.add("onset", people, day=day.astype(np.int32), condition=np.int8(i))


def infections(
    s: State, soft: Floats, start: int, days: int, winter: float, rng: np.random.Generator, log: Log
) -> None:
    """Infections that are treated at home. Each makes an admission likelier for weeks."""
    prone = np.exp(0.30 * soft + 0.5 * s.lasting + 0.5 * s.flare)
    rate = np.float32(rates.INFECTION * (1 + 0.3 * winter) * days / 365.25) * prone
    rate *= 1 + 0.9 * s.has[_HAS["copd"]] + 0.5 * s.has[_HAS["incontinence"]] + 0.6 * s.has[_HAS["skin_ulcer"]]
    people = np.flatnonzero((rng.random(len(s), dtype=np.float32) < rate) & s.present & (s.out <= start))
    if not len(people):
        return
    chest = 0.55 + 0.25 * s.has[_HAS["copd"], people] + 0.15 * winter
    urine = 0.30 + 0.25 * s.has[_HAS["incontinence"], people] + 0.1 * s.female[people]
    skin = 0.15 + 0.5 * s.has[_HAS["skin_ulcer"], people]
    draw = rng.random(len(people)) * (chest + urine + skin)
    kind = (draw > chest).astype(np.int8) + (draw > chest + urine)
    s.flare[people] += np.float32(0.40)
    s.setback[people] += np.float32(0.04) * np.minimum(soft[people], 2)
    log.add("infection", people, day=(start + rng.integers(0, days, len(people))).astype(np.int32), infection=kind)


def falls(s: State, soft: Floats, start: int, days: int, rng: np.random.Generator, log: Log) -> None:
    """Falls after which the person stays at home, hurt or not."""
    rate = np.float32(rates.FALL * days / 365.25) * np.exp(0.85 * soft + 0.3 * s.lasting)
    rate *= 1 + 0.8 * s.has[_HAS["parkinsons"]] + 0.6 * s.has[_HAS["dementia"]]
    people = np.flatnonzero((rng.random(len(s), dtype=np.float32) < rate) & s.present & (s.out <= start))
    hurt = rng.random(len(people)) < 0.30
    s.setback[people] += np.where(hurt, 0.12, 0.04).astype(np.float32)
    log.add(
        "fall", people, day=(start + rng.integers(0, days, len(people))).astype(np.int32), hurt=hurt, soft=soft[people]
    )


def burden(has: Flags) -> Floats:
    """Number of long-term conditions."""
    return has.sum(axis=0, dtype=np.float32)
