"""A predictor put together from a person's facts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import IntEnum

from features.engine import words
from features.engine.picking import Facts, Misdeclared
from features.engine.words import Words


class Kind(IntEnum):
    """How facts are put together. The numbers are the kernel's."""

    COUNT = 0  # how many facts
    ANY = 1  # 1 when there is one, else 0
    DAYS_SINCE_LAST = 2  # t - the newest event_date; absent when there is none
    DAYS_SINCE_FIRST = 3  # t - the oldest event_date; absent when there is none
    SUM = 4  # sum of the value; 0 when there is none
    LATEST = 5  # value of the newest; absent when there is none
    MEAN = 6
    LEAST = 7
    GREATEST = 8
    SLOPE = 9  # least-squares change of the value a year; absent when first and last lie under 30 days apart
    DISTINCT = 10  # how many different values of a text column
    DAYS = 11  # days of the window that the intervals cover, one interval after another
    OPEN = 12  # how many intervals are open at t
    OPEN_SUM = 13  # sum of the value of the intervals that are open at t
    YEARS = 14  # (t - the newest event_date) / 365.25
    DEVIATION = 15  # standard deviation (n - 1) of the value; absent under three of them
    POINTS = 16  # points of the code set's categories that are there, each category once
    NEW = 17  # how many different values are in the window and in none of the `quiet` days before it
    SOON = 18  # intervals that begin within `gap` days of the end of the latest-ending earlier one


#: Kinds that need a number of the row.
VALUED = frozenset(
    {Kind.SUM, Kind.LATEST, Kind.MEAN, Kind.LEAST, Kind.GREATEST, Kind.SLOPE, Kind.OPEN_SUM, Kind.DEVIATION}
)
#: Kinds that count different values of a text column.
DIFFERENT = frozenset({Kind.DISTINCT, Kind.NEW})
#: Kinds that need a table of intervals.
LASTING = frozenset({Kind.DAYS, Kind.OPEN, Kind.OPEN_SUM, Kind.SOON})
#: Kinds that look at the whole interval, whenever it began.
WHOLE = frozenset({Kind.DAYS, Kind.OPEN, Kind.OPEN_SUM})
#: Kinds of what holds at t: they have no window.
WINDOWLESS = frozenset({Kind.OPEN, Kind.OPEN_SUM})
#: Kinds that say nothing of a window by zero unless all of it was observed.
ZERO_IS_A_CLAIM = frozenset(
    {Kind.COUNT, Kind.ANY, Kind.SUM, Kind.DISTINCT, Kind.DAYS, Kind.POINTS, Kind.NEW, Kind.SOON}
)

#: A slope over fewer days than this says more about one bad measurement than about a change.
SLOPE_NEEDS = 30
#: A spread of fewer values than this says nothing.
DEVIATION_NEEDS = 3


@dataclass(frozen=True)
class Predictor(Words):
    """A number about a person at *t*, put together from facts.

    ``within`` is how far back the window reaches, in days; ``ago`` how many days before *t* it ends, and as of when an interval is
    open. ``lasting`` leaves out shorter intervals. ``quiet`` (NEW) is the stretch before the window, ``gap`` (SOON) the
    days between an end and the next beginning. ``reference`` is the source of a clinical rule.
    """

    name: str
    kind: Kind
    of: Facts
    domain: str
    says: str
    within: int | None = None
    says_none: str = ""
    says_absent: str = ""
    actionable: bool = False
    reference: str = ""
    lasting: int = 0
    ago: int = 0
    quiet: int = 0
    gap: int = 0

    def __post_init__(self) -> None:
        words.check(self)
        kind, of, name = self.kind, self.of, self.name
        for wrong, expected in (
            (self.within is not None and self.within <= 0, f"expected a window of one day or more, found {self.within}"),
            (self.ago < 0 or (self.within is not None and 0 < self.within <= self.ago), f"expected a window that ends after it begins, found {self.within} days to {self.ago} days before"),
            (kind in VALUED and of.value is None, f"{kind.name} needs `value`, the column that carries the number"),
            (kind not in VALUED and of.value is not None, f"{kind.name} has no use for the value {of.value!r}"),
            ((kind in DIFFERENT) != (of.distinct is not None), "DISTINCT and NEW, and they alone, name the column whose values they count"),
            (kind in LASTING and not of.interval, f"{kind.name} needs intervals; {of.table} holds events"),
            (self.lasting != 0 and not of.interval, f"only intervals last; {of.table} holds events"),
            (kind in WINDOWLESS and self.within is not None, "what is open at t has no window"),
            (kind is Kind.POINTS and of.codes is None, "POINTS needs a code set, whose categories have points"),
            (kind is Kind.NEW and (self.within is None or self.quiet <= 0), "NEW needs a window and the `quiet` days before it"),
            (kind is not Kind.NEW and self.quiet != 0, "only NEW has `quiet` days"),
            (kind is Kind.SOON and self.gap <= 0, "SOON needs a `gap` of one day or more"),
            (kind is not Kind.SOON and self.gap != 0, "only SOON has a `gap`"),
        ):  # fmt: skip
            if wrong:
                raise Misdeclared(f"{name}: {expected}")

    @property
    def time_since(self) -> bool:
        return self.kind in (Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST)

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables whose feeds must reach a person for the predictor to be there."""
        return (self.of.table,)

    @property
    def how(self) -> str:
        return self.kind.name.lower()

    @property
    def reach(self) -> int | None:
        """How many days before *t* a fact may begin and still matter; None: any number."""
        if self.within is None or self.kind in WHOLE or self.kind is Kind.SOON:
            return None
        return self.within + self.quiet

    @property
    def claims_zero(self) -> bool:
        """Whether a zero says that something did not happen in a window, which one must have observed to say."""
        return self.within is not None and self.kind in ZERO_IS_A_CLAIM

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the number: the declaration and the content of its code set, not its words."""
        what = [self.name, int(self.kind), self.within, self.of.what, self.lasting, self.ago, self.quiet, self.gap]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()
