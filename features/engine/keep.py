"""Which rows of a stretch of a file become facts, and what of them is kept: one compiled pass over the stretch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from features.engine.arrange import Facts, Ordered, only_read, place
from features.engine.codes import Settled
from features.engine.compiling import compiled
from features.record.lying import Ended

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Stretch:
    """Some rows of a table, sorted by person, a place a row. Days are int32 from 1970-01-01; ``start`` may be a day that is too late
    for any date where there is none. ``end``, ``time``, ``code`` and ``flags`` are empty where the sweep has no use for them."""

    person_id: Array
    start: Array
    end: Array
    known_at: Array
    known_until: Array
    time: Array
    row_id: Array
    code: Array
    flags: Array

    def about(self, people: npt.NDArray[np.int64]) -> int:
        """How many rows are of anybody from the first to the last of ``people`` (sorted)."""
        begin, until = np.searchsorted(self.person_id, people[0]), np.searchsorted(self.person_id, people[-1], "right")
        return int(until - begin)


@dataclass(frozen=True)
class Sought:
    """Rows wanted: of a day from ``since`` and before ``latest``, known before that; of codes from ``of_code`` (a day a code); where
    ``meeting``, those alone that meet a condition. ``ended`` are versions that ended after they were written."""

    since: int
    latest: int
    meeting: bool
    ended: Ended
    bits: npt.NDArray[np.uint64]
    of_code: npt.NDArray[np.int32]


def ended_bits(ended: Ended) -> npt.NDArray[np.uint64]:
    """A bit for each place to which a row's id may lead, set for those in ``ended``: most rows are told at a glance that no
    version of theirs ended."""
    if not len(ended.row_id):
        return np.empty(0, dtype=np.uint64)
    places = 1 << max(6, int(32 * len(ended.row_id)).bit_length())
    return np.asarray(_bits(only_read(ended.row_id), places - 1), dtype=np.uint64)


class Gathered:
    """The facts of a sweep about ``people``, gathered stretch by stretch; ``most`` rows, with ``numbers`` by name."""

    def __init__(self, most: int, people: npt.NDArray[np.int64], numbers: tuple[str, ...], like: Stretch) -> None:
        self._people, self._count = people, 0
        self._whose = np.empty(most, dtype=np.int32)
        self._kept = {name: np.empty(most if len(held) else 0, dtype=held.dtype)
                      for name, held in vars(like).items() if name != "person_id"}  # fmt: skip
        self._numbers = {name: np.empty(most, dtype=np.float64) for name in numbers}

    def add(self, rows: Stretch, numbers: dict[str, Array], sought: Sought, skipped: npt.NDArray[np.bool_]) -> None:
        """Keep what of ``rows`` is sought, of people but those ``skipped``."""
        begin, taken = self._count, np.empty(len(rows.person_id), dtype=np.int32)
        given = [only_read(held) for held in vars(rows).values()]
        ended = sought.ended
        looked = map(only_read, (self._people, skipped, sought.of_code, sought.bits, ended.row_id, ended.known_at,
                                 ended.known_until))  # fmt: skip
        bounds = sought.since, sought.latest, sought.meeting
        self._count = _keep(*given, *looked, *bounds, begin, self._whose, *self._kept.values(), taken)
        for name, held in self._numbers.items():
            held[begin : self._count] = numbers[name][taken[: self._count - begin]]

    def ordered(self, settled: Settled | None, names: tuple[str | None, ...], *, tied: bool) -> Ordered:
        """The facts gathered, in order; ``names`` says of each lane which numbers are its own."""
        kept = {name: held[: self._count] for name, held in self._kept.items()}

        def some(name: str) -> Array | None:
            return kept[name] if len(self._kept[name]) else None

        facts = Facts(
            person_id=None, start=kept["start"], end=some("end"), known_at=kept["known_at"], known_until=kept["known_until"],
            time=kept["time"] if tied else None, row_id=kept["row_id"] if tied else None, code=some("code"),
            settled=settled, flags=some("flags"),
            numbers=tuple(self._numbers[name][: self._count] if name else None for name in names),
        )  # fmt: skip
        return place(facts, self._whose[: self._count], len(self._people))


@compiled
def _keep(  # type: ignore[no-untyped-def]
    person_id, start, end, known_at, known_until, time, row_id, code, flags,
    people, skipped, of_code, bits, ended_row, ended_known, ended_until, since, latest, meeting, at,
    whose, start_, end_, known_at_, known_until_, time_, row_id_, code_, flags_, taken,
):  # fmt: skip
    """Copy the rows sought to the places from ``at``; the next free place. ``taken`` says which they were."""
    first, persons = at, people.shape[0]
    mask = 64 * bits.shape[0] - 1
    lasting, timed, coded, flagged = end.shape[0] > 0, time.shape[0] > 0, code.shape[0] > 0, flags.shape[0] > 0
    begin = np.searchsorted(person_id, people[0])
    p = np.searchsorted(people, person_id[begin]) if begin < person_id.shape[0] else 0
    ending, last, about = bits.shape[0] > 0, np.int64(0), False
    for i in range(begin, person_id.shape[0]):
        who = person_id[i]
        if i == begin or who != last:
            while p < persons and people[p] < who:
                p += 1
            if p == persons:
                break
            last, about = who, people[p] == who and not skipped[p]
        if not about:
            continue
        s = start[i]
        if s < since or s >= latest or known_at[i] >= latest:
            continue
        if coded:
            c = code[i]
            if c < 0 or s < of_code[c]:
                continue
            code_[at] = c
        if flagged:
            if meeting and flags[i] == 0:
                continue
            flags_[at] = flags[i]
        until = known_until[i]
        bit = row_id[i] & mask
        if ending and (bits[bit >> 6] >> np.uint64(bit & 63)) & np.uint64(1):
            k = np.searchsorted(ended_row, row_id[i])
            while k < ended_row.shape[0] and ended_row[k] == row_id[i]:
                if ended_known[k] == known_at[i]:
                    until = min(until, ended_until[k])
                k += 1
        whose[at], start_[at], known_at_[at], known_until_[at] = p, s, known_at[i], until
        if lasting:
            end_[at] = end[i]
        if timed:
            time_[at], row_id_[at] = time[i], row_id[i]
        taken[at - first] = i
        at += 1
    return at


@compiled
def _bits(row_id, mask):  # type: ignore[no-untyped-def]
    bits = np.zeros((mask >> 6) + 1, dtype=np.uint64)
    for i in range(row_id.shape[0]):
        bit = row_id[i] & mask
        bits[bit >> 6] |= np.uint64(1) << np.uint64(bit & 63)
    return bits
