"""Lanes: how a row of the record becomes one fact although many groups want it.

The groups of a table that agree on the date and on the number share a lane; groups that need no number ride along. A row
gives one fact a lane. The fact's ``group`` is a *class*, which says exactly which groups the row belongs to: its place is
``base + code class × 2^bits + bits``, where the code class comes from the code alone (settled once for each different code) and each
bit is one condition on a column, the last of them "the number is there". The kernel knows classes only by the
predictors that they feed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from features.codelists import HIERARCHICAL, load, plain
from features.engine.language import Facts

#: More conditions than this make a lane of their own: classes double with each.
CONDITIONS = 8

Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Lane:
    """Groups of ``table`` that share a fact. ``members`` are their numbers in the plan; ``base`` the first class."""

    table: str
    date: str
    value: str | None
    distinct: str | None
    prefix: int | None
    members: tuple[int, ...]
    groups: tuple[Facts, ...]
    base: int = 0

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Different conditions on columns, in the order of their bits."""
        return tuple(dict.fromkeys(condition for of in self.groups for condition in of.where))

    @property
    def numbered(self) -> bool:
        """Whether the fact carries a number of the row; where not, it carries 1."""
        return self.value is not None or self.distinct is not None

    @property
    def bits(self) -> int:
        return len(self.conditions) + self.numbered

    @property
    def only_numbered(self) -> bool:
        """Whether a row without the number belongs to no group."""
        return all(map(_needs_number, self.groups))

    @property
    def only_coded(self) -> bool:
        """Whether a row whose code is in no code set belongs to no group."""
        return all(of.codes for of in self.groups)

    @property
    def coded(self) -> bool:
        return any(of.codes for of in self.groups)

    @cached_property
    def held(self) -> dict[str, dict[str, frozenset[int]]]:
        """By system and code: places (in ``groups``) of the code sets that the code is in. Of hierarchical systems only the
        prefixes that a set names are there; what lies beneath one is in the same sets."""
        sets = [(place, load(of.codes)) for place, of in enumerate(self.groups) if of.codes]
        named: dict[str, set[str]] = {}
        for _, one in sets:
            named.setdefault(one.system.name, set()).update(map(_key(one.system.name), one.codes))
        return {system: {code: frozenset(place for place, one in sets if one.holds(system, code)) for code in sorted(codes)}
                for system, codes in sorted(named.items())}  # fmt: skip

    @cached_property
    def code_classes(self) -> tuple[frozenset[int], ...]:
        """What codes are in, each combination of code sets once; class 0 is in none."""
        combinations = {places for codes in self.held.values() for places in codes.values()}
        return (frozenset(), *sorted(combinations, key=sorted))

    @cached_property
    def codes(self) -> dict[str, dict[str, int]]:
        """Code class by system and code (of hierarchical systems: by the prefixes that a set names)."""
        number = {places: i for i, places in enumerate(self.code_classes)}
        return {system: {code: number[places] for code, places in codes.items()} for system, codes in self.held.items()}

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.code_classes) << self.bits

    def code_class(self, system: str, code: str) -> int:
        """The class of one code of the record."""
        held = self.codes.get(system, {})
        if system not in HIERARCHICAL:
            return held.get(code, 0)
        bare = plain(code)
        return next((held[bare[:n]] for n in range(len(bare), 0, -1) if bare[:n] in held), 0)

    def members_of(self, number: int) -> tuple[int, ...]:
        """Groups of the plan that a row of class ``base + number`` belongs to."""
        has, bits = self.code_classes[number >> self.bits], number & ((1 << self.bits) - 1)
        there = not self.numbered or bool(bits >> len(self.conditions) & 1)
        met = {condition for i, condition in enumerate(self.conditions) if bits >> i & 1}
        return tuple(
            group
            for place, (group, of) in enumerate(zip(self.members, self.groups, strict=True))
            if set(of.where) <= met and (not of.codes or place in has) and (there or not _needs_number(of))
        )


def lanes(groups: Sequence[Facts]) -> tuple[Lane, ...]:
    """The lanes of ``groups`` (numbered by their place), each class number given once."""
    laid: list[Lane] = []
    base = 0
    for table, date in sorted({(of.table, of.date) for of in groups}):
        here = [(number, of) for number, of in enumerate(groups) if (of.table, of.date) == (table, date)]
        for (value, distinct, prefix), members in _by_number(here).items():
            for part in _parts(members):
                numbers, parts = tuple(number for number, _ in part), tuple(of for _, of in part)
                laid.append(Lane(table, date, value, distinct, prefix, numbers, parts, base))
                base += laid[-1].size
    return tuple(laid)


Number = tuple[str | None, str | None, int | None]


def _by_number(members: list[tuple[int, Facts]]) -> dict[Number, list[tuple[int, Facts]]]:
    """Members that agree on the number which the fact carries. Those that need none ride where most rows give a fact
    anyway."""
    numbered: dict[Number, list[tuple[int, Facts]]] = {}
    for number, of in members:
        if _needs_number(of):
            numbered.setdefault((of.value, of.distinct, of.prefix), []).append((number, of))
    riders = [(number, of) for number, of in members if not _needs_number(of)]
    if riders:
        takes_every_row = [
            carried for carried, its in numbered.items() if any(not of.where and not of.codes for _, of in its)
        ]
        carried = next(iter([*takes_every_row, *numbered]), (None, None, None))
        numbered[carried] = sorted([*numbered.get(carried, []), *riders], key=lambda member: member[0])
    return numbered


def _parts(members: list[tuple[int, Facts]]) -> Iterable[list[tuple[int, Facts]]]:
    """``members`` in parts of at most ``CONDITIONS`` different conditions (or one group of more)."""
    part: list[tuple[int, Facts]] = []
    conditions: set[Condition] = set()
    for number, of in members:
        if part and len(conditions | set(of.where)) > CONDITIONS:
            yield part
            part, conditions = [], set()
        part.append((number, of))
        conditions |= set(of.where)
    yield part


def _needs_number(of: Facts) -> bool:
    return of.value is not None or of.distinct is not None


def _key(system: str) -> Callable[[str], str]:
    return plain if system in HIERARCHICAL else str
