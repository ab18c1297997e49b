"""The rows that are asked for: a person at a date, and how far the record speaks for them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.record.tables import PERSON_TABLES

#: The day of an observation that has no beginning.
ALWAYS = -(2**31)


@dataclass(frozen=True)
class Rows:
    """*n* rows sorted by person, then date. Days are counted from 1970-01-01; tables in the order of ``PERSON_TABLES``.

    ``person_id`` int64 (n,), ``t`` int32 (n,), ``feeds`` uint64 (n,): masks of the tables whose feed reaches the person.
    ``observed`` int32 (n, tables): the first day for which the table speaks for the person, :data:`ALWAYS` without beginning.
    ``age`` int32 (n, tables): days by which the practice's feed is older than the area's freshest.
    """

    person_id: npt.NDArray[np.int64]
    t: npt.NDArray[np.int32]
    feeds: npt.NDArray[np.uint64]
    observed: npt.NDArray[np.int32]
    age: npt.NDArray[np.int32]

    @classmethod
    def of(cls, person_id: npt.ArrayLike, t: npt.ArrayLike, feeds: npt.ArrayLike, observed: npt.ArrayLike | None = None,
           age: npt.ArrayLike | None = None) -> Rows:  # fmt: skip
        """Rows from anything like arrays; left out, everything was always observed and every feed is as fresh as any."""
        person = np.ascontiguousarray(person_id, dtype=np.int64)
        shape = (len(person), len(PERSON_TABLES))
        return cls(
            person,
            np.ascontiguousarray(t, dtype=np.int32),
            np.ascontiguousarray(feeds, dtype=np.uint64),
            np.full(shape, ALWAYS, np.int32) if observed is None else np.ascontiguousarray(observed, dtype=np.int32),
            np.zeros(shape, np.int32) if age is None else np.ascontiguousarray(age, dtype=np.int32),
        )

    def __len__(self) -> int:
        return len(self.person_id)

    def take(self, which: slice | npt.NDArray[np.int64]) -> Rows:
        """Some of the rows, in the order asked for."""
        return Rows(self.person_id[which], self.t[which], self.feeds[which], self.observed[which], self.age[which])
