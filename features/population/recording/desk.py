"""What whoever records has at hand: the area, the feeds, a run of keys, chance."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from features.population.happening.history import World, stream
from features.population.happening.state import LONG_AGO
from features.population.recording.deliveries import Deliveries, arrived
from features.population.recording.rows import Array, Column, Rows, Words

#: Chance that the practice codes something at all is multiplied by its own thoroughness.
HOSPITAL_OF_PRACTICE_SHARE = 0.85


@dataclass
class Desk:
    """One a simulation; layer two's functions take it first."""

    world: World
    deliveries: Deliveries
    rng: np.random.Generator
    next_key: int = 0
    matched: Array = field(default_factory=lambda: np.empty(0))
    hospital: Array = field(default_factory=lambda: np.empty(0))

    @staticmethod
    def of(world: World) -> Desk:
        rng = stream(world.seed, "recording")
        n = world.people
        desk = Desk(world, Deliveries(world.practices, world.start, world.end), rng)
        #: Whether the council knows the person's NHS number.
        desk.matched = rng.random(n) < 0.88
        #: The hospital that the person usually goes to, by practice.
        usual = (np.arange(len(world.practices.codes)) % 2)[world.lives.practice]
        desk.hospital = np.where(rng.random(n) < HOSPITAL_OF_PRACTICE_SHARE, usual, 1 - usual).astype(np.int8)
        return desk

    def keys(self, count: int) -> Array:
        """Fresh keys, unlike any before."""
        self.next_key += count
        return np.arange(self.next_key - count, self.next_key)

    def chance(self, count: int, p: float | Array) -> Array:
        """Flags, each true with chance ``p``."""
        return self.rng.random(count) < p

    def gone(self) -> Array:
        """Day on which each person died or left; NEVER for those who did neither so far."""
        return np.minimum(self.world.state.dies, self.world.lives.leaves)

    def habit(self, person: Array) -> Array:
        """How thoroughly the person's practice codes, about 1."""
        return self.world.practices.thorough[self.world.lives.practice[person]]

    def delay(self, count: int, mean: float) -> Array:
        """Whole days of delay, 0 and up."""
        return self.rng.exponential(mean, count).astype(np.int32)

    def gp(
        self, table: str, person: Array, written: Array, columns: dict[str, Column], key: Array | None = None
    ) -> Rows:
        """Rows from the person's practice, written down on ``written`` (at the earliest once the person is registered)."""
        first = np.maximum(self.world.lives.comes[person] + 5, LONG_AGO)
        feed, known = self.deliveries.from_practice(
            table, self.world.lives.practice[person], np.maximum(written, first)
        )
        return arrived(Rows(table, person, feed, known, columns, key=key))

    def sent(self, table: str, source: str, person: Array, written: Array, columns: dict[str, Column],
             sender: Array | None = None, key: Array | None = None, council: bool = False) -> Rows:  # fmt: skip
        """Rows from another sender (the only one of the source, unless ``sender`` says which)."""
        sender = np.zeros(len(person), np.int8) if sender is None else sender
        feed, known = self.deliveries.from_sender(table, sender, source, written)
        return arrived(Rows(table, person, feed, known, columns, key=key, council=council))


def seconds(rng: np.random.Generator, count: int, first: int = 8, last: int = 19) -> Array:
    """Times of day in office hours, in seconds after midnight, to the minute."""
    return (rng.integers(first * 60, last * 60, count) * 60).astype(np.int32)


def pick(rng: np.random.Generator, count: int, choices: dict[str, float]) -> Words:
    """Words drawn with the given weights."""
    weights = np.cumsum(list(choices.values()))
    number = np.searchsorted(weights, rng.random(count) * weights[-1], side="right")
    return Words(np.minimum(number, len(choices) - 1).astype(np.int8), tuple(choices))
