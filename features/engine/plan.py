"""Plans all declarations together: which facts they need, where each number goes, and the arrays that the kernel reads them by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from features.codelists import load
from features.engine import program
from features.engine.codes import EVER, NEVER_READ
from features.engine.lanes import Lane, Sweep, bounds, sweeps
from features.engine.language import DIFFERENT, VALUED, Declared, Derived, Facts, Kind, Misdeclared, Predictor
from features.engine.program import Program
from features.record.tables import PERSON_TABLES

Ints = npt.NDArray[np.int32]

#: What the kernel reads of an entry (a fact of a class feeding a predictor): see :class:`Feeding`.
ENTRY = np.dtype([
    ("column", np.int32), ("kind", np.int32), ("within", np.int32), ("ago", np.int32), ("lasting", np.int32),
    ("quiet", np.int32), ("gap", np.int32), ("slot", np.int32), ("points", np.float64), ("low", np.float64), ("high", np.float64),
])  # fmt: skip
_SUMMED = (VALUED - {Kind.LATEST, Kind.LEAST, Kind.GREATEST}) | {Kind.MEAN, Kind.SOON}


@dataclass(frozen=True)
class Feeding:
    """What the facts of a lane feed, into ``columns``.

    A fact's class is that of its code, and above it the lane's bits: ``conditions`` many of the row's flags from ``shift``, and that
    the number is there, where the lane is ``numbered``. ``reach`` says of each class how many days before a date a fact of it may
    begin and matter (:data:`~features.engine.codes.EVER`, or ``NEVER_READ`` where it feeds nothing). ``entries[first_of_class[c]:first_of_class[c + 1]]`` are what a fact of class *c* does.

    ``slot`` of an entry is its place among the sums (kinds that keep some), among the marks (kinds that count different
    values), or the item of a category (POINTS). ``summed`` and ``kinds``: column and kind of each place among the sums.
    """

    columns: slice
    shift: int
    conditions: int
    numbered: bool
    reach: Ints
    first_of_class: Ints
    entries: npt.NDArray[np.void]
    summed: Ints
    kinds: Ints
    marks: int
    items: int


@dataclass(frozen=True)
class Plan:
    """``base`` are the different aggregates, asked for or a part of what is, in the order of their columns; after them come the
    columns of ``program``. ``chosen`` are the columns of ``predictors``, which were asked for; ``initial`` is what a row begins with,
    ``table_of`` the table of an aggregate (its bit), ``claims`` the window of one whose zero claims that nothing happened in it."""

    predictors: tuple[Declared, ...]
    base: tuple[Predictor, ...]
    sweeps: tuple[Sweep, ...]
    feeding: tuple[tuple[Feeding, ...], ...]
    program: Program
    chosen: npt.NDArray[np.int64]
    table_of: Ints
    claims: Ints
    initial: npt.NDArray[np.float32]

    @property
    def width(self) -> int:
        """How many columns a row has, those that are only parts included."""
        return len(self.base) + len(self.program)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(predictor.name for predictor in self.predictors)

    def reach(self, sweep: Sweep) -> int | None:
        """How far back any predictor of the sweep looks, in days; None when one has no beginning."""
        return _furthest(p for p in self.base if (p.of.table, p.of.date) == (sweep.table, sweep.date))

    def reaches(self, sweep: int) -> list[Ints]:
        """The reach of each class of each lane of a sweep: see :attr:`Feeding.reach`."""
        return [feeding.reach for feeding in self.feeding[sweep]]


def plan(predictors: Sequence[Declared]) -> Plan:
    """The plan of ``predictors``; :class:`Misdeclared` where two share a name or there are none."""
    if not predictors:
        raise Misdeclared("expected one predictor or more, found none")
    names = [p.name for p in predictors]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise Misdeclared(f"expected different names; given twice: {', '.join(doubled)}")
    every = tuple(dict.fromkeys(_with_parts(predictors)))
    aggregates = [p for p in every if isinstance(p, Predictor)]
    fed: dict[tuple[Facts, bool], list[Predictor]] = {}
    for p in aggregates:
        fed.setdefault((p.of, p.kind is Kind.POINTS), []).append(p)
    # A group whose categories matter is laid apart from the same rows where they do not.
    keys = list(fed)
    tied = {(p.of.table, p.of.date) for p in aggregates if p.kind in _SUMMED or p.kind is Kind.LATEST}
    laid = [replace(sweep, tied=(sweep.table, sweep.date) in tied)
            for sweep in sweeps([of for of, _ in keys], [apart for _, apart in keys])]  # fmt: skip
    base: list[Predictor] = []
    feeding = []
    for sweep in laid:
        lanes: list[Feeding] = []
        for lane in sweep.lanes:
            own = list(dict.fromkeys(p for number in lane.members for p in fed[keys[number]]))
            shift = sum(len(before.conditions) for before in sweep.lanes[: len(lanes)])
            lanes.append(_feeding(lane, [fed[keys[number]] for number in lane.members], own, len(base), shift))
            base.extend(own)
        feeding.append(tuple(lanes))
    column: dict[Declared, int] = {p: i for i, p in enumerate(base)}
    made = program.compiled([p for p in every if not isinstance(p, Predictor)], column)
    return Plan(
        predictors=tuple(predictors),
        base=tuple(base),
        sweeps=tuple(laid),
        feeding=tuple(feeding),
        program=made,
        chosen=np.array([column[p] for p in predictors], dtype=np.int64),
        table_of=np.array([PERSON_TABLES.index(p.of.table) for p in base], dtype=np.int32),
        claims=np.array([(p.within or 0) if p.claims_zero else 0 for p in base], dtype=np.int32),
        initial=np.array(
            [0.0 if _starts_at_zero(p) else np.nan for p in base] + [np.nan] * len(made), dtype=np.float32
        ),
    )


def _furthest(predictors: Iterable[Predictor]) -> int | None:
    reaches = [p.reach for p in predictors]
    far = [reach for reach in reaches if reach is not None]
    return max(far, default=0) if len(far) == len(reaches) else None


def _with_parts(declared: Iterable[Declared]) -> Iterable[Declared]:
    """``declared`` and all that they are worked out from, parts first."""
    for one in declared:
        if isinstance(one, Derived):
            yield from _with_parts(one.parts)
        yield one


def _feeding(lane: Lane, fed: list[list[Predictor]], own: list[Predictor], first: int, shift: int) -> Feeding:
    column = {p: first + i for i, p in enumerate(own)}
    summed = [p for p in own if p.kind in _SUMMED]
    marked = [p for p in own if p.kind in DIFFERENT]
    slots = {p: i for i, p in enumerate(summed)} | {p: i for i, p in enumerate(marked)}
    items: dict[tuple[Predictor, str], int] = {}
    of_member = dict(zip(lane.members, fed, strict=True))
    entries, first_of_class, reach = [], [0], []
    for number in range(lane.size):
        for group, category in lane.members_of(number):
            for p in of_member[group]:
                slot, points = slots.get(p, 0), 0.0
                if p.kind is Kind.POINTS:
                    slot = items.setdefault((p, category), len(items))
                    points = load(p.of.codes or "").points[category]
                entries.append(
                    (
                        column[p],
                        int(p.kind),
                        p.within or 0,
                        p.ago,
                        p.lasting,
                        p.quiet,
                        p.gap,
                        slot,
                        points,
                        *bounds(p.of),
                    )
                )
        own_reach = [p.reach for group, _ in lane.members_of(number) for p in of_member[group]]
        reach.append(EVER if None in own_reach else max((r for r in own_reach if r is not None), default=NEVER_READ))
        first_of_class.append(len(entries))
    return Feeding(
        columns=slice(first, first + len(own)),
        shift=shift,
        conditions=len(lane.conditions),
        numbered=lane.numbered,
        reach=np.array(reach, dtype=np.int32),
        first_of_class=np.array(first_of_class, dtype=np.int32),
        entries=np.array(entries, dtype=ENTRY),
        summed=np.array([column[p] for p in summed], dtype=np.int32),
        kinds=np.array([int(p.kind) for p in summed], dtype=np.int32),
        marks=len(marked),
        items=len(items),
    )


def _starts_at_zero(p: Predictor) -> bool:
    return p.kind in (Kind.COUNT, Kind.ANY, Kind.SUM, Kind.DISTINCT, Kind.DAYS, Kind.OPEN, Kind.OPEN_SUM, Kind.POINTS, Kind.NEW,
                      Kind.SOON)  # fmt: skip
