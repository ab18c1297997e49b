"""Rows of the record as somebody posts them of one person: the tables' own declarations, compiled once for checking a few rows at a time.

A table is declared once (:mod:`features.record.tables`). Of a batch pandera checks that declaration column by column; of one person's rows
that takes longer than all the rest of a score, so the same declaration is made into a compiled check of single rows. A rule of a declaration that has no
counterpart here stops the import: what one of the two refuses, the other does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pyarrow as arrow
from pydantic_core import CoreSchema, SchemaValidator, ValidationError, core_schema

from features.coding import LSOA, SCHEMES, SYSTEMS
from features.record.tables import PERSON_TABLES, TABLES, Table

Row = dict[str, Any]
#: A fault: where (column, place of the row in its table) and why, in words without what was sent.
Fault = tuple[str, int | None, str]
#: A rule of a row: the column at fault, what was expected, and whether it holds.
Rule = tuple[str, str, Callable[[Row], bool]]

#: Tables that nobody posts: whose rows are whose is the sender's to say, by whom it asks about.
NOT_POSTED = frozenset({"person_link"})
POSTED = (*(name for name in PERSON_TABLES if name not in NOT_POSTED), "feed")
#: Faults that are told at most.
TOLD = 20
#: Characters of a text at most.
LONGEST = 256
_INT32, _INT64 = 2**31, 2**63


class Unfit(ValueError):
    """Rows that their tables' declarations refuse."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


def checked(posted: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, list[Row]]:
    """Rows by table, in the tables' types, of one person; ``row_id`` as it was given or else by the row's place, everybody's ``person_id`` 1.

    Of the columns that the record fills itself a row may carry its ``row_id``, which a diagnosis names as its stay. :class:`Unfit` where a table or
    column is none, a value does not fit its column, or a row goes against a rule of its table.
    """
    faults: list[tuple[str, str]] = []
    found: dict[str, list[Row]] = {}
    for name, rows in posted.items():
        if name not in POSTED:
            faults.append(("rows", f"expected tables among {', '.join(POSTED)}; found another"))
            continue
        contract = contracts()[name]
        found[name], wrong = contract.check(rows)
        faults += [(f"rows.{name}" + ("" if place is None else f".{place}") + (f".{column}" if column else ""), why)
                   for column, place, why in wrong]  # fmt: skip
    if faults:
        raise Unfit(faults[:TOLD])
    return found


@dataclass(frozen=True)
class Contract:
    """A table's declaration as a check of its rows. ``rules`` look at a whole row; each is its column at fault, what was expected and the test."""

    key: str
    compiled: SchemaValidator
    rules: tuple[Rule, ...]

    def check(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Row], list[Fault]]:
        """The rows, whole; or what is wrong with them."""
        try:
            held: list[Row] = self.compiled.validate_python(rows)
        except ValidationError as error:
            return [], [_fault(one) for one in error.errors(include_input=False, include_url=False)[:TOLD]]
        wrong: list[Fault] = [
            (column, i, why) for i, row in enumerate(held) for column, why, holds in self.rules if not holds(row)
        ]
        for i, row in enumerate(held, 1):
            row["person_id"] = 1
            row.setdefault(self.key, i)
        return held, wrong[:TOLD]


@cache
def contracts() -> dict[str, Contract]:
    """The check of every table that may be posted, made on first use."""
    return {name: contract(TABLES[name]) for name in POSTED}


def contract(table: Table) -> Contract:
    """The check of a table's rows. :class:`KeyError` where its declaration has a rule that is not known here."""
    fields: dict[str, core_schema.TypedDictField] = {}
    rules = [_ROW_RULES[rule.name](table) for rule in table.schema.checks]
    for name, column in table.schema.columns.items():
        if name in ("person_id", "feed_id") and name != table.key:
            continue
        limits: dict[str, Any] = {}
        for check in column.checks:
            limits |= _LIMITS[check.name](check.statistics or {})
            rules += [_VALUE_RULES[name, check.name]] if (name, check.name) in _VALUE_RULES else []
        type_ = _of_type(table.columns[name], limits)
        required = not column.nullable and name != table.key
        fields[name] = core_schema.typed_dict_field(core_schema.nullable_schema(type_) if column.nullable else type_, required=required)  # fmt: skip
    rows = core_schema.list_schema(core_schema.typed_dict_schema(fields, extra_behavior="forbid"))
    return Contract(table.key, SchemaValidator(rows), tuple(rules))


