"""Whole feeds hidden from some of the training rows, so that a model learns to do without each.

Any feed can be missing or late somewhere. A model that has never been without one treats its absence as it treats a person whom
the feed says nothing of. So for a small share of the training rows, a practice's people at a date at a time, one feed is
taken away as if it had not come: what rests on it is absent, and what says whether it came says that it did not. Which
practice loses what is drawn by a seed and by nothing else, the same whatever the order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.coverage import BIT
from features.engine.language import Circumstance, Declared, What
from models.dataset import Dataset
from models.split import hundredth

Values = npt.NDArray[np.float32]
#: Changes a block of rows: a copy of their predictors (b, p) that it may write to, and their positions (b,) in the data set.
Change = Callable[[Values, npt.NDArray[np.int64]], Values]
#: What training does to a data set's predictors before the model sees them.
Augment = Callable[[Dataset], Change]

#: Feeds that come together, and so go together; every other table comes by itself, and these may too.
TOGETHER = (
    ("gp_event", "prescription", "gp_contact"), ("spell", "diagnosis"), ("community_contact", "caseload"),
    ("social_care", "home_care_week"),
)  # fmt: skip
#: Without these there is no cohort: they are never hidden.
ALWAYS = ("person", "registration", "death")
#: Share of the training rows from which each feed is taken.
EACH = 0.015
#: Groups of rows at least among which the draw is made: where practices and dates are fewer, each is cut by a hash of its people, so
#: that no feed goes from many rows at once.
GROUPS = 400
_SALT = 0xFEED_0F_9EA7


@dataclass(frozen=True)
class FeedsOff:
    """Predictors by the feeds they rest on. ``absent``: columns that are absent without a table (a number put together from several
    tables is absent without any of them); ``fed``: columns that say whether it came."""

    absent: dict[str, npt.NDArray[np.int64]]
    fed: dict[str, npt.NDArray[np.int64]]
    each: float = EACH
    seed: int = 20240403

    @classmethod
    def of(cls, predictors: Sequence[Declared], each: float = EACH) -> FeedsOff:
        """Of the declarations behind a data set's columns, in their order."""
        absent: dict[str, list[int]] = {}
        fed: dict[str, list[int]] = {}
        for column, predictor in enumerate(predictors):
            for table in predictor.tables:
                absent.setdefault(table, []).append(column)
            if isinstance(predictor, Circumstance) and predictor.what is What.FED and predictor.table:
                fed.setdefault(predictor.table, []).append(column)
        arrays = [{table: np.array(columns, np.int64) for table, columns in held.items()} for held in (absent, fed)]
        return cls(arrays[0], arrays[1], each)

    @cached_property
    def feeds(self) -> tuple[tuple[str, ...], ...]:
        """What may be taken away: each table that a predictor reads, and the tables that come together."""
        read = [table for table in BIT if table in self.absent and table not in ALWAYS]
        return (*((table,) for table in read), *(some for some in TOGETHER if set(some) & set(read)))

    def __call__(self, data: Dataset) -> Change:
        gone = self.drawn(data)
        return lambda values, rows: self.hide(values, gone[rows])

    def drawn(self, data: Dataset) -> npt.NDArray[np.uint64]:
        """Mask of the tables taken from each row (n,); 0 for most."""
        came = int(np.bitwise_or.reduce(data.feeds)) if len(data) else 0
        feeds = [mask for mask in map(mask_of, self.feeds) if mask & came]
        group, keys = groups(data)
        order = sorted(range(len(keys)), key=lambda g: hashlib.sha256(f"{self.seed}|{keys[g]}".encode()).digest())
        many = max(1, round(self.each * len(keys)))
        taken = np.zeros(len(keys), np.uint64)
        for place, g in enumerate(order[: many * len(feeds)]):
            taken[g] = feeds[place % len(feeds)]
        found: npt.NDArray[np.uint64] = taken[group]
        return found

    def hide(self, values: Values, gone: npt.NDArray[np.uint64]) -> Values:
        """``values`` (b, p), changed, without the tables ``gone`` (b,) from each row."""
        for mask in np.unique(gone[gone > 0]):
            rows = np.flatnonzero(gone == mask)
            tables = [table for table, bit in BIT.items() if int(mask) >> bit & 1]
            for columns, value in ((self.absent, np.nan), (self.fed, 0.0)):
                at = np.unique(np.concatenate([columns.get(table, np.zeros(0, np.int64)) for table in tables]))
                values[np.ix_(rows, at.astype(np.int64))] = value
        return values

    def without(self, data: Dataset, tables: Iterable[str]) -> Dataset:
        """The data set as it would be had ``tables`` not come to anybody."""
        mask = np.uint64(mask_of(tables))
        values = self.hide(np.array(data.X), np.full(len(data), mask))
        return replace(data, X=values, feeds=data.feeds & ~mask)


def groups(data: Dataset) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The group of each row (n,), and each group's name: a practice at a date, or a part of its people."""
    practice, practices = pd.factorize(data.slices["practice"], sort=True)
    day, days = pd.factorize(data.index_date.astype("datetime64[D]"), sort=True)
    parts = min(100, -(-GROUPS // max(1, len(practices) * len(days))))
    part = hundredth(data.person_id, _SALT) * parts // 100
    group, held = pd.factorize((practice * len(days) + day) * parts + part, sort=True)
    names = [f"{practices[g // parts // len(days)]}|{days[g // parts % len(days)]}|{g % parts}" for g in held.tolist()]
    return group.astype(np.int64), names


def mask_of(tables: Iterable[str]) -> int:
    """Mask of the record's tables named."""
    return sum(1 << BIT[table] for table in set(tables))
