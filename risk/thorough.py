"""What a validation can show that takes long: what each feed adds, practices left out, glass-box challengers, every date, and PARR-30
on the same discharges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from features.errors import FrailtyError, Refused
from features.outcomes import Outcome, named, usable_dates
from features.predictors import CATALOGUE
from features.progress import SILENT, Progress
from features.record.reader import Record
from models import refits
from models.augment import FeedsOff
from models.background import background
from models.bundle import Bundle
from models.dataset import Dataset
from models.fairness import fairness
from models.intervals import TIMES
from models.listing import Lists, competing
from models.split import hundredth, part_of
from models.train import Recipe
from risk.dataset import Wanted, gather
from risk.discharges import readmissions
from risk.drivers import Told, driver_of

#: Dates at which the model is tried for whether it keeps, at most: the latest.
DATES = 8


def thorough(
    record: Record,
    bundle: Bundle,
    test: Dataset,
    rows: int = refits.ROWS,
    times: int = TIMES,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Everything that takes long, ready for JSON: ``feeds_added``, ``feeds_off``, ``practices_left_out``, ``challengers``,
    ``background``, ``through_time``, ``fairness`` (as fairlearn gives it) and ``discharges``;
    ``practices`` says how many there are. A part that cannot be had says why under ``not_had``
    and takes no other with it. ``test`` holds the model's own predictors in its order."""
    outcome = named(bundle.outcome)
    off = FeedsOff.of(bundle.check(CATALOGUE))
    recipe = Recipe(threads=bundle.threads)

    def score(data: Dataset) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        raw = bundle.raw(data.X)
        return raw, bundle.probability(raw, data.feeds)

    learn = _learning(record, bundle, outcome, rows, progress)
    lists = Lists(score(test)[0], competing(test.slices["practice"], test.index_date))
    listed = lists.taken(np.ones((1, len(test))))[0] > 0
    parts = {
        "feeds_off": lambda: refits.feeds_off(test, score, off, times, progress),
        "feeds_added": lambda: refits.feeds_added(learn, test, off, recipe, times, progress),
        "practices_left_out": lambda: refits.practices_left_out(learn, test, score, recipe, times, progress),
        "challengers": lambda: refits.challengers(learn, test, recipe, times, progress),
        "background": lambda: background(learn, test, who(learn.names), recipe, times, progress),
        "through_time": lambda: refits.through_time(
            _at_all_dates(record, bundle, outcome, progress), score, times, progress
        ),
        "fairness": lambda: fairness(test.slices, test.y, listed),
        "discharges": lambda: readmissions(record, bundle, times, progress),
    }
    practices = int(test.slices["practice"].nunique())
    found: dict[str, Any] = {"rows": len(learn), "people": learn.people, "practices": practices, "not_had": {}}
    for name, part in parts.items():
        try:
            found[name] = part()
        except FrailtyError as error:
            found["not_had"][name] = str(error)
    return found


def who(names: Sequence[str]) -> tuple[str, ...]:
    """Those of the predictors that say who somebody is or where they live: of the background, what is not about the record itself."""
    each = ((name, driver_of(name)) for name in names)
    return tuple(name for name, driver in each if driver.told is Told.BACKGROUND and driver.name != "record")


def _learning(record: Record, bundle: Bundle, outcome: Outcome, rows: int, progress: Progress) -> Dataset:
    """Training people at the training dates, at most so many rows; the model's predictors in its order."""
    days = tuple(date.fromisoformat(day) for day in bundle.dates["train"])

    def keep(person: npt.NDArray[np.int64], _: npt.NDArray[np.datetime64]) -> npt.NDArray[np.bool_]:
        held = part_of(person) == "train"
        at = hundredth(person, _SALT)
        sizes = np.cumsum(np.bincount(at[held], minlength=100))
        upto = int(np.searchsorted(sizes, rows, side="right"))
        chosen: npt.NDArray[np.bool_] = held & (at < max(1, upto))
        return chosen

    return as_trained(
        gather(record, Wanted(outcome, bundle.horizon, days, bundle.minimum_age, keep), progress).data, bundle
    )


_SALT = 0x70_0F_9EA7


def _at_all_dates(record: Record, bundle: Bundle, outcome: Outcome, progress: Progress) -> Dataset:
    """The people who never train, at each of the latest dates that the record can tell."""
    days: Sequence[date] = usable_dates(record, outcome, bundle.horizon)[-DATES:]
    if not days:
        raise Refused(f"the record can tell {outcome.name} within {bundle.horizon} days at no date")
    wanted = Wanted(outcome, bundle.horizon, days, bundle.minimum_age, lambda person, _: part_of(person) == "test")
    return as_trained(gather(record, wanted, progress).data, bundle)


def as_trained(data: Dataset, bundle: Bundle) -> Dataset:
    """The predictors that the model knows, in its order."""
    from dataclasses import replace

    where = {name: i for i, name in enumerate(data.names)}
    columns = [where[name] for name in bundle.names]
    return replace(data, X=data.X[:, columns], names=bundle.names, fingerprints=bundle.fingerprints)
