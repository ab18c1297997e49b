"""People who come to the area, leave it, or change practice and address within it."""

from __future__ import annotations

import numpy as np

from features.population import rates
from features.population.geography import Practices, SmallAreas
from features.population.happening.care import moved
from features.population.happening.founding import Lives
from features.population.happening.state import CARE_HOME, IN_CARE, NURSING_HOME, Index, Log, State


def arrive(s: State, lives: Lives, start: int, end: int, log: Log) -> Index:
    """Those whose day it is begin to live in the area; who they are."""
    people = np.flatnonzero((lives.comes >= start) & (lives.comes < end) & ~s.present & (s.dies > end))
    s.present[people] = True
    # Until the day they come nothing happens to them here: as with somebody who is in hospital until then.
    s.out[people] = lives.comes[people]
    settle(s, lives, people, log)
    return people


def settle(s: State, lives: Lives, people: np.ndarray, log: Log,
           rng: np.random.Generator | None = None) -> None:  # fmt: skip
    """Registered and housed as they are, from the day they come; with ``rng``, for some years by then."""

    def since(who: np.ndarray, years: float) -> np.ndarray:
        first = lives.comes[who] if rng is None else lives.comes[who] - rng.exponential(years * 365, len(who))
        return np.maximum(first, s.birth[who]).astype(np.int32)

    log.add("registration", people, day=since(people, 12), practice=lives.practice[people])
    moved(s, people, since(people, 9), log)
    log.add("address", people, day=s.birth[people], lsoa=lives.lsoa[people])
    resident = people[s.in_care_home[people]]
    log.add("care_home", resident, day=since(resident, 1.5), nursing=s.living[resident] == NURSING_HOME,
            pays=s.self_funder[resident])  # fmt: skip
    cared, helped = people[s.stage[people] == IN_CARE], people[s.carer[people]]
    log.add("package", cared, day=since(cared, 1), hours=s.hours[cared])
    log.add("carer", helped, day=since(helped, 3), has=True)


def move(s: State, lives: Lives, start: int, end: int, practices: Practices, areas: SmallAreas,
         rng: np.random.Generator, log: Log) -> None:  # fmt: skip
    """Leaving the area, and changing practice (with or without a new address)."""
    year = (end - start) / 365.25
    restless = np.exp(-0.030 * np.maximum(s.age(start) - 25, 0)).astype(np.float32)
    draw = rng.random(len(s), dtype=np.float32)
    settled = s.present & (s.out <= start)
    day = np.full(len(s), start, np.int32) + rng.integers(0, end - start, len(s)).astype(np.int32)
    gone = np.flatnonzero(settled & (draw < rates.LEAVES * year * restless))
    s.present[gone], lives.leaves[gone] = False, day[gone]
    log.add("leave", gone, day=day[gone])
    changed = np.flatnonzero(settled & (draw > 1 - rates.MOVES_PRACTICE * year * restless) & (s.living < CARE_HOME))
    lives.practice[changed] = rng.choice(len(practices.codes), len(changed), p=practices.size)
    log.add("registration", changed, day=day[changed], practice=lives.practice[changed])
    housed = changed[rng.random(len(changed)) < 0.7]
    step = rng.integers(-1, 2, len(housed))
    s.decile[housed] = np.clip(s.decile[housed] + step, 1, 10)
    lives.lsoa[housed] = areas.draw(s.decile[housed].astype(np.int64), rng)
    log.add("address", housed, day=day[housed], lsoa=lives.lsoa[housed])
    moved(s, housed, day[housed], log)
