"""What a kind of extract declares of itself. In SQL, ``r`` is a row of the raw file, all of it text, blank text null, with
``received`` and ``source_row`` beside its own columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import duckdb
import pandera.pandas as pa

#: ISO 8601 (a time of day may follow), as on English forms, or run together.
_DATE = r"\d{4}-\d{2}-\d{2}([ T].*)?|\d{2}/\d{2}/\d{4}|\d{8}"
#: Dates that stand for none in national data sets (NHS England, HES and GDPPR null dates).
NO_DATES = ("1800-01-01", "1801-01-01", "1900-01-01")


def dated(says: str, nullable: bool = True) -> Any:
    """A column of dates."""
    return pa.Field(nullable=nullable, description=says, str_matches=f"^(?:{_DATE})$", metadata={"date": True})


#: What the date that a column of dates reads as is called beside it.
AS_DAY = "_as_day"


def day(column: str) -> str:
    """SQL of a column of dates as a date; null where it stands for none. Those of ``r`` that the contract declares
    (:func:`dated`) are read once for each batch, whatever number of rules ask."""
    return f"{column}{AS_DAY}" if re.fullmatch(r"r\.\w+", column) else read_day(column)


def read_day(column: str) -> str:
    """SQL that reads text as a date."""
    iso, run = f"try_cast(left({column}, 10) AS DATE)", f"try_strptime({column}, '%Y%m%d')::DATE"
    read = f"coalesce({iso}, try_strptime({column}, '%d/%m/%Y')::DATE, {run})"
    return f"(CASE WHEN {read} NOT IN ({', '.join(f'DATE {one!r}' for one in NO_DATES)}) THEN {read} END)"


def seconds(column: str) -> str:
    """SQL of the time of day that follows a date, in seconds after midnight; null where there is none."""
    return f"date_part('epoch', try_cast(substr({column}, 12, 8) AS TIME))::INTEGER"


def number(column: str) -> str:
    """SQL of a column as a number; null where it is none."""
    return f"try_cast(trim({column}) AS DOUBLE)"


def flag(column: str) -> str:
    """SQL of a flag; anything that is not plainly yes is no."""
    return f"(lower(coalesce({column}, '')) IN ('true', 't', '1', 'y', 'yes'))"


def one_of(column: str, words: Mapping[str, str], otherwise: str = "NULL") -> str:
    """SQL that puts the record's words for the source's (compared in lower case)."""
    when = " ".join(f"WHEN {_quoted(said.lower())} THEN {_quoted(means)}" for said, means in words.items())
    return f"CASE lower(trim({column})) {when} ELSE {otherwise} END"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


#: Whom a delivery covers that only adds to a table.
NOBODY = "NOBODY"


@dataclass(frozen=True)
class RawFile:
    """A kind of raw file, called ``<name>_<anything>_<day of receipt>``. ``contract`` has its columns that are read, all text; all
    must be there but those of ``may_lack``; ``also`` gives names that earlier releases have for a column. A table of
    ``only_where`` counts as fed only where the test holds for some row of the practice; to a table of
    ``adds_to`` the file adds rows and speaks for nobody: that it has come does not make zero of what it does not tell. ``practice`` is SQL of the practice for whose people a row speaks ('*': everyone),
    ``upto`` of the last day that a row shows its feed to cover (null: the day before receipt). A file that has rows, and in none of them a word in a column of
    ``never_blank``, is refused whole."""

    name: str
    contract: type[pa.DataFrameModel]
    may_lack: tuple[str, ...] = ()
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    only_where: Mapping[str, str] = field(default_factory=dict)
    adds_to: frozenset[str] = frozenset()
    practice: str = "'*'"
    upto: str = "NULL"
    never_blank: tuple[str, ...] = ()

    @cached_property
    def columns(self) -> dict[str, pa.Column]:
        return dict(self.contract.to_schema().columns)

    def called(self, name: str, held: Iterable[str]) -> str | None:
        """What a file with the columns ``held`` calls the column ``name``, in whatever case; None where it has none."""
        there = {one.strip().casefold(): one for one in held}
        return next(
            (there[one.casefold()] for one in (name, *self.also.get(name, ())) if one.casefold() in there), None
        )

    @cached_property
    def dates(self) -> frozenset[str]:
        """Columns of dates."""
        return frozenset(name for name, column in self.columns.items() if (column.metadata or {}).get("date"))

    @property
    def needed(self) -> list[str]:
        return [name for name in self.columns if name not in self.may_lack]


@dataclass(frozen=True)
class Rule:
    """Rows of the raw file ``of`` into ``table``. ``drops`` (name, test) and ``refusals`` (column, reason, test) are tried in order,
    after them the contract of the columns that the rule reads; a row that none takes is offered. ``entered`` is SQL of
    the day on which it was written down; None: known on receipt. ``key`` is the source's own key of the thing."""

    name: str
    of: str
    table: str
    columns: Mapping[str, str]
    entered: str | None = None
    drops: tuple[tuple[str, str], ...] = ()
    refusals: tuple[tuple[str, str, str], ...] = ()
    joins: str = ""
    key: str | None = None

    @property
    def reads(self) -> set[str]:
        """Columns of the raw file that the rule looks at."""
        said = (self.entered or "", self.joins, self.key or "", *self.columns.values(), *(test for *_, test in self.refusals), *(test for _, test in self.drops))  # fmt: skip
        return columns_of(said)


def columns_of(said: Iterable[str]) -> set[str]:
    """Columns of the raw file that pieces of SQL look at."""
    return {found.removesuffix(AS_DAY) for text in said for found in re.findall(r"\br\.(\w+)", text)}


@dataclass(frozen=True)
class Lookup:
    """A table ``name`` with ``received`` and ``columns`` (SQL over ``r``) of the distinct rows of all files of kind ``of``, made before
    any rule runs."""

    name: str
    of: str
    columns: Mapping[str, str]


@dataclass(frozen=True)
class Layout:
    """A kind of extract. ``lag_days`` is how long after its entry the area's data is taken to have held what the first delivery
    brings; ``begins`` the first day of which it knows (None: the earliest that it tells of); ``prepare`` makes further tables
    from the lookups, ``each`` those of one day of receipt; ``required`` names kinds of file without which the others cannot be read; ``delimiters`` what may
    part the columns of its text files. Of an extract that ``may_be_empty`` it is no wonder that it has no rows: it says that nothing
    happened. Any other without rows is taken in with a warning, and speaks for nobody."""

    name: str
    title: str
    files: tuple[RawFile, ...]
    rules: tuple[Rule, ...]
    lookups: tuple[Lookup, ...] = ()
    lag_days: int = 0
    begins: date | None = None
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None
    each: Callable[[duckdb.DuckDBPyConnection, date], None] | None = None
    required: tuple[str, ...] = ()
    delimiters: tuple[str, ...] = (",",)
    may_be_empty: bool = False

    def file(self, name: str) -> RawFile:
        return next(one for one in self.files if one.name == name)

    def of(self, name: str) -> Sequence[Rule]:
        return [rule for rule in self.rules if rule.of == name]
