"""The true risk: the chance of an outcome given everything true of a person at *t*, seen or unseen.

Futures are replayed from the state at *t* with the same step code as the history. The event itself is held back in each
replay and its chance summed along the path instead (Rao-Blackwell), so a few replays give a smooth probability: if the
event has hazard h_k in step k of a path on which it does not happen, the chance of it is 1 - E[prod exp(-h_k)]. Death before
an admission is a competing event. What is on offer stays as it was in the year before *t*, and nobody moves away.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.population.happening.clock import date_of, day_of, steps
from features.population.happening.history import World, stream
from features.population.happening.state import NEVER, Held, Offers, State, Unlogged
from features.population.happening.step import Chances, step

HORIZONS = (30, 90, 365)
YEAR = 365
#: Outcomes and horizons of the file, in its order.
WRITTEN: tuple[tuple[str, int], ...] = (
    ("unplanned_admission", 30), ("unplanned_admission", 90), ("unplanned_admission", YEAR),
    ("unplanned_admission_or_death", YEAR), ("death", YEAR), ("deterioration", YEAR),
)  # fmt: skip
#: Replays of each kind: without admission and death; without death; without any decline.
ADMISSION_PATHS, DEATH_PATHS, DECLINE_PATHS = 4, 2, 3
CHUNK, WAITING, THREADS = 8_000, 6, 2
ADULT, OLD = 18, 65


def dates(start: date, end: date) -> list[date]:
    """Index dates: the quarters of the last two and a half years of history, and its last day."""
    first = max(start, end - timedelta(days=913))
    quarters = [date(y, m, 1) for y in range(first.year, end.year + 1) for m in (1, 4, 7, 10)]
    return [*(d for d in quarters if first <= d < end), end]


def replay(state: State, day: int, number: int, offers: Offers, held: Held, rng: np.random.Generator,
           see: Callable[[Chances, int, int], None]) -> None:  # fmt: skip
    """One year of one future, changing ``state``; ``see`` is told each step's chances."""
    for i, (start, end) in enumerate(steps(date_of(day), date_of(day + YEAR))):
        see(step(state, start, end, number + i, offers, rng, Unlogged(), held), start, end)


def probabilities(
    state: State, day: int, number: int, offers: Offers, rng: np.random.Generator
) -> dict[tuple[str, int], np.ndarray]:
    """Chance of each outcome for everyone in ``state`` at ``day``; NaN where the outcome is not for them."""
    in_hospital = state.out > day
    # Those who will die in the present stay are alive today; whether they do is not yet known to anybody.
    state.present |= (state.dies != NEVER) & (state.dies > day) & in_hospital
    survives = np.where(in_hospital, 1.0 - state.fate, 1.0)
    state.dies[:] = NEVER
    out = _admission(state, survives, day, number, offers, rng)
    out["death", YEAR] = _death(state, survives, day, number, offers, rng)
    # Old, and not in a care home already: the others have no such outcome.
    old = np.flatnonzero((state.age(day) >= OLD) & ~state.in_care_home)
    out["deterioration", YEAR] = np.full(len(state), np.nan)
    out["deterioration", YEAR][old] = _decline(state.take(old), survives[old], day, number, offers, rng)
    return out


def _paths(state: State, survives: np.ndarray, paths: int) -> tuple[State, np.ndarray]:
    """Everyone ``paths`` times over, so that all paths run as one vector."""
    return state.take(np.tile(np.arange(len(state)), paths)), np.tile(survives, paths)


def _mean(chance: np.ndarray, paths: int) -> np.ndarray:
    return chance.reshape(paths, -1).mean(axis=0) if len(chance) else chance


def _admission(state: State, survives: np.ndarray, day: int, number: int, offers: Offers,
               rng: np.random.Generator) -> dict[tuple[str, int], np.ndarray]:  # fmt: skip
    """Unplanned admission at each horizon, death competing; admission or death. Neither happens on the paths."""
    many, free = _paths(state, survives, ADMISSION_PATHS)
    chance = np.zeros(len(free))
    out: dict[tuple[str, int], np.ndarray] = {}

    def see(c: Chances, start: int, end: int) -> None:
        nonlocal chance, free
        total = (c.admission + c.death).astype(np.float64)
        share = np.divide(c.admission, total, out=np.zeros(len(total)), where=total > 0)
        for horizon in HORIZONS:
            if start < day + horizon <= end:
                part = (day + horizon - start) / (end - start)
                by_then = chance + free * share * -np.expm1(-total * part)
                out["unplanned_admission", horizon] = _mean(by_then, ADMISSION_PATHS)
        chance = chance + free * share * -np.expm1(-total)
        free = free * np.exp(-total)

    replay(many, day, number, offers, Held(admission=True, death=True), rng, see)
    out["unplanned_admission_or_death", YEAR] = _mean(1 - free, ADMISSION_PATHS)
    return out


