"""Who is one person, and from which day on that is known: the rows of ``person_link``, followed.

Nothing stored is rewritten. The reader's views give each row to the one person whom it is about *as known at the time*: a row of
somebody later found to be another person reads as their own until the day on which that became known, and as the other's
from then on (and as their own again, should the two be found to be two after all). A link is thereby one more thing that
an index date sees or does not see, by the same clock as everything else: several index dates in one pass are each read with
the links known by then, and an old run reads as it was published.

Between two people the word of a person counts before that of a machine or a source, whenever either was given; then the newest;
and on one day "two" before "one". People who are linked through others are one.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as arrow
from duckdb import DuckDBPyConnection

#: Reasons of a ``person_link`` row: what a person decided, and what was linked by probability and nobody has confirmed.
CONFIRMED, SEPARATED, PROBABLE = "confirmed_by_person", "separated_by_person", "probability"
_DECIDED = (CONFIRMED, SEPARATED)
#: Before every day of the record.
_EVER = datetime.date(1, 1, 1)


@dataclass(frozen=True)
class Said:
    """A version of a ``person_link`` row."""

    pair: tuple[int, int]
    known_at: datetime.date
    known_until: datetime.date | None
    same: bool
    reason: str
    probability: float | None = None

    def holds(self, day: datetime.date) -> bool:
        """Whether it was known on the day after ``day``, the first index date that sees what ``day`` brought."""
        return self.known_at <= day and (self.known_until is None or self.known_until > day)

    @property
    def weight(self) -> tuple[bool, datetime.date, bool]:
        return self.reason in _DECIDED, self.known_at, not self.same

    @property
    def certainty(self) -> float:
        return (self.probability or 0.0) if self.reason == PROBABLE else 1.0


@dataclass(frozen=True)
class Period:
    """``person_id`` reads as ``one`` for index dates after ``known_at`` up to ``known_until`` itself (None: until today).
    ``probability`` that the two are one: 1 where that does not rest on a link by probability."""

    person_id: int
    one: int
    known_at: datetime.date
    known_until: datetime.date | None
    probability: float


def periods(said: Iterable[Said], registered: Collection[int] = ()) -> list[Period]:
    """The periods of everybody who at some time reads as somebody else, each person's covering all time.

    Of people who are one, all read as the one who is among ``registered``, then as the first named in the links, then as the
    lowest id.
    """
    by_pair: dict[tuple[int, int], list[Said]] = defaultdict(list)
    for row in said:
        if row.pair[0] != row.pair[1]:
            by_pair[min(row.pair), max(row.pair)].append(row)
    found: list[Period] = []
    for group in _together(by_pair):
        found += _periods_of({pair: by_pair[pair] for pair in group}, registered)
    return found


def _together(by_pair: Mapping[tuple[int, int], list[Said]]) -> list[list[tuple[int, int]]]:
    """Pairs that were ever one, in groups that share no person."""
    ever = {pair: 1.0 for pair, rows in by_pair.items() if any(row.same for row in rows)}
    leader = {person: min(certain) for person, certain in _reached(ever).items()}
    groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in sorted(ever):
        groups[leader[pair[0]]].append(pair)
    return list(groups.values())


def _periods_of(rows: Mapping[tuple[int, int], list[Said]], registered: Collection[int]) -> list[Period]:
    days = sorted({day for of in rows.values() for row in of for day in (row.known_at, row.known_until) if day})
    people = sorted({person for pair in rows for person in pair})
    reads: dict[int, list[Period]] = {person: [] for person in people}
    for day, until in pairwise([_EVER, *days, None]):
        assert day is not None
        links, others = {}, set()
        for pair, of in rows.items():
            last = max((row for row in of if row.holds(day)), key=lambda row: row.weight, default=None)
            if last is not None and last.same:
                links[pair] = last.certainty
                others.add(last.pair[1])
        rank = {person: (person not in registered, person in others, person) for person in people}
        reached = _reached(links)
        for person in people:
            certain = reached.get(person, {person: 1.0})
            one = min(certain, key=rank.__getitem__)
            before = reads[person][-1] if reads[person] else None
            if before and (before.one, before.probability) == (one, certain[one]):
                reads[person][-1] = Period(person, one, before.known_at, until, certain[one])
            else:
                reads[person].append(Period(person, one, day, until, certain[one]))
    return [period for of in reads.values() if any(p.one != p.person_id for p in of) for period in of]


def _reached(links: Mapping[tuple[int, int], float]) -> dict[int, dict[int, float]]:
    """For each linked person everybody linked with them, themselves included, with the probability of the surest way there."""
    beside: dict[int, dict[int, float]] = defaultdict(dict)
    for (one, other), certain in links.items():
        beside[one][other] = beside[other][one] = certain
    reached = {}
    for start in beside:
        best, waiting = {start: 1.0}, [start]
        while waiting:
            here = waiting.pop()
            for there, certain in beside[here].items():
                if best[here] * certain > best.get(there, -1.0):
                    best[there] = best[here] * certain
                    waiting.append(there)
        reached[start] = best
    return reached


_LINKS = """
SELECT person_id, other_person_id, known_at, known_until, same, reason, probability FROM person_link
WHERE known_until IS NULL OR known_until > known_at ORDER BY ALL
"""


def held_links(connection: DuckDBPyConnection) -> list[Said]:
    """Every version of every row of ``person_link``."""
    rows = connection.execute(_LINKS).fetchall()
    return [Said((one, other), *rest) for one, other, *rest in rows]


def with_linked(connection: DuckDBPyConnection, person_id: Sequence[int]) -> list[int]:
    """``person_id`` and everybody who was ever said to be one with any of them, on whatever ground."""
    if not len(person_id):
        return []
    ever = {row.pair: 1.0 for row in held_links(connection) if row.same}
    reached = _reached(ever)
    return sorted({other for person in person_id for other in reached.get(person, {person: 1.0})})


def table(found: Collection[Period], described: Collection[int]) -> arrow.Table:
    """``same_person``: the columns of :class:`Period`, and ``described``: whether the one has a row of their own in ``person``."""
    columns = {
        "person_id": arrow.array([p.person_id for p in found], arrow.int64()),
        "one": arrow.array([p.one for p in found], arrow.int64()),
        "known_at": arrow.array([p.known_at for p in found], arrow.date32()),
        "known_until": arrow.array([p.known_until for p in found], arrow.date32()),
        "probability": arrow.array([p.probability for p in found], arrow.float64()),
        "described": arrow.array([p.one in described for p in found], arrow.bool_()),
    }
    return arrow.table(columns)


def as_last_known(found: Iterable[Period], person_id: np.ndarray) -> np.ndarray:
    """Whom each of ``person_id`` (int64, n) reads as by all that is known."""
    now = {p.person_id: p.one for p in found if p.known_until is None and p.one != p.person_id}
    if not now:
        return person_id
    return np.array([now.get(person, person) for person in person_id.tolist()], dtype=np.int64)
