"""Facts in their order: by person, then day, time of day, ``known_at`` and ``row_id``, whoever made them and however they came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.engine.codes import Settled
from features.engine.compiling import compiled

#: An end or a ``known_until`` that is not there: 31 December 9999.
NEVER = 2_932_896


@dataclass(frozen=True)
class Facts:
    """Facts of one sweep, a place a fact, in any order. ``person_id`` is None once they are in order (:class:`Ordered`). Days are int32 from 1970-01-01, ``NEVER`` where there is no end. ``end``
    is None where facts do not last; ``time`` is -1 where it is not known; it and ``row_id`` are None where the order within a day does not matter. ``code`` is the place of the row's code among those
    ``settled`` (None where no lane looks at codes); ``flags`` has a bit for each condition of each lane (None: there are
    none); ``numbers`` holds an array a lane, NaN where there is no number (None: the lane needs none of the row)."""

    person_id: npt.NDArray[np.int64] | None
    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32] | None
    known_at: npt.NDArray[np.int32]
    known_until: npt.NDArray[np.int32]
    time: npt.NDArray[np.int32] | None
    row_id: npt.NDArray[np.int64] | None
    code: npt.NDArray[np.int32] | None
    settled: Settled | None
    flags: npt.NDArray[np.int64] | None
    numbers: tuple[npt.NDArray[np.float64] | None, ...]

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True)
class Ordered:
    """Facts of some people in order: ``placed`` are their places, those of the person at *i* from ``first[i]`` to
    ``first[i + 1]``."""

    facts: Facts
    placed: npt.NDArray[np.int64]
    first: npt.NDArray[np.int64]


def order(facts: Facts, people: npt.NDArray[np.int64]) -> Ordered:
    """The facts of ``people`` (sorted, each once) in order; those of nobody asked for are left out."""
    assert facts.person_id is not None
    return place(facts, _whose(only_read(facts.person_id), only_read(people)), len(people))


def place(facts: Facts, whose: npt.NDArray[np.int32], people: int) -> Ordered:
    """Facts in order; ``whose`` is the place of the person of each among so many ``people``, or -1."""
    time = np.empty(0, np.int32) if facts.time is None else facts.time
    row_id = np.empty(0, np.int64) if facts.row_id is None else facts.row_id
    arrays = (whose, facts.start, time, facts.known_at, row_id)
    return Ordered(facts, *_place(*map(only_read, arrays), people))


def only_read(array: Any) -> Any:
    """A view that may not be written: Arrow's arrays may not, and the kernel is compiled once for each kind of array."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return view


@compiled
def _whose(person_id, people):  # type: ignore[no-untyped-def]
    facts, persons = person_id.shape[0], people.shape[0]
    whose = np.empty(facts, dtype=np.int32)
    at = 0
    for i in range(facts):
        who = person_id[i]
        # Facts mostly come sorted: look where the last one was, and just after, before searching.
        if not (at < persons and people[at] == who):
            at += 1
            if not (at < persons and people[at] == who):
                at = np.searchsorted(people, who)
        whose[i] = at if at < persons and people[at] == who else -1
    return whose


@compiled
def _place(whose, start, time, known_at, row_id, persons):  # type: ignore[no-untyped-def]
    facts = whose.shape[0]
    first = np.zeros(persons + 1, dtype=np.int64)
    # A person's facts mostly come one after the other: they are counted, and placed, together.
    i = 0
    while i < facts:
        who, j = whose[i], i + 1
        while j < facts and whose[j] == who:
            j += 1
        if who >= 0:
            first[who + 1] += j - i
        i = j
    for p in range(persons):
        first[p + 1] += first[p]
    at = first[:-1].copy()
    placed = np.empty(first[persons], dtype=np.int64)
    i = 0
    while i < facts:
        who, j = whose[i], i + 1
        while j < facts and whose[j] == who:
            j += 1
        if who >= 0:
            to = at[who]
            for k in range(i, j):
                placed[to + k - i] = k
            at[who] = to + j - i
        i = j
    for p in range(persons):
        _sort(placed, first[p], first[p + 1], start, time, known_at, row_id)
    return placed, first


@compiled
def _sort(placed, begin, end, start, time, known_at, row_id):  # type: ignore[no-untyped-def]
    """Insertion sort of one person's facts, which mostly come nearly in order; a heap where they do not."""
    moves = 0
    allowed = 20 * (end - begin)
    for k in range(begin + 1, end):
        i = placed[k]
        j = k - 1
        while j >= begin and _later(placed[j], i, start, time, known_at, row_id):
            placed[j + 1] = placed[j]
            j -= 1
        placed[j + 1] = i
        moves += k - 1 - j
        if moves > allowed:
            _heap_sort(placed, begin, end, start, time, known_at, row_id)
            return


@compiled
def _heap_sort(placed, begin, end, start, time, known_at, row_id):  # type: ignore[no-untyped-def]
    size = end - begin
    for root in range(size // 2 - 1, -1, -1):
        _sift(placed, begin, root, size, start, time, known_at, row_id)
    for last in range(size - 1, 0, -1):
        placed[begin], placed[begin + last] = placed[begin + last], placed[begin]
        _sift(placed, begin, 0, last, start, time, known_at, row_id)


@compiled
def _sift(placed, begin, root, size, start, time, known_at, row_id):  # type: ignore[no-untyped-def]
    while 2 * root + 1 < size:
        child = 2 * root + 1
        if child + 1 < size and _later(placed[begin + child + 1], placed[begin + child], start, time, known_at, row_id):
            child += 1
        if not _later(placed[begin + child], placed[begin + root], start, time, known_at, row_id):
            return
        placed[begin + root], placed[begin + child] = placed[begin + child], placed[begin + root]
        root = child


@compiled
def _later(a, b, start, time, known_at, row_id):  # type: ignore[no-untyped-def]
    """Whether fact *a* comes after fact *b*."""
    if start[a] != start[b] or time.shape[0] == 0:
        return start[a] > start[b]
    if time[a] != time[b]:
        return time[a] > time[b]
    if known_at[a] != known_at[b]:
        return known_at[a] > known_at[b]
    return row_id[a] > row_id[b]
