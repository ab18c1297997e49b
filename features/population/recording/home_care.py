"""What the home-care agencies' call monitoring sends every week: visits planned and made, and how many carers shared them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.population.happening.history import stream
from features.population.happening.spans import Columns
from features.population.recording.desk import Desk
from features.population.recording.rows import Array, Column, Rows

WEEK = 7
#: Visits for an hour of care; the usual length of one in minutes; the share that is not made.
VISITS_AN_HOUR, MINUTES, MISSED = 2, 30, 0.025


def rows(desk: Desk, packages: Columns, stays: Columns, went: Array) -> Iterator[Rows]:
    """``home_care_week`` rows of the packages that agencies deliver. Nobody is visited in hospital."""
    by_agency = np.flatnonzero(~packages["direct"])
    if not len(by_agency):
        return
    world, rng = desk.world, stream(desk.world.seed, "home care")
    begins = _monday(np.maximum(packages["day"][by_agency], world.start))
    stops = np.minimum(np.minimum(packages["end"][by_agency], world.end), went[packages["person"][by_agency]])
    weeks = np.maximum(0, (stops - begins) // WEEK).astype(np.int64)
    span = np.repeat(by_agency, weeks)
    monday = (np.repeat(begins, weeks) + WEEK * _within(weeks)).astype(np.int32)
    person, hours = packages["person"][span], packages["hours"][span].astype(np.float64)
    n = len(person)
    planned = np.round(hours * VISITS_AN_HOUR).astype(np.int32)
    at_home = np.round(planned * (WEEK - _away(person, monday, stays)) / WEEK).astype(np.int32)
    # Each person's agency has its own trouble in finding the same carers, and in coming at all.
    trouble = rng.gamma(2.0, 0.5, world.people)[person]
    made = rng.binomial(at_home, np.clip(1 - MISSED * trouble, 0.6, 1)).astype(np.int32)
    carers = np.where(made > 0, 1 + rng.binomial(np.maximum(made - 1, 0), np.clip(0.25 * trouble, 0.03, 0.6)), 0)
    length = MINUTES * np.clip(rng.normal(0.87, 0.12, world.people)[person] + rng.normal(0, 0.06, n), 0.4, 1.3)
    columns: dict[str, Column] = {
        "event_date": monday, "event_time": np.full(n, -1, np.int32), "visits_planned": planned, "visits_made": made,
        "carers": carers.astype(np.int32), "minutes": np.round(made * length),
    }  # fmt: skip
    yield desk.sent("home_care_week", "call_monitoring", person, monday + WEEK - 1, columns, council=True)


def _monday(day: Array) -> Array:
    """The first Monday from each day on; 5 January 1970 was one."""
    return (day + (4 - day) % WEEK).astype(np.int32)


def _within(counts: Array) -> Array:
    """0, 1, 2 … of each count, one after another."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def _away(person: Array, monday: Array, stays: Columns) -> Array:
    """Days of each week, by person and Monday, that its person spent in hospital."""
    away = np.zeros(len(person), np.int32)
    if not stays:
        return away
    of = np.isin(stays["person"], person)
    who, day, end = stays["person"][of].astype(np.int64), stays["day"][of], stays["end"][of]
    wide = np.int64(1) << 20
    place = person.astype(np.int64) * wide + monday
    first = np.searchsorted(place, who * wide + day - WEEK + 1)
    counts = np.maximum(0, np.searchsorted(place, who * wide + end) - first)
    stay, week = np.repeat(np.arange(len(who)), counts), np.repeat(first, counts) + _within(counts)
    overlap = np.minimum(end[stay], monday[week] + WEEK) - np.maximum(day[stay], monday[week])
    np.add.at(away, week, overlap.astype(np.int32))
    return np.minimum(away, WEEK)
