"""Marks of the people acted on, for a refit: from the lists that were published, from what meetings
decided, or from a file of the area's own."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

from features.coding import NHS_NUMBER
from features.errors import BadInput, WrongUsage
from features.linkage.identity import NOBODY, IdentityStore
from models.acted import Marks, Way, without_effect
from models.bundle import Bundle
from models.dataset import Dataset
from risk import store as stores
from risk.dataset import Sample
from risk.decisions import timeline
from risk.settings import Settings

#: In place of a file: everybody on a published list counts as acted on from the run's index date.
PUBLISHED = "published"
#: In place of a file: whom meetings accepted, and whatever a team did about anybody, from the day on which it was written.
DECISIONS = "decisions"
COLUMNS = ["nhs_number", "acted_on"]


def treated(sample: Sample, settings: Settings, given: str, way: Way, name: str) -> Sample:
    """The rows from which a refit of the model ``name`` may learn; what was left out is told in the flow, under ``acted_on``.

    ``given``: :data:`PUBLISHED`, :data:`DECISIONS`, or a file. :class:`WrongUsage` where rows are to be weighted and no model is live that drew the lists.
    """
    score = _live_scores(sample.data, settings, name) if way == "weight" else None
    data, said = without_effect(sample.data, marks(settings, given), way, score)
    used = {"rows": len(data), "people": data.people, "events": data.events}
    return replace(sample, data=data, flow={**sample.flow, "acted_on": said, "used": used})


def marks(settings: Settings, given: str) -> Marks:
    """Who was acted on and when."""
    if given == PUBLISHED:
        return published(settings)
    if given == DECISIONS:
        done = timeline.acted_on(stores.open(settings))
        return _marks([person for person, _ in done], [day for _, day in done])
    return from_file(settings, Path(given))


def published(settings: Settings) -> Marks:
    """Everybody on the lists of published runs, and of those withdrawn later, from each run's index date: a team may have acted before
    the list was taken back. Whoever was held out was on none."""
    store = stores.open(settings)
    people: list[int] = []
    days: list[date] = []
    for run in store.runs("published", "withdrawn"):
        listed = sorted(store.people_listed(run["number"]))
        people += listed
        days += [run["index_date"]] * len(listed)
    return _marks(people, days)


def from_file(settings: Settings, path: Path) -> Marks:
    """From a CSV of ``nhs_number`` and ``acted_on`` (YYYY-MM-DD). People whom the record does not know are left out.

    :class:`BadInput` names the line that does not fit, and never what is on it.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.reader(file)
            header = next(rows, [])
            if header != COLUMNS:
                raise BadInput(f"{path}: expected the columns {', '.join(COLUMNS)}, found others")
            told = [_told(path, number, row) for number, row in enumerate(rows, 2)]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"expected a list of people acted on in {path}, and cannot read it") from error
    if not told:
        return _marks([], [])
    numbers = arrow.array([number for number, _ in told], arrow.string())
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        people = identity.find(numbers, "acted", arrow.nulls(len(told), arrow.string()))
    known = people != NOBODY
    return _marks(people[known].tolist(), [day for (_, day), held in zip(told, known.tolist(), strict=True) if held])


def _told(path: Path, line: int, row: list[str]) -> tuple[str, date]:
    number = row[0].replace(" ", "") if len(row) == len(COLUMNS) else ""
    try:
        if not NHS_NUMBER.well_formed(number):
            raise ValueError
        return number, date.fromisoformat(row[1])
    except (ValueError, IndexError) as error:
        raise BadInput(
            f"{path}, line {line}: expected an NHS number and a day as YYYY-MM-DD, found something else"
        ) from error


def _marks(people: list[int], days: list[date]) -> Marks:
    return Marks(np.array(people, np.int64), np.array(days, "datetime64[D]"))


def _live_scores(data: Dataset, settings: Settings, name: str) -> npt.NDArray[np.float64]:
    live = stores.open(settings).live_release(name)
    if live is None:
        raise WrongUsage(f"people acted on are weighted by the score that drew the lists, and no version of {name} is live; leave them out instead (exclude)")  # fmt: skip
    bundle = Bundle.load(settings.bundles / name / str(live["version"]), sha256=live["bundle_sha256"])
    where = {held: i for i, held in enumerate(data.names)}
    if missing := [held for held in bundle.names if held not in where]:
        raise WrongUsage(f"the live version of {name} needs predictors that are declared no more ({', '.join(missing[:5])}); leave people acted on out instead (exclude)")  # fmt: skip
    return bundle.raw(data.X[:, [where[held] for held in bundle.names]])
