"""What a model is trained and judged on: a matrix of predictors, what happened, and whom each row is about."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.errors import BadInput

#: Columns of :attr:`Dataset.slices`: what performance is shown by.
SLICES = ("age_band", "sex", "imd_fifth", "ethnicity", "practice", "care_home")


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
        if np.isinf(self.X).any():
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
        for part in (self.person_id, days, self.y, self.X):
            digest.update(np.ascontiguousarray(part).tobytes())
        if self.weight is not None:
            digest.update(np.ascontiguousarray(self.weight).tobytes())
        return digest.hexdigest()

    def take(self, rows: npt.NDArray[Any]) -> Dataset:
        """The rows chosen, by a mask or by position."""
        return replace(
            self,
            X=self.X[rows],
            y=self.y[rows],
            person_id=self.person_id[rows],
            index_date=self.index_date[rows],
            slices=self.slices.loc[self.slices.index[rows]].reset_index(drop=True),
            past=self.past[rows],
            feeds=self.feeds[rows],
            truth=None if self.truth is None else self.truth[rows],
            weight=None if self.weight is None else self.weight[rows],
        )
