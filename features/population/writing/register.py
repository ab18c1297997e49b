"""Whom a sender knows, and as whom: its own numbers, and the particulars that it holds, right or wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

#: What an entry says of a person, beside ``local_id``.
SAID = ("nhs_number", "given_name", "family_name", "birth_date", "sex", "address", "postcode", "ethnicity")


@dataclass
class Register:
    """``entries``: one row an entry, with ``person`` (the true index), ``local_id``, :data:`SAID` (as the sender has them),
    ``true_nhs_number`` and ``error`` (names of :class:`~features.population.writing.dirt.Dirt`'s rates, or null)."""

    sender: str
    entries: pd.DataFrame
    _first: npt.NDArray[np.int64] = field(init=False, repr=False)
    _second: npt.NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        person = self.entries["person"].to_numpy()
        size = int(person.max()) + 1 if len(person) else 0
        self._first, self._second = np.full(size, -1), np.full(size, -1)
        rows = np.arange(len(person))
        self._second[person] = rows
        self._first[person[::-1]] = rows[::-1]

    def of(self, person: npt.NDArray[np.int64], rng: np.random.Generator | None = None) -> pd.DataFrame:
        """The entry under which each row of a person stands (``person``: indices; all in the register): with ``rng``, either
        of two where there are two."""
        rows = self._first[person]
        if rng is not None:
            rows = np.where(rng.random(len(person)) < 0.5, rows, self._second[person])
        return self.entries.iloc[rows].reset_index(drop=True)
