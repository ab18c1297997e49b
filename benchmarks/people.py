"""The people of a generated area, slice by slice: when each came, left and died, and how much happens to them."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

#: People made at a time: what bounds memory.
SLICE = 20_000
#: First and last day (from 1970-01-01; the last not included) on which events happen: 2019 to 2024.
FIRST, LAST = 17_897, 20_089
NEVER = 2**31 - 1
#: Registered people of a practice.
OF_A_PRACTICE = 9_000

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class People:
    """A slice, sorted by ``person_id`` (int64). Days are counted from 1970-01-01; ``left`` and ``died`` are :data:`NEVER` for most.
    ``much`` is how much more than most people they have happen to them (mean 1); ``practice`` is a number."""

    person_id: Ints
    born: Ints
    came: Ints
    left: Ints
    died: Ints
    much: npt.NDArray[np.float64]
    practice: Ints

    def __len__(self) -> int:
        return len(self.person_id)

    @property
    def gone(self) -> Ints:
        """The day on which they left or died."""
        return np.minimum(self.left, self.died)

    @property
    def begins(self) -> Ints:
        """The first day on which an event of theirs happens here."""
        return np.maximum(self.came, FIRST)

    @property
    def ends(self) -> Ints:
        """The day after the last."""
        return np.maximum(np.minimum(self.gone, LAST), self.begins)


def slices(people: int) -> int:
    """How many slices an area of so many people is made in."""
    return -(-people // SLICE)


def random(seed: int, number: int, what: str) -> np.random.Generator:
    """The random numbers of one slice for one purpose: they depend on nothing else."""
    return np.random.default_rng([seed, number, zlib.crc32(what.encode())])


def of_slice(people: int, seed: int, number: int) -> People:
    """The slice ``number`` of an area of so many people, nearly all of them adults from 2023 on."""
    rng = random(seed, number, "people")
    count = min(SLICE, people - number * SLICE)
    wide = (2**63 - 1) // slices(people)
    ids = np.unique(rng.integers(1, wide, count))
    while len(ids) < count:
        ids = np.unique(np.concatenate([ids, rng.integers(1, wide, count - len(ids))]))
    months = rng.integers((1923 - 1970) * 12, (2005 - 1970) * 12, count)
    here = rng.random(count) < 0.85
    came = np.where(here, FIRST - rng.integers(1, 9_000, count), rng.integers(FIRST, LAST - 60, count))
    left = np.where(rng.random(count) < 0.03, came + rng.integers(400, 6_000, count), NEVER)
    died = np.where(rng.random(count) < 0.045, rng.integers(FIRST, LAST, count), NEVER)
    practices = max(4, people // OF_A_PRACTICE)
    return People(
        ids + number * wide,
        months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64),
        came,
        np.where((left > FIRST) & (left < LAST), left, NEVER),
        np.where(died > came, died, NEVER),
        rng.gamma(2, 0.5, count),
        rng.integers(0, practices, count),
    )
