"""Which rows are facts: of one table, satisfying every condition, picked by a code set, dated by a column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as arrow

from features.codelists import load
from features.record.tables import TABLES

#: What a condition may ask of the day of a fact, beside the table's own columns: ISO weekday (1 Monday to 7 Sunday), month.
OF_THE_DAY = ("weekday", "month")
#: What social care costs and who pays, and who the organisation is: a habit of a team, not of a person.
NEVER = ("practice", "practice_scheme", "provider", "organisation", "team_id", "worker", "funding", "cost", "ethnicity", "lsoa",
         "feed_id", "row_id", "person_id", "spell_id", "other_person_id", "care_home_id")  # fmt: skip


class Misdeclared(ValueError):
    """A declaration that makes no sense, with what was expected."""


@dataclass(frozen=True)
class Between:
    """Numbers of ``[low, high)``; None is no bound. A null is in no range."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        low, high = self.bounds
        if not low < high or (low, high) == (-math.inf, math.inf):
            raise Misdeclared(f"expected a low bound below a high one, found {self.low} and {self.high}")

    @property
    def bounds(self) -> tuple[float, float]:
        return (-math.inf if self.low is None else self.low, math.inf if self.high is None else self.high)

    def holds(self, number: Any) -> bool:
        low, high = self.bounds
        return number is not None and low <= float(number) < high


#: A column and what of it counts: values, or a range of numbers.
Condition = tuple[str, tuple[Any, ...] | Between]


@dataclass(frozen=True)
class Facts:
    """Rows of ``table`` that satisfy every condition.

    ``where`` names columns (or what :data:`OF_THE_DAY` names) and what of them counts; ``codes`` names a code set, matched
    against ``system`` and ``code``. ``value`` is the column that carries the number; ``distinct`` the text column whose
    different values are counted, its first ``prefix`` characters when given. ``date`` is the column taken as the day of the
    fact; of a table of intervals the fact lasts from it to ``end_date``.
    """

    table: str
    where: tuple[Condition, ...] = ()
    codes: str | None = None
    value: str | None = None
    distinct: str | None = None
    prefix: int | None = None
    date: str = "event_date"

    def __post_init__(self) -> None:
        if self.table not in TABLES or self.table == "feed":
            raise Misdeclared(f"expected a table of the record, found {self.table!r}; they are {', '.join(TABLES)}")
        columns = TABLES[self.table].columns
        named = [c for c, _ in self.where if c not in OF_THE_DAY]
        for column in [*named, *(c for c in (self.value, self.distinct, self.date) if c)]:
            if column not in columns:
                raise Misdeclared(f"{self.table} has no column {column!r}; it has {', '.join(columns)}")
            if column in NEVER and column != self.distinct:
                raise Misdeclared(
                    f"{self.table}.{column} is never a predictor: it tells of an organisation, not of a person"
                )
        for column, values in self.where:
            self._check_condition(column, values)
        if self.value and str(columns[self.value]) not in ("double", "int32", "bool"):
            raise Misdeclared(f"{self.table}.{self.value} is {columns[self.value]}, not a number")
        if self.distinct and not arrow.types.is_string(columns[self.distinct]):
            raise Misdeclared(f"{self.table}.{self.distinct} is {columns[self.distinct]}, not text")
        if not arrow.types.is_date(columns[self.date]):
            raise Misdeclared(f"{self.table}.{self.date} is {columns[self.date]}, not a day")
        if self.codes is not None:
            if "code" not in columns:
                raise Misdeclared(f"{self.table} carries no codes, so no code set can pick its rows")
            load(self.codes)

    def _check_condition(self, column: str, values: tuple[Any, ...] | Between) -> None:
        if isinstance(values, Between):
            if column in OF_THE_DAY or str(TABLES[self.table].columns[column]) not in ("double", "int32"):
                raise Misdeclared(f"{self.table}.{column}: only numbers lie between two others")
        elif not isinstance(values, tuple) or not values:
            raise Misdeclared(f"{self.table}.{column}: expected a tuple of values, found {values!r}")
        elif any(isinstance(value, str) and not value.replace("_", "").isalnum() for value in values):
            raise Misdeclared(f"{self.table}.{column}: expected values of letters, digits and _, found {values!r}")

    @property
    def interval(self) -> bool:
        """Whether a fact lasts."""
        return TABLES[self.table].interval

    @property
    def numbered(self) -> bool:
        """Whether a fact needs a number of its row."""
        return self.value is not None or self.distinct is not None

    @property
    def what(self) -> list[Any]:
        """All that decides which rows are facts, ready for JSON, the content of the code set included."""
        where = [
            [column, list(values.bounds) if isinstance(values, Between) else list(values)]
            for column, values in self.where
        ]
        content = load(self.codes).fingerprint if self.codes else ""
        return [self.table, where, self.codes, content, self.value, self.distinct, self.prefix, self.date]


def facts(table: str, *, codes: str | None = None, value: str | Between | None = None, distinct: str | None = None,
          prefix: int | None = None, date: str = "event_date", where: Mapping[str, Any] | None = None,
          **conditions: Any) -> Facts:  # fmt: skip
    """Rows of a table: ``facts("spell", admission_method=EMERGENCY_METHODS)``.

    ``value`` names the column that carries the number; a range given in its place is a condition on the column ``value``. Conditions
    on a column whose name is taken here go into ``where``.
    """
    asked = {**(where or {}), **conditions}
    if isinstance(value, Between):
        asked, value = {**asked, "value": value}, None
    picked = tuple(
        sorted(((column, _values(given)) for column, given in asked.items()), key=lambda condition: condition[0])
    )
    return Facts(table, picked, codes, value, distinct, prefix, date)


def _values(given: Any) -> tuple[Any, ...] | Between:
    if isinstance(given, Between):
        return given
    return tuple(given) if isinstance(given, list | tuple | set) else (given,)
