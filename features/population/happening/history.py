"""The history: a year to settle that nobody sees, then step after step, handed on half a year at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from features.population.geography import Practices, SmallAreas, make_areas, make_practices
from features.population.happening import activity, care, moves
from features.population.happening.clock import date_of, day_of, steps, years_before
from features.population.happening.founding import Lives, found
from features.population.happening.state import Log, Offers, State
from features.population.happening.step import step

PERIOD = 12
Events = dict[str, dict[str, np.ndarray[Any, Any]]]


@dataclass
class World:
    """The area and its people at one moment, and what was on offer in the last year."""

    people: int
    seed: int
    start: int
    end: int
    practices: Practices
    areas: SmallAreas
    state: State
    lives: Lives
    log: Log = field(default_factory=Log)
    offers: list[Offers] = field(default_factory=list)


@dataclass(frozen=True)
class Period:
    """True events of ``[start, end)``. ``settling`` ones happened before anyone kept records."""

    start: int
    end: int
    settling: bool
    events: Events


def begin(people: int, seed: int, years: int, end: date) -> World:
    """The area as it is a year before its history begins."""
    start = years_before(end, years)
    start = start if start.day == 1 else (start.replace(day=28) + timedelta(days=4)).replace(day=1)
    practices = make_practices(people, stream(seed, "practices"))
    areas = make_areas(people)
    log = Log()
    before = day_of(years_before(start, 1))
    state, lives = found(people, before, day_of(end), practices, areas, stream(seed, "founding"), log)
    world = World(people, seed, day_of(start), day_of(end), practices, areas, state, lives, log)
    there = np.flatnonzero(state.present)
    moves.settle(state, lives, there, log, stream(seed, "settling"))
    return world


def stream(seed: int, name: str, *more: int) -> np.random.Generator:
    """A generator of its own for each named purpose, so that one's draws never shift another's."""
    return np.random.Generator(np.random.SFC64([seed, *name.encode(), *more]))


def length(world: World) -> int:
    """Number of steps that ``run`` takes."""
    return sum(len(part) for part in _steps(world))


def _steps(world: World) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Steps of the unseen year, and of the history proper."""
    start = date_of(world.start)
    return steps(years_before(start, 1), start), steps(start, date_of(world.end))


def run(
    world: World, before: Callable[[World, int, int, int], None], advance: Callable[[], None] = lambda: None
) -> Iterator[Period]:
    """The history of ``world``, half a year at a time. ``before`` is called with the number, first and last day of every
    step of the history proper, before it happens; it must change nothing."""
    settling, proper = _steps(world)
    rng = stream(world.seed, "lives")
    everyday = activity.Activity(world.state, stream(world.seed, "activity"))
    opened, s = settling[0][0], world.state
    for number, (start, end) in enumerate([*settling, *proper]):
        seen = start >= world.start
        offers = care.offers_now(s, start)
        world.offers = [*world.offers[-23:], offers]
        if seen:
            before(world, number, start, end)
        newcomers = moves.arrive(s, world.lives, start, end, world.log)
        if seen:
            everyday.brought(newcomers, world.lives.comes[newcomers], start, world.log)
            moves.move(s, world.lives, start, end, world.practices, world.areas, rng, world.log)
        chances = step(s, start, end, number, offers, rng, world.log)
        if seen:
            everyday.step(chances, start, end, number, world.log)
        advance()
        if end in (world.start, world.end) or (seen and (number + 1 - len(settling)) % PERIOD == 0):
            yield Period(opened, end, not seen, world.log.take())
            opened = end
