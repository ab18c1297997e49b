"""Rows on their way to a writer: columns of numbers, and words by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as arrow

Array = npt.NDArray[Any]
#: No day, where a day may be missing.
NO_DAY = np.int32(-(2**30))


@dataclass(frozen=True)
class Words:
    """A text column: ``number`` picks from ``words``; -1 is null."""

    number: Array
    words: Sequence[str] | arrow.Array

    def at(self, where: Array) -> Words:
        return Words(self.number[where], self.words)


def same(word: str, count: int) -> Words:
    """The same word in every row."""
    return Words(np.zeros(count, np.int8), (word,))


def words(values: Sequence[str | None]) -> Words:
    """A short column given as text."""
    distinct = sorted({v for v in values if v is not None})
    number = {v: i for i, v in enumerate(distinct)}
    return Words(np.array([-1 if v is None else number[v] for v in values], np.int32), distinct)


Column = Array | Words


@dataclass
class Rows:
    """Rows of ``table``. ``person`` are indices of people. Where ``council`` the rows carry the council's own person id
    (and the NHS number only of those whom the council has matched). Day columns are days since 1970-01-01 with
    ``NO_DAY`` for null; ``key`` is a number that versions of a thing share, -1 for rows that have none; ``spell`` is
    the key of the stay that a diagnosis belongs to."""

    table: str
    person: Array
    feed: Words
    known_at: Array
    columns: dict[str, Column]
    known_until: Array | None = None
    key: Array | None = None
    spell: Array | None = None
    council: bool = False

    def __len__(self) -> int:
        return len(self.person)

    @property
    def keys(self) -> Array:
        """``key``, of rows that have some."""
        if self.key is None:
            raise ValueError(f"rows of {self.table} have no keys")
        return self.key

    def at(self, where: Array) -> Rows:
        """The rows that ``where`` (indices or flags) picks."""

        def pick(column: Any) -> Any:
            return column.at(where) if isinstance(column, Words) else None if column is None else column[where]

        return Rows(self.table, self.person[where], self.feed.at(where), self.known_at[where],
                    {name: pick(c) for name, c in self.columns.items()}, pick(self.known_until), pick(self.key),
                    pick(self.spell), self.council)  # fmt: skip


def revise(first: Rows, second: Rows) -> tuple[Rows, Rows]:
    """Two versions of things that share keys: the first in force until the second is known. A second version known no
    later than the first replaces it outright; one of which no first version is there is left out."""
    second = second.at(np.flatnonzero(np.isin(second.keys, first.keys)))
    order = np.argsort(first.keys, kind="stable")
    where = order[np.searchsorted(first.keys[order], second.keys)]
    until = np.full(len(first), NO_DAY, np.int32)
    until[where] = second.known_at
    kept = np.flatnonzero((until == NO_DAY) | (until > first.known_at))
    first.known_until = until
    return first.at(kept), second
