"""What a mapping may say, as declarations that cannot be changed once made.

Text in braces (``"{year}"``) stands for a value: a parameter of the mapping, a part of the file's name, or a key of the
rule's ``for_each`` (see ``templates``).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

#: Called by its name alone, a column is copied.
Name = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[str, ...], BeforeValidator(lambda held: _texts(held))]
#: A number, or text in braces that stands for one.
Days = Annotated[str, BeforeValidator(lambda held: str(held))]


class Declaration(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class About(Declaration):
    """What data it is; printed beside every figure."""

    kind: Literal["simulated", "real", "demonstration"]
    title: Name


class Named(Declaration):
    """What the extract calls itself: local ids and row keys mean something within it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Files(Declaration):
    """Files of one layout. ``pattern`` names them within the extract: ``*`` is any text, ``{year}`` is a part of the name to
    be used by rules."""

    pattern: Name
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    encoding: Literal["utf-8", "latin-1", "cp1252"] = "utf-8"
    date_format: Texts = ("%Y-%m-%d",)
    null_values: Texts = ()
    optional: bool = False


class Delivery(Declaration):
    """``received`` on that day, it covers the days before ``period_to`` (the day of receipt, when left out)."""

    received: Days
    period_to: Days | None = None


class Feed(Declaration):
    """Who sent what, for whom, and when. Deliveries are listed, or regular: one ``every`` month, quarter or year from
    ``first_received`` to ``last_received``, each covering the days before it, up to ``period_end``. A delivery is received
    ``lag_days`` after the day that is declared, and is taken to stand for ``stands_days`` beyond what it covers (for a
    source that comes less often than the record's staleness allows)."""

    organisation: Name
    organisation_scheme: Literal["ods", "local"] = "ods"
    covers: Name = "*"
    purposes: Name = "*"
    period_from: Days
    deliveries: tuple[Delivery, ...] = ()
    every: Literal["month", "quarter", "year"] | None = None
    first_received: Days | None = None
    last_received: Days | None = None
    period_end: Days | None = None
    lag_days: Days = "0"
    stands_days: Days = "0"

    @model_validator(mode="after")
    def _listed_or_regular(self) -> Feed:
        regular = (self.every, self.first_received, self.last_received)
        if bool(self.deliveries) == any(regular) or (any(regular) and not all(regular)):
            raise ValueError("give deliveries, or all of every, first_received and last_received")
        return self


class Constant(Declaration):
    """A value in place of one that a value map does not know."""

    value: Name


class Expression(Declaration):
    """Where a column's value comes from: ``column``, ``columns`` joined by ``joined_by``, a constant ``value``, or another
    column ``of`` the same rule; then what is done to it, in the order of the fields."""

    column: Name | None = None
    columns: Texts = ()
    joined_by: str = "|"
    value: Annotated[Name, BeforeValidator(lambda held: _text(held))] | None = None
    of: Name | None = None
    strip: str = ""
    prefix: str = ""
    pad_to: Annotated[int, Field(ge=0, le=64)] = 0
    pad_with: Annotated[str, Field(min_length=1, max_length=1)] = "0"
    pad_side: Literal["left", "right"] = "left"
    upper: bool = False
    map: dict[str, Annotated[str, BeforeValidator(lambda held: _text(held))]] = Field(default_factory=dict)
    otherwise: Literal["quarantine", "null", "drop"] | Constant = "quarantine"
    if_blank: Annotated[Name, BeforeValidator(lambda held: _text(held))] | None = None
    times: float | None = None
    date_format: Texts = ()
    first_of_month: bool = False
    add_days: Days = "0"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, held: Any) -> Any:
        """A column's name alone, or several."""
        if isinstance(held, str):
            return {"column": held}
        return {"columns": held} if isinstance(held, list) else held

    @model_validator(mode="after")
    def _one_origin(self) -> Expression:
        given = [bool(self.column), bool(self.columns), self.value is not None, bool(self.of)]
        if sum(given) != 1:
            raise ValueError("give exactly one of column, columns, value and of")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """The file's columns that it reads, as they are written in the mapping."""
        return (self.column,) if self.column else self.columns


class Condition(Declaration):
    """Rows are kept where ``column`` is one of ``is``, is none of ``is_not``, or is (not) ``blank``; the others are dropped by
    the rule that ``called`` names."""

    column: Name
    is_: Annotated[Texts, Field(alias="is")] = ()
    is_not: Texts = ()
    blank: bool | None = None
    called: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum((bool(self.is_), bool(self.is_not), self.blank is not None)) != 1:
            raise ValueError("give exactly one of is, is_not and blank")
        return self

    @property
    def name(self) -> str:
        """The named rule by which a row that fails is dropped."""
        return self.called or ("blank_cell" if self.blank is False else "filtered")


#: Whose row it is: ``nhs_number``, ``local_id``, or both.
Identifiers = Annotated[dict[str, Expression], BeforeValidator(lambda held: _identifiers(held))]


class Rule(Declaration):
    """Rows of the files ``file`` become rows of the record's ``table``; with ``for_each``, one for each of its entries."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    table: Name
    file: Name
    feed: Name
    person: Identifiers
    other_person: Identifiers = Field(default_factory=dict)
    row_key: Expression | None = None
    spell_key: Expression | None = None
    known_at: Expression
    known_until: Expression | None = None
    columns: dict[str, Expression] = Field(default_factory=dict)
    keep: tuple[Condition, ...] = ()
    for_each: tuple[dict[str, Annotated[str, BeforeValidator(lambda held: _text(held))]], ...] = ()

    @property
    def cells(self) -> dict[str, Expression]:
        """Every column of a native row that the rule fills (but ``feed``), with where its value comes from."""
        keys = {"row_key": self.row_key, "spell_key": self.spell_key, "known_at": self.known_at, "known_until": self.known_until}  # fmt: skip
        others = {f"other_{name}": held for name, held in self.other_person.items()}
        given = {name: held for name, held in keys.items() if held is not None}
        return {**self.person, **others, **given, **self.columns}

    @property
    def entries(self) -> tuple[dict[str, str], ...]:
        return self.for_each or ({},)


class Mapping(Declaration):
    """A whole mapping."""

    about: About
    source: Named
    parameters: dict[str, Annotated[str, BeforeValidator(lambda held: _text(held))]] = Field(default_factory=dict)
    files: dict[str, Files] = Field(min_length=1)
    feeds: dict[str, Feed] = Field(min_length=1)
    rules: tuple[Rule, ...] = Field(min_length=1)


def _identifiers(held: Any) -> Any:
    if isinstance(held, dict) and not set(held) <= {"nhs_number", "local_id"}:
        raise ValueError("give nhs_number, local_id or both")
    return held


def _text(held: Any) -> Any:
    """Numbers, dates and flags of the TOML file as the text that the record's columns read."""
    if isinstance(held, bool):
        return str(held).lower()
    return held.isoformat() if isinstance(held, date) else str(held) if isinstance(held, int | float) else held


def _texts(held: Any) -> Any:
    return tuple(_text(one) for one in held) if isinstance(held, list | tuple) else (_text(held),)
