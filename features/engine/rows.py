"""The rows that are asked for: a person at a date, and how far the record speaks for them there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from features.record.tables import PERSON_TABLES

#: The day of an observation that has no beginning.
ALWAYS = -(2**31)


@dataclass(frozen=True)
class Spoken:
    """How far tables speak at some places (a practice at a date), in the order of ``PERSON_TABLES``.

    ``since`` int32 (places, tables): the first day for which a table speaks there, :data:`ALWAYS` without beginning. ``age`` int32
    (places, tables): days by which the practice's feed is older than the area's freshest. ``stays`` bool (tables,): whether a table
    speaks for a person only from when they came.
    """

    since: npt.NDArray[np.int32]
    age: npt.NDArray[np.int32]
    stays: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """*n* rows sorted by person, then date. Days are counted from 1970-01-01.

    ``person_id`` int64 (n,), ``t`` int32 (n,), ``feeds`` uint64 (n,): masks of the tables whose feed reaches the person.
    ``place`` int32 (n,): the person's place among those ``spoken`` of; ``came`` int32 (n,): the day on which they came,
    :data:`ALWAYS` where that is not known.
    """

    person_id: npt.NDArray[np.int64]
    t: npt.NDArray[np.int32]
    feeds: npt.NDArray[np.uint64]
    place: npt.NDArray[np.int32]
    came: npt.NDArray[np.int32]
    spoken: Spoken

    @classmethod
    def of(cls, person_id: npt.ArrayLike, t: npt.ArrayLike, feeds: npt.ArrayLike, observed: npt.ArrayLike | None = None,
           age: npt.ArrayLike | None = None) -> Rows:  # fmt: skip
        """Rows from anything like arrays, ``observed`` and ``age`` (rows × tables) said of each; left out, everything was always
        observed and every feed is as fresh as any."""
        person = np.ascontiguousarray(person_id, dtype=np.int64)
        said = observed is not None or age is not None
        shape = (len(person) if said else 1, len(PERSON_TABLES))
        spoken = Spoken(
            np.full(shape, ALWAYS, np.int32) if observed is None else np.ascontiguousarray(observed, dtype=np.int32),
            np.zeros(shape, np.int32) if age is None else np.ascontiguousarray(age, dtype=np.int32),
            np.zeros(len(PERSON_TABLES), dtype=np.bool_),
        )
        return cls(
            person,
            np.ascontiguousarray(t, dtype=np.int32),
            np.ascontiguousarray(feeds, dtype=np.uint64),
            np.arange(len(person), dtype=np.int32) if said else np.zeros(len(person), np.int32),
            np.full(len(person), ALWAYS, np.int32),
            spoken,
        )

    def __len__(self) -> int:
        return len(self.person_id)

    @property
    def observed(self) -> npt.NDArray[np.int32]:
        """int32 (n, tables): the first day for which each table speaks for the person, :data:`ALWAYS` without beginning."""
        since = self.spoken.since[self.place]
        return np.where(self.spoken.stays, np.maximum(since, self.came[:, None]), since)

    def take(self, which: slice | npt.NDArray[np.int64]) -> Rows:
        """Some of the rows, in the order asked for."""
        return Rows(
            self.person_id[which], self.t[which], self.feeds[which], self.place[which], self.came[which], self.spoken
        )
