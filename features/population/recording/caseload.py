"""Whom community teams have on their books: from the first of a run of visits until four weeks after the last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from features.population.happening.history import stream
from features.population.happening.spans import Columns
from features.population.recording.desk import Desk
from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words, revise, same

#: Kinds of visit, and the team and the beginning of the codes of those who make them.
TEAMS = {"nursing_visit": ("district_nursing", "DN"), "rehabilitation_visit": ("rehabilitation", "RE")}
#: Days without a visit that end a run; days for which a team keeps a person after the last; practices of a team.
APART, KEPT, PRACTICES = 60, 28, 4


def rows(desk: Desk, events: Mapping[str, Columns], went: Array) -> Iterator[Rows]:
    """``caseload`` rows, each begun and, where it ended, ended. ``went`` is when each person died or left."""
    rng, world = stream(desk.world.seed, "caseload"), desk.world
    for kind, (team, letters) in TEAMS.items():
        if kind not in events:
            continue
        person, start, last = runs(events[kind]["person"], events[kind]["day"])
        end = np.minimum(last + KEPT, went[person]).astype(np.int32)
        here = (start < went[person]) & (end > world.start)
        person, start, end = person[here], start[here], end[here]
        n = len(person)
        teams = len(world.practices.codes) // PRACTICES + 1
        columns: dict[str, Column] = {
            "event_date": start, "end_date": np.full(n, NO_DAY, np.int32), "team": same(team, n),
            "team_id": Words(world.lives.practice[person] // PRACTICES, [f"{letters}{i + 1:02}" for i in range(teams)]),
        }  # fmt: skip
        key = desk.keys(n)
        first = desk.sent("caseload", "caseloads", person, start + rng.integers(0, 4, n), columns, key=key)
        over = np.flatnonzero(end < world.end)
        ended = {
            name: column.at(over) if isinstance(column, Words) else column[over] for name, column in columns.items()
        }
        second = desk.sent("caseload", "caseloads", person[over], end[over] + rng.integers(0, 7, len(over)),
                           {**ended, "end_date": end[over]}, key=key[over])  # fmt: skip
        yield from revise(first, second)


def runs(person: Array, day: Array) -> tuple[Array, Array, Array]:
    """Person, first and last day of each run of visits less than :data:`APART` days apart."""
    order = np.lexsort((day, person))
    person, day = person[order], day[order].astype(np.int32)
    if not len(person):
        return person, day, day
    begins = np.r_[True, (person[1:] != person[:-1]) | (day[1:] - day[:-1] >= APART)]
    at = np.flatnonzero(begins)
    return person[at], day[at], day[np.r_[at[1:] - 1, len(day) - 1]]
