"""Whether people whose record did not change keep their reasons from one run to the next.

A team that is given other reasons each week for the same person learns to read none. Compared are the drivers that a run names first, of
people whose values are the same in both runs but for what the calendar alone moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as parquet

from features.engine.language import Kind
from features.errors import Refused, WrongUsage
from risk.drivers import DRIVERS, Told, driver_of
from risk.run import folder

#: How many drivers are compared, and how much the weight of a place falls from one to the next.
TOP, PERSISTENCE = 5, 0.8
#: People compared at most: the first by number, who are nobody in particular.
MOST = 20_000
#: Predictors that move with the calendar while the person's facts stay.
CALENDAR = (Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST, Kind.YEARS)


@dataclass(frozen=True)
class Stability:
    """Of ``people`` whose values were the same: the mean Jaccard index of their first five drivers, the mean rank-biased overlap, and the
    share whose first driver stayed; None where there was nobody."""

    people: int
    jaccard: float | None
    overlap: float | None
    same_first: float | None

    @property
    def as_json(self) -> dict[str, Any]:
        return {"people": self.people, "jaccard": self.jaccard, "overlap": self.overlap, "same_first": self.same_first}


def jaccard(first: Sequence[Any], second: Sequence[Any]) -> float:
    """What two lists share of all that they hold; 1 where both are empty."""
    union = {*first, *second}
    return len({*first} & {*second}) / len(union) if union else 1.0


def rank_biased_overlap(first: Sequence[Any], second: Sequence[Any], persistence: float = PERSISTENCE) -> float:
    """How alike two ranked lists are, 0-1, the first places counting most (Webber, Moffat and Zobel 2010, extrapolated to lists of
    any length from what is seen of them: their equation 32 for lists of one length)."""
    depth = max(len(first), len(second))
    if not depth:
        return 1.0
    shared = [len({*first[:d]} & {*second[:d]}) / d for d in range(1, depth + 1)]
    seen = sum(at * persistence**d for d, at in enumerate(shared, start=1))
    return float(shared[-1] * persistence**depth + (1 - persistence) / persistence * seen)


def between(runs: Path, first: int, second: int) -> Stability:
    """The stability of reasons from run ``first`` to run ``second``; :class:`WrongUsage` where they are of different models or were not
    explained with the same predictors."""
    before, after = (folder.manifest(runs, number) for number in (first, second))
    if before["model"] != after["model"] or before["predictors"] != after["predictors"]:
        raise WrongUsage(
            f"expected two runs of one model, found {before['model']['name']} version {before['model']['version']} in run {first} and "
            f"{after['model']['name']} version {after['model']['version']} in run {second}; a new model gives new reasons"
        )
    names = list(after["predictors"])
    held = [_read(runs / str(number), names) for number in (first, second)]
    (people, values, moved), (others, later, moved_later) = held
    _shared, here, there = np.intersect1d(people, others, return_indices=True)
    lasting = ~_of_the_calendar(names)
    same = _equal(values[here][:, lasting], later[there][:, lasting])
    here, there = here[same][:MOST], there[same][:MOST]
    if not len(here):
        return Stability(0, None, None, None)
    pairs = list(zip(top(moved[here], names), top(moved_later[there], names), strict=True))
    return Stability(
        len(pairs),
        float(np.mean([jaccard(*pair) for pair in pairs])),
        float(np.mean([rank_biased_overlap(*pair) for pair in pairs])),
        float(np.mean([one[:1] == other[:1] for one, other in pairs])),
    )


def top(contributions: npt.NDArray[np.floating[Any]], names: Sequence[str]) -> list[list[str]]:
    """The drivers (no more than five) that raise each person's score most, of those that may be a reason; contributions (n, p)."""
    drivers = [driver for driver in DRIVERS if driver.told is Told.REASON]
    place = {driver.name: n for n, driver in enumerate(drivers)}
    of = [place.get(driver_of(name).name) for name in names]
    totals = np.zeros((len(contributions), len(drivers)))
    for column, driver in enumerate(of):
        if driver is not None:
            totals[:, driver] += contributions[:, column]
    order = np.argsort(-totals, axis=1, kind="stable")[:, :TOP]
    return [[drivers[j].name for j in row if totals[i, j] > 0] for i, row in enumerate(order)]


def _of_the_calendar(names: Sequence[str]) -> npt.NDArray[np.bool_]:
    from features.predictors import CATALOGUE

    declared = {predictor.name: predictor for predictor in CATALOGUE}
    moving = [
        getattr(declared[name], "kind", None) in CALENDAR or driver_of(name).name == "record"
        if name in declared
        else False
        for name in names
    ]
    return np.array(moving, bool)


def _read(
    run: Path, names: list[str]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """People, their values and their contributions; :class:`Refused` of a run that keeps them no more."""
    if not (run / folder.VALUES).is_file():
        raise Refused(f"run {run.name} keeps nobody's values any more (setting full_score_runs); compare newer runs")
    values, moved = (
        parquet.read_table(run / name, columns=["person_id", *names]) for name in (folder.VALUES, folder.CONTRIBUTIONS)
    )
    people = values["person_id"].to_numpy()
    return people, *(np.column_stack([held[name].to_numpy() for name in names]) for held in (values, moved))


def _equal(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    return ((first == second) | (np.isnan(first) & np.isnan(second))).all(axis=1)