def _death(state: State, survives: np.ndarray, day: int, number: int, offers: Offers,
           rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Death within a year: at home, or in a stay that happens on the path. Nobody dies on the paths."""
    many, alive = _paths(state, survives, DEATH_PATHS)

    def see(c: Chances, start: int, end: int) -> None:
        np.multiply(alive, np.exp(-c.death), out=alive)
        people, fatal = c.stay_deaths
        alive[people] *= 1 - fatal

    replay(many, day, number, offers, Held(death=True), rng, see)
    return _mean(1 - alive, DEATH_PATHS)


def _decline(state: State, survives: np.ndarray, day: int, number: int, offers: Offers,
             rng: np.random.Generator) -> np.ndarray:  # fmt: skip
    """Deterioration within a year: no fall admits anybody on the paths, no care begins or grows, and nobody dies."""
    many, well = _paths(state, survives, DECLINE_PATHS)

    def see(c: Chances, start: int, end: int) -> None:
        np.multiply(well, np.exp(-(c.fall_admission + c.death)), out=well)
        for people, chance in (c.stay_deaths, c.declines):
            well[people] *= 1 - chance

    replay(many, day, number, offers, Held(fall_admission=True, death=True, decline=True), rng, see)
    return _mean(1 - well, DECLINE_PATHS)


@dataclass
class _Part:
    day: int
    people: np.ndarray
    chances: dict[tuple[str, int], np.ndarray]


class Truth:
    """Works out true risks beside the history, in threads, and writes them to a folder of their own."""

    def __init__(self, world: World) -> None:
        self.days = {day_of(d) for d in dates(date_of(world.start), date_of(world.end))}
        self._tasks: list[Future[_Part]] = []
        self._pool = ThreadPoolExecutor(THREADS)
        self.parts: list[_Part] = []

    def before(self, world: World, day: int, number: int) -> None:
        """Called before each step of the history; on an index date, takes copies and sets to work."""
        if day not in self.days:
            return
        s = world.state
        offers = world.offers[0].mean(world.offers[1:])
        here = np.flatnonzero(
            (s.present | ((s.dies != NEVER) & (s.dies > day) & (s.out > day))) & (s.age(day) >= ADULT)
        )
        for i in range(0, len(here), CHUNK):
            people = here[i : i + CHUNK]
            self._tasks.append(self._pool.submit(self._work, s.take(people), people, day, number, offers,
                                                 stream(world.seed, "truth", day, i)))  # fmt: skip
            # Copies that wait take memory: no more than a few at once.
            if len(self._tasks) > WAITING:
                self.parts.append(self._tasks.pop(0).result())

    @staticmethod
    def _work(
        state: State, people: np.ndarray, day: int, number: int, offers: Offers, rng: np.random.Generator
    ) -> _Part:
        return _Part(day, people, probabilities(state, day, number, offers, rng))

    def last(self, world: World) -> None:
        """The history has ended: the risks at its last day, and all that is still being worked out."""
        self.before(world, world.end, 0)
        self.parts += [task.result() for task in self._tasks]
        self._tasks = []
        self._pool.shutdown()

    def at(self, day: int, outcome: str, horizon: int) -> tuple[np.ndarray, np.ndarray]:
        """People (indices) and their true risks at ``day``."""
        parts = [p for p in self.parts if p.day == day]
        if not parts:
            return np.empty(0, np.int64), np.empty(0)
        return (np.concatenate([p.people for p in parts]), np.concatenate([p.chances[outcome, horizon] for p in parts]))

    def write(self, folder: Path, nhs_numbers: arrow.Array) -> None:
        """``true_risk.parquet``: nhs_number, local_id (null), index_date, outcome, horizon (days), probability."""
        folder.mkdir(parents=True, exist_ok=True)
        shape = arrow.schema([("nhs_number", arrow.string()), ("local_id", arrow.string()), ("index_date", arrow.date32()),
                              ("outcome", arrow.string()), ("horizon", arrow.int32()), ("probability", arrow.float64())])  # fmt: skip
        with parquet.ParquetWriter(folder / "true_risk.parquet", shape, compression="zstd", compression_level=1,
                                   store_schema=False) as file:  # fmt: skip
            for part in self.parts:
                names = nhs_numbers.take(arrow.array(part.people))
                for (outcome, horizon), chance in part.chances.items():
                    kept = np.flatnonzero(~np.isnan(chance))
                    n = len(kept)
                    file.write_table(arrow.table([
                        names.take(arrow.array(kept)), arrow.nulls(n, arrow.string()),
                        arrow.array(np.full(n, part.day, np.int32), arrow.int32()).cast(arrow.date32()),
                        arrow.array([outcome] * n, arrow.string()), arrow.array(np.full(n, horizon, np.int32)),
                        arrow.array(np.clip(chance[kept], 0, 1)),
                    ], schema=shape))  # fmt: skip