def _of_type(type_: arrow.DataType, limits: dict[str, Any]) -> CoreSchema:
    """The type of a column's values, as strict as the record's own."""
    if "expected" in limits:
        return core_schema.literal_schema(limits["expected"])
    if type_ == arrow.date32():
        return core_schema.no_info_plain_validator_function(_day)
    if type_ == arrow.string():
        return core_schema.str_schema(strict=True, max_length=LONGEST, **limits)
    if type_ == arrow.bool_():
        return core_schema.bool_schema(strict=True)
    if type_ == arrow.float64():
        return core_schema.float_schema(strict=True, allow_inf_nan=False, **limits)
    most = _INT32 if type_ == arrow.int32() else _INT64
    return core_schema.int_schema(strict=True, **({"ge": -most, "lt": most} | limits))


def _day(said: Any) -> date:
    try:
        if isinstance(said, str) and len(said) == 10:
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise ValueError("expected a day as YYYY-MM-DD")


def _fault(error: Any) -> Fault:
    """Where and why, without what was sent: the name of a column that is none is the sender's own."""
    place = next((part for part in error["loc"] if isinstance(part, int)), None)
    if error["type"] == "extra_forbidden":
        return "", place, "a column that the table does not have"
    column = error["loc"][1] if len(error["loc"]) > 1 else ""
    return (
        str(column),
        place,
        "needed, and not there" if error["type"] == "missing" else str(error["msg"]).removeprefix("Value error, "),
    )


def _ordered(first: str, last: str) -> Callable[[Table], Rule]:
    def holds(row: Row) -> bool:
        return row.get(last) is None or row[last] >= row[first]

    return lambda _: (last, f"expected no day before {first}", holds)


def _codes(table: Table) -> Rule:
    """The rule that a code is well formed in the system, or an organisation's in the scheme, that the row names beside it."""
    scheme = next(name for name in table.columns if name == "system" or name.endswith("_scheme"))
    code, known = ("code", SYSTEMS) if scheme == "system" else (scheme.removesuffix("_scheme"), SCHEMES)

    def holds(row: Row) -> bool:
        return row[scheme] not in known or known[row[scheme]].well_formed(row[code])

    return code, f"expected a code of its {scheme}", holds


#: What a declaration's checks come to, by their names: of a column as the type's own limits, of a value, of a row.
_LIMITS: dict[str | None, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "isin": lambda told: {"expected": list(told["allowed_values"])},
    "str_matches": lambda told: {"pattern": told["pattern"]},
    "greater_than_or_equal_to": lambda told: {"ge": told["min_value"]},
    "less_than_or_equal_to": lambda told: {"le": told["max_value"]},
    "less_than": lambda told: {"lt": told["max_value"]},
    "birth_month_not_first_of_month": lambda told: {},
    "malformed_code": lambda told: {},
}
_VALUE_RULES: dict[tuple[str, str | None], Rule] = {
    ("birth_month", "birth_month_not_first_of_month"): (
        "birth_month", "expected the first day of a month", lambda row: row["birth_month"].day == 1
    ),
    ("lsoa", "malformed_code"): (
        "lsoa", f"expected {LSOA.shape}", lambda row: row.get("lsoa") is None or LSOA.well_formed(row["lsoa"])
    ),
}  # fmt: skip
_ROW_RULES: dict[str | None, Callable[[Table], Rule]] = {
    "known_until_before_known_at": _ordered("known_at", "known_until"),
    "end_before_start": _ordered("event_date", "end_date"),
    "malformed_code": _codes,
}
