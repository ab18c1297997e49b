"""What a model is trained and judged on: a matrix of predictors, what happened, and whom each row is about."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import BadInput

#: Columns of :attr:`Dataset.slices`: what performance is shown by.
SLICES = ("age_band", "sex", "imd_fifth", "ethnicity", "practice", "care_home")
#: Values of a block.
BLOCK = 8_000_000


@dataclass(frozen=True)
class Dataset:
    """One row a person and index date; a person may have several.

    - ``X`` float32 (n, p), NaN where a predictor is absent; ``names`` and ``fingerprints`` of its p columns
    - ``y`` float64 (n,), 1 or 0: rows whose outcome is not known do not come here
    - ``person_id`` int64 (n,), ``index_date`` datetime64[D] (n,)
    - ``slices`` (n rows): the columns of :data:`SLICES` as text, and ``prior_emergency`` (bool: an emergency admission in the two
      years before)
    - ``past`` float64 (n, 2): emergency admissions in the last year, and age, by which the plainest rule ranks
    - ``feeds`` uint64 (n,): mask of the record's tables that reached the person
    - ``truth`` float64 (n,): the true probability, known of simulated people alone; NaN where it is not
    - ``weight`` float64 (n,), over 0: for how many people's rows this one stands (itself, and those like it whose outcome is not
      known); None where each stands for itself
    - ``about``: what data it is from (``kind``, ``title``), the ``outcome``, ``horizon`` and whatever a report should say

    :class:`BadInput` where the parts do not fit together.
    """

    X: npt.NDArray[np.float32]
    y: npt.NDArray[np.float64]
    names: tuple[str, ...]
    fingerprints: tuple[str, ...]
    person_id: npt.NDArray[np.int64]
    index_date: npt.NDArray[np.datetime64]
    slices: pd.DataFrame
    past: npt.NDArray[np.float64]
    feeds: npt.NDArray[np.uint64]
    truth: npt.NDArray[np.float64] | None = None
    weight: npt.NDArray[np.float64] | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows, columns = len(self.y), len(self.names)
        shapes = {
            "X": (self.X.shape, (rows, columns)), "fingerprints": ((len(self.fingerprints),), (columns,)),
            "person_id": (self.person_id.shape, (rows,)), "index_date": (self.index_date.shape, (rows,)),
            "slices": ((len(self.slices),), (rows,)), "past": (self.past.shape, (rows, 2)), "feeds": (self.feeds.shape, (rows,)),
            "truth": ((rows,) if self.truth is None else self.truth.shape, (rows,)),
            "weight": ((rows,) if self.weight is None else self.weight.shape, (rows,)),
        }  # fmt: skip
        for part, (found, expected) in shapes.items():
            if found != expected:
                raise BadInput(f"a data set of {rows} rows and {columns} predictors: expected {part} of shape {expected}, found {found}")  # fmt: skip
        if self.X.dtype != np.float32:
            raise BadInput(f"expected predictors as float32, found {self.X.dtype}")
        if any(np.isinf(block).any() for block in blocks(self.X)):
            raise BadInput("a predictor is infinite: expected a number, or NaN where it is absent")
        if not np.isin(self.y, (0.0, 1.0)).all():
            raise BadInput("expected outcomes of 0 or 1: rows whose outcome is not known have no place in a data set")
        if self.weight is not None and not (np.isfinite(self.weight) & (self.weight > 0)).all():
            raise BadInput("expected weights of rows that are numbers over 0")
        if len(set(self.names)) != columns:
            raise BadInput("two predictors have one name")
        missing = [name for name in (*SLICES, "prior_emergency") if name not in self.slices]
        if missing:
            raise BadInput(f"expected slices by {', '.join(missing)}, found none")

    def __len__(self) -> int:
        return len(self.y)

    @cached_property
    def people(self) -> int:
        return len(np.unique(self.person_id))

    @property
    def events(self) -> int:
        return int(self.y.sum())

    @property
    def dates(self) -> list[str]:
        """The index dates, in order, as text."""
        return [str(day) for day in np.unique(self.index_date.astype("datetime64[D]"))]

    @cached_property
    def fingerprint(self) -> str:
        """Hash of all rows and columns: equal fingerprints train the same model."""
        digest = hashlib.sha256("\n".join((*self.names, *self.fingerprints)).encode())
        days = self.index_date.astype("datetime64[D]").astype(np.int64)
        for part in (self.person_id, days, self.y, *blocks(self.X), *(() if self.weight is None else (self.weight,))):
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()

    def take(self, rows: npt.NDArray[Any]) -> Dataset:
        """The rows chosen, by a mask or by position. One stretch of rows, in order, is not copied."""
        at = stretch(rows)
        return replace(
            self,
            X=self.X[at],
            y=self.y[at],
            person_id=self.person_id[at],
            index_date=self.index_date[at],
            slices=self.slices.loc[self.slices.index[at]].reset_index(drop=True),
            past=self.past[at],
            feeds=self.feeds[at],
            truth=None if self.truth is None else self.truth[at],
            weight=None if self.weight is None else self.weight[at],
        )


def stretch(rows: npt.NDArray[Any]) -> npt.NDArray[np.int64] | slice:
    """Positions of rows chosen by a mask or by position; a slice where they follow one another."""
    at = np.flatnonzero(rows) if rows.dtype == bool else rows
    if len(at) and at[-1] - at[0] == len(at) - 1 and (np.diff(at) == 1).all() and at[0] >= 0:
        return slice(int(at[0]), int(at[-1]) + 1)
    return at


def blocks(X: npt.NDArray[np.float32]) -> Iterator[npt.NDArray[np.float32]]:
    """A matrix block by block, so that what is worked out of it is never as large as it is."""
    size = max(1, BLOCK // max(1, X.shape[1]))
    yield from (X[start : start + size] for start in range(0, len(X), size))
