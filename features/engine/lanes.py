"""Lanes: how a row of the record becomes one fact although many groups want it.

The groups of a table that take the same day share a *sweep*: one scan, one order of facts. Within it, the groups that agree on the
number they need (and those that need none) share *lanes*, of a few conditions each. In a lane a fact is one number, its *class*,
which says exactly which groups the row belongs to: ``code class × 2^bits + bits``, where the code class comes from the code alone
(settled once for each different code) and each bit is one condition on a column, the last of them "the number is there".
The kernel knows classes only by the predictors that they feed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from features.codelists import HIERARCHICAL, CodeSet, load, plain
from features.engine.language import Between, Condition, Facts

#: More conditions than this make a lane of their own: classes double with each.
CONDITIONS = 6


@dataclass(frozen=True)
class Lane:
    """Groups that share a fact's class and its number (``value``, or the text ``distinct`` to ``prefix``). ``members`` are the
    groups' numbers in the plan; ``split`` says of which of them the categories of their code set are told apart. A range that a
    group asks of the lane's own number is no condition of a class: the kernel looks at the number (:func:`bounds`)."""

    value: str | None
    distinct: str | None
    prefix: int | None
    members: tuple[int, ...]
    groups: tuple[Facts, ...]
    split: tuple[bool, ...]

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Different conditions on columns, in the order of their bits."""
        return tuple(dict.fromkeys(condition for of in self.groups for condition in conditions_of(of)))

    @property
    def numbered(self) -> bool:
        """Whether the fact carries a number of the row."""
        return self.value is not None or self.distinct is not None

    @property
    def bits(self) -> int:
        return len(self.conditions) + self.numbered

    @cached_property
    def coded(self) -> bool:
        return any(of.codes for of in self.groups)

    @cached_property
    def sets(self) -> dict[int, CodeSet]:
        """Code set by the place of its group."""
        return {place: load(of.codes) for place, of in enumerate(self.groups) if of.codes}

    @cached_property
    def code_classes(self) -> tuple[frozenset[tuple[int, str]], ...]:
        """What codes are in (place of the group, category where it matters), each combination once; class 0 is in none."""
        combinations = {self._in_sets(system, code) for system, code in self._listed}
        return (frozenset(), *sorted(combinations - {frozenset()}, key=sorted))

    @cached_property
    def _numbers(self) -> dict[frozenset[tuple[int, str]], int]:
        return {places: number for number, places in enumerate(self.code_classes)}

    @cached_property
    def _listed(self) -> list[tuple[str, str]]:
        return sorted({(held.system.name, code) for held in self.sets.values() for code in held.codes})

    @cached_property
    def _held(self) -> list[tuple[int, str, bool, dict[str, str]]]:
        return [
            (place, held.system.name, self.split[place],
             {_key(held.system.name, code): held.categories[code] for code in held.codes})
            for place, held in self.sets.items()
        ]  # fmt: skip

    def _in_sets(self, system: str, code: str) -> frozenset[tuple[int, str]]:
        found = set()
        bare = _key(system, code)
        lengths = range(len(bare), 0, -1) if system in HIERARCHICAL else (len(bare),)
        for place, own, split, categories in self._held:
            if own == system:
                category = next((categories[bare[:n]] for n in lengths if bare[:n] in categories), None)
                if category is not None:
                    found.add((place, category if split else ""))
        return frozenset(found)

    def code_class(self, system: str, code: str) -> int:
        """The class of one code of the record: that of the longest code of any set which it is or lies beneath."""
        known, bare = self._class_of_key.get(system, {}), _key(system, code)
        if system not in HIERARCHICAL:
            return known.get(bare, 0)
        return next((known[bare[:n]] for n in range(len(bare), 0, -1) if bare[:n] in known), 0)

    @cached_property
    def _class_of_key(self) -> dict[str, dict[str, int]]:
        found: dict[str, dict[str, int]] = {}
        for system, code in self._listed:
            found.setdefault(system, {})[_key(system, code)] = self._numbers[self._in_sets(system, code)]
        return found

    @property
    def size(self) -> int:
        """How many classes there are."""
        return len(self.code_classes) << self.bits

    def members_of(self, number: int) -> list[tuple[int, str]]:
        """Groups of the plan that a row of class ``number`` belongs to, with the category where it matters."""
        has = dict(self.code_classes[number >> self.bits])
        bits = number & ((1 << self.bits) - 1)
        there = not self.numbered or bool(bits >> len(self.conditions) & 1)
        met = {condition for i, condition in enumerate(self.conditions) if bits >> i & 1}
        return [
            (group, has.get(place, ""))
            for place, (group, of) in enumerate(zip(self.members, self.groups, strict=True))
            if set(conditions_of(of)) <= met and (not of.codes or place in has) and (there or not carried(of))
        ]


@dataclass(frozen=True)
class Sweep:
    """The lanes of one table and day. ``tied``: whether the order of facts of one day matters to any of them."""

    table: str
    date: str
    lanes: tuple[Lane, ...]
    tied: bool = True

    @property
    def coded(self) -> bool:
        return any(lane.coded or lane.distinct == "code" for lane in self.lanes)


def sweeps(groups: Sequence[Facts], split: Sequence[bool]) -> tuple[Sweep, ...]:
    """The sweeps of ``groups`` (numbered by their place); ``split`` says of which of them categories matter."""
    laid = []
    for table, date in sorted({(of.table, of.date) for of in groups}):
        here = [(number, of) for number, of in enumerate(groups) if (of.table, of.date) == (table, date)]
        lanes = []
        for (value, distinct, prefix), members in _by_number(here).items():
            for part in _parts(members):
                numbers, parts = tuple(number for number, _ in part), tuple(of for _, of in part)
                lanes.append(Lane(value, distinct, prefix, numbers, parts, tuple(split[number] for number in numbers)))
        laid.append(Sweep(table, date, tuple(lanes)))
    return tuple(laid)


Number = tuple[str | None, str | None, int | None]


def _by_number(members: list[tuple[int, Facts]]) -> dict[Number, list[tuple[int, Facts]]]:
    """Members by the number that the fact carries; those that need none are a lot of their own."""
    numbered: dict[Number, list[tuple[int, Facts]]] = {}
    for number, of in members:
        numbered.setdefault((None if of.distinct else carried(of), of.distinct, of.prefix), []).append((number, of))
    return numbered


def _parts(members: list[tuple[int, Facts]]) -> Iterable[list[tuple[int, Facts]]]:
    """``members`` in parts: those without a condition, which have most codes to tell apart, and the others in lots of at most
    ``CONDITIONS`` different conditions (or one group of more), those of like conditions together."""
    free = [member for member in members if not conditions_of(member[1])]
    if free:
        yield free
    part: list[tuple[int, Facts]] = []
    conditions: set[Condition] = set()
    for number, of in sorted((m for m in members if conditions_of(m[1])), key=lambda m: (str(m[1].where), m[0])):
        if part and len(conditions | set(conditions_of(of))) > CONDITIONS:
            yield part
            part, conditions = [], set()
        part.append((number, of))
        conditions |= set(conditions_of(of))
    if part:
        yield part


def ranged(of: Facts) -> Condition | None:
    """The one range of numbers that the kernel looks at itself: of the column that carries the value, or of any where none
    does."""
    ranges = [condition for condition in of.where if isinstance(condition[1], Between)]
    if len(ranges) == 1 and of.distinct is None and of.value in (None, ranges[0][0]):
        return ranges[0]
    return None


def carried(of: Facts) -> str | None:
    """The column whose number a fact carries, text counted by its column."""
    inner = ranged(of)
    return of.value or of.distinct or (inner[0] if inner else None)


def conditions_of(of: Facts) -> tuple[Condition, ...]:
    """The conditions that decide a row's class."""
    inner = ranged(of)
    return tuple(condition for condition in of.where if condition != inner)


def bounds(of: Facts) -> tuple[float, float]:
    """The range ``[low, high)`` of the number, without bounds where none is asked."""
    inner = ranged(of)
    return inner[1].bounds if inner and isinstance(inner[1], Between) else (-math.inf, math.inf)


def _key(system: str, code: str) -> str:
    return plain(code) if system in HIERARCHICAL else code
