"""What practices hold of a person as standing facts, told of the whole history at once: lesser conditions, interpreters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.codes import FINDING
from features.population.conditions import INDEX
from features.population.geography import ETHNICITY, LANGUAGES
from features.population.happening.spans import Columns
from features.population.happening.state import NEVER
from features.population.lesser import FOLLOWS_BY, LESSER, follows, onset
from features.population.recording.coding import coded
from features.population.recording.desk import Desk
from features.population.recording.rows import Array, Rows, Words, same

#: Chance that a practice ever codes a lesser condition, mean days until it does; chance that it codes that an interpreter is
#: needed where another language is.
RECORDED, SLOW, INTERPRETER = 0.85, 150.0, 0.35


def rows(desk: Desk, onsets: list[Columns], went: Array) -> Iterator[Rows]:
    """``gp_event`` rows. ``onsets`` are those of the conditions that lesser ones follow; ``went`` is when each person died or
    left."""
    world = desk.world
    everyone = np.flatnonzero((went > world.start) & (world.lives.comes < world.end))
    began = {name: np.concatenate([part[name] for part in onsets]) for name in onsets[0]} if onsets else {}
    parts = []
    for number, lesser in enumerate(LESSER):
        if not lesser.after:
            person, day = everyone, onset(world, lesser, everyone)
        elif began:
            of = np.flatnonzero(began["condition"] == INDEX[lesser.after])
            of = of[follows(world, lesser, began["person"][of])]
            person = began["person"][of].astype(np.int64)
            day = (began["day"][of] + desk.rng.exponential(FOLLOWS_BY, len(of))).astype(np.int32)
        else:
            continue
        noted = (day != NEVER) & desk.chance(len(person), RECORDED * desk.habit(person))
        seen = day + desk.delay(len(person), SLOW)
        kept = np.flatnonzero(noted & (seen < np.minimum(went[person], world.end)) & (went[person] > world.start))
        parts.append((number, person[kept], seen[kept].astype(np.int32)))
    which = np.repeat(np.array([p[0] for p in parts], np.int8), [len(p[1]) for p in parts])
    person, day = (np.concatenate([p[i] for p in parts]) for i in (1, 2))
    yield coded(desk, person, day, day + desk.delay(len(day), 5), Words(which, [lesser.snomed for lesser in LESSER]))
    yield _interpreters(desk, everyone, went)


def _interpreters(desk: Desk, people: Array, went: Array) -> Rows:
    group = np.array([row[0] in LANGUAGES for row in ETHNICITY])
    share = np.array([LANGUAGES[row[0]][1] if row[0] in LANGUAGES else 0.0 for row in ETHNICITY])
    of = desk.world.lives.ethnicity[people]
    needs = people[group[of] & desk.chance(len(people), share[of] * INTERPRETER)]
    day = np.maximum(desk.world.lives.comes[needs], desk.world.start - 400) + desk.delay(len(needs), 200)
    kept = np.flatnonzero(day < np.minimum(went[needs], desk.world.end))
    return coded(desk, needs[kept], day[kept].astype(np.int32), day[kept], same(FINDING["interpreter"], len(kept)))
