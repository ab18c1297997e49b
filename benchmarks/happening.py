"""What happened to a slice of people, thing by thing: whose, from when to when. Nothing has to do with anything else."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as arrow

from benchmarks.people import FIRST, LAST, NEVER, Ints, People, random
from features.record.tables import TABLES, Table

#: Rows a person over the six years; a table that is not named has the default's.
OFTEN = {"gp_event": 42, "prescription": 30, "gp_contact": 15, "outpatient": 4, "ed_attendance": 1.6, "ambulance": 0.8, "spell": 1.0,
         "community_contact": 2.5, "social_care": 0.5, "assessment": 1.0, "caseload": 0.15, "carer": 0.1, "preference": 0.08,
         "objection": 0.02, "home_care_week": 1.0}  # fmt: skip
OFTEN_OTHERWISE = 0.5
#: Diagnoses of a stay beyond the first.
DIAGNOSES = 3.0
#: Mean days that an interval lasts.
LASTS = {"spell": 5}
LASTS_OTHERWISE = 200
#: One of so many people was found to be another person too.
LINKED = 5_000


#: Whose, from when, to when, and columns that are known with it.
Found = tuple[Ints, Ints, Ints, dict[str, arrow.Array]]


@dataclass(frozen=True)
class Happened:
    """Things: whose (place in the slice), from when to when (:data:`NEVER`: open; equal for an event)."""

    whose: Ints
    day: Ints
    end: Ints
    row_id: Ints
    given: dict[str, arrow.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.whose)


def happened(table: Table, people: People, seed: int, number: int) -> Happened:
    """What happened of a table to the slice ``number``."""
    rng = random(seed, number, table.name)
    whose, day, end, given = (
        _OWN[table.name](people, rng, seed, number) if table.name in _OWN else _often(table, people, rng)
    )
    if not table.interval:
        end = day
    return Happened(whose, day, np.maximum(end, day), rng.integers(1, 2**63 - 1, len(whose)), given)


def _often(table: Table, people: People, rng: np.random.Generator) -> Found:
    """Things that happen any number of times, more of them to some than to others."""
    here = people.ends - people.begins
    count = rng.poisson(OFTEN.get(table.name, OFTEN_OTHERWISE) * people.much * here / (LAST - FIRST))
    whose = np.repeat(np.arange(len(people)), count)
    day = people.begins[whose] + (rng.random(len(whose)) * here[whose]).astype(np.int64)
    lasts = rng.geometric(1 / LASTS.get(table.name, LASTS_OTHERWISE), len(day)) - 1
    return whose, day, np.minimum(day + lasts, people.gone[whose]), {}


def _people(people: People, rng: np.random.Generator, seed: int, number: int) -> Found:
    return np.arange(len(people)), people.came, people.came, {}


def _deaths(people: People, rng: np.random.Generator, seed: int, number: int) -> Found:
    whose = np.flatnonzero(people.died != NEVER)
    return whose, people.died[whose], people.died[whose], {}


def _links(people: People, rng: np.random.Generator, seed: int, number: int) -> Found:
    """One person in so many, and in the first slice somebody at any rate, is somebody else too."""
    linked = rng.integers(0, LINKED, len(people)) == 0
    linked[0] |= number == 0
    whose = np.flatnonzero(linked)
    day = rng.integers(FIRST, LAST - 60, len(whose))
    other = (whose + 1 + rng.integers(0, len(people) - 1, len(whose))) % len(people)
    return whose, day, day, {"other_person_id": arrow.array(people.person_id[other])}


def _places(people: People, rng: np.random.Generator, seed: int, number: int) -> Found:
    """Where people were registered, or lived: one place, or for one in four a second from some day on."""
    room = np.minimum(people.gone, LAST) - people.begins
    moves = np.flatnonzero((rng.random(len(people)) < 0.25) & (room > 2))
    moved = people.begins[moves] + 1 + (rng.random(len(moves)) * (room[moves] - 1)).astype(np.int64)
    first_end = people.gone.copy()
    first_end[moves] = moved
    whose = np.concatenate([np.arange(len(people)), moves])
    return whose, np.concatenate([people.came, moved]), np.concatenate([first_end, people.gone[moves]]), {}


def _diagnoses(people: People, rng: np.random.Generator, seed: int, number: int) -> Found:
    """The diagnoses of the slice's stays, on their admission days."""
    stays = happened(TABLES["spell"], people, seed, number)
    count = 1 + rng.poisson(DIAGNOSES, len(stays))
    of = np.repeat(np.arange(len(stays)), count)
    position = np.arange(len(of)) - np.repeat(np.cumsum(count) - count, count) + 1
    given = {"spell_id": arrow.array(stays.row_id[of]), "position": arrow.array(position.astype(np.int32))}
    return stays.whose[of], stays.day[of], stays.day[of], given


_OWN = {"person": _people, "death": _deaths, "person_link": _links, "registration": _places, "residence": _places, "diagnosis": _diagnoses}  # fmt: skip
