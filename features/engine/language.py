"""The language in which predictors are declared: what facts, over which window, put together how, said in which words.

A declaration is immutable and refuses nonsense when it is made. What it means is fixed here and by nothing else; the
compiled kernel and the plain reference both follow this page:

* A version of a row counts at *t* when ``event_date < t``, ``known_at < t`` and ``known_until`` is null or ``>= t``.
* A fact is in the window when ``t - within <= event_date < t``, an interval by its first day. Without ``within`` the window
  has no beginning.
* ``DAYS`` counts the days of ``[event_date, end_date)`` that lie in ``[t - within, t)``, whenever the interval began; an end
  unknown at *t*, or later, reads as open and is cut at *t*. ``OPEN`` is an interval whose end is unknown or after *t*.
* ``lasting`` leaves out intervals that have lasted less than so many days by *t*.
* A table whose feed does not reach the person at *t* makes its predictors absent (NaN), never zero.
* A value that is null is no fact for an aggregate of values.
"""

from __future__ import annotations

import hashlib
import json
import string
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from features.codelists import load
from features.record.tables import TABLES


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


#: Kinds that need a number of the row.
VALUED = {Kind.SUM, Kind.LATEST, Kind.MEAN, Kind.LEAST, Kind.GREATEST, Kind.SLOPE, Kind.OPEN_SUM}
#: Kinds that need a table of intervals.
LASTING = {Kind.DAYS, Kind.OPEN, Kind.OPEN_SUM}


#: A slope over fewer days than this says more about one bad measurement than about a change.
SLOPE_NEEDS = 30


class Misdeclared(ValueError):
    """A declaration that makes no sense, with what was expected."""


@dataclass(frozen=True)
class Facts:
    """Rows of ``table`` that satisfy every condition.

    ``where`` names columns and the values that count; ``codes`` names a code set, matched against ``system`` and ``code``.
    ``value`` is the column that carries the number; ``distinct`` the text column whose different values are counted, its
    first ``prefix`` characters when given. ``date`` is the column taken as the event date.
    """

    table: str
    where: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    codes: str | None = None
    value: str | None = None
    distinct: str | None = None
    prefix: int | None = None
    date: str = "event_date"

    def __post_init__(self) -> None:
        if self.table not in TABLES or self.table == "feed":
            raise Misdeclared(f"expected a table of the record, found {self.table!r}; they are {', '.join(TABLES)}")
        columns = TABLES[self.table].columns
        named = [c for c, _ in self.where] + [c for c in (self.value, self.distinct, self.date) if c]
        for column in named:
            if column not in columns:
                raise Misdeclared(f"{self.table} has no column {column!r}; it has {', '.join(columns)}")
        for column, values in self.where:
            if not isinstance(values, tuple) or not values:
                raise Misdeclared(f"{self.table}.{column}: expected a tuple of values, found {values!r}")
        if self.value and str(columns[self.value]) not in ("double", "int32", "bool"):
            raise Misdeclared(f"{self.table}.{self.value} is {columns[self.value]}, not a number")
        if self.codes is not None:
            if "code" not in columns:
                raise Misdeclared(f"{self.table} carries no codes, so no code set can pick its rows")
            load(self.codes)


def facts(table: str, *, codes: str | None = None, value: str | None = None, distinct: str | None = None,
          prefix: int | None = None, date: str = "event_date", **where: Any) -> Facts:  # fmt: skip
    """Rows of a table: ``facts("spell", admission_method=EMERGENCY_METHODS)``."""
    conditions = tuple(sorted((c, tuple(v) if isinstance(v, list | tuple | set) else (v,)) for c, v in where.items()))
    return Facts(table, conditions, codes, value, distinct, prefix, date)


@dataclass(frozen=True)
class Predictor:
    """A number about a person at *t*.

    ``says`` is what a clinician would say of it, with ``{n}`` for the number (``{n:.0f}`` and the like allowed);
    ``says_none`` what is said of a zero, ``says_absent`` of no number at all. ``within`` is the window's length in days.
    ``reference`` is the source of a clinical rule.
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

    def __post_init__(self) -> None:
        if not self.name.replace("_", "").isalnum() or self.name != self.name.lower():
            raise Misdeclared(f"expected a name of small letters, digits and _, found {self.name!r}")
        if self.within is not None and self.within <= 0:
            raise Misdeclared(f"{self.name}: expected a window of one day or more, found {self.within}")
        if self.kind in VALUED and self.of.value is None:
            raise Misdeclared(f"{self.name}: {self.kind.name} needs `value`, the column that carries the number")
        if self.kind not in VALUED and self.of.value is not None:
            raise Misdeclared(f"{self.name}: {self.kind.name} has no use for the value {self.of.value!r}")
        if (self.kind is Kind.DISTINCT) != (self.of.distinct is not None):
            raise Misdeclared(f"{self.name}: DISTINCT, and it alone, names the column whose values it counts")
        if self.kind in LASTING and not TABLES[self.of.table].interval:
            raise Misdeclared(f"{self.name}: {self.kind.name} needs intervals; {self.of.table} holds events")
        if self.lasting and not TABLES[self.of.table].interval:
            raise Misdeclared(f"{self.name}: only intervals last; {self.of.table} holds events")
        if self.kind in (Kind.OPEN, Kind.OPEN_SUM) and self.within is not None:
            raise Misdeclared(f"{self.name}: what is open at t has no window")
        fields = {name for _, name, _, _ in string.Formatter().parse(self.says) if name is not None}
        if self.kind in (Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST) and "{n} days" not in self.says:
            raise Misdeclared(f"{self.name}: a time since is said as {{n}} days, found {self.says!r}")
        if not self.says or fields - {"n"}:
            raise Misdeclared(f"{self.name}: expected words with {{n}} for the number, found {self.says!r}")

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables whose feeds must reach a person for the predictor to be there."""
        return (self.of.table,)

    @property
    def fingerprint(self) -> str:
        """Hash of all that decides the number: the declaration and the content of its code set, not its words."""
        what = [self.name, int(self.kind), self.within, self.of.table, self.of.where, self.of.codes, self.of.value,
                self.of.distinct, self.of.prefix, self.of.date, self.lasting]  # fmt: skip
        content = load(self.of.codes).fingerprint if self.of.codes else ""
        return hashlib.sha256(json.dumps([what, content], default=str).encode()).hexdigest()

    def phrase(self, value: float) -> str:
        """What a clinician would say of the number; NaN is said as not recorded. A time since is said in days below two
        months, in months below two years, in years above."""
        if value != value:
            return self.says_absent or f"{self.title}: not recorded"
        if value == 0 and self.says_none:
            return self.says_none
        if self.kind in (Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST):
            return self.says.replace("{n} days", _lapse(value))
        number = f"{value:.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.1f}"
        return self.says.replace("{n}", number) if "{n}" in self.says else self.says.format(n=value)

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


def _lapse(days: float) -> str:
    """A stretch of days as people say it."""
    if days < 61:
        return "a day" if days == 1 else f"{days:.0f} days"
    return f"{days / 30.4375:.0f} months" if days < 730 else f"{days // 365.25:.0f} years"
