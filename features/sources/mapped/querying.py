"""Rules made into queries: each rule is one SELECT an entry over a batch of rows of its file, called ``rows``.

What comes back has, beside the native columns, ``its_drop`` (the rule by which a row is not offered), ``its_field``,
``its_reason`` and ``its_value`` (why it cannot be read); all are null in a row that is offered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as arrow

from features.record.intake import native_columns
from features.record.tables import TABLES
from features.sources.files import literal, quoted
from features.sources.mapped.declared import Condition, Constant, Expression, Files, Rule
from features.sources.mapped.templates import fill

#: Columns of a query's result that say what became of a row.
FATES = ("its_drop", "its_field", "its_reason", "its_value")


@dataclass(frozen=True)
class Cell:
    """SQL of one value, of what was there where it cannot be read, of why (null where it can), and of the rule that drops
    its row."""

    value: str
    was: str = "NULL"
    reason: str = "NULL"
    dropped: str = "NULL"


@dataclass(frozen=True)
class Reading:
    """How the columns of a file are read: their types, its dates and nulls, and values for text in braces."""

    types: Mapping[str, arrow.DataType]
    files: Files
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        """SQL of a column as text: trimmed, blank and declared nulls as null."""
        name = fill(name, self.values)
        held = f"nullif(trim(CAST({quoted(name)} AS VARCHAR)), '')"
        if not self.files.null_values:
            return held
        return f"CASE WHEN {held} NOT IN ({_list(self.files.null_values)}) THEN {held} END"

    def is_temporal(self, name: str) -> bool:
        return arrow.types.is_temporal(self.types[fill(name, self.values)])


def query(rule: Rule, feed: str, reading: Reading, captured: Mapping[str, str]) -> str:
    """The rule over the batch ``rows``; ``feed`` is the key of its delivery, ``captured`` the parts of the file's name."""
    parts = []
    for entry in rule.entries:
        one = Reading(reading.types, reading.files, {**reading.values, **captured, **entry})
        parts.append(_select(rule, feed, one))
    return "\nUNION ALL\n".join(parts)


def _select(rule: Rule, feed: str, reading: Reading) -> str:
    types = native_columns(TABLES[rule.table])
    cells = {name: _cell(cell, types[name], rule, types, reading) for name, cell in rule.cells.items()}
    kept = [f"WHEN NOT {_holds(one, reading)} THEN {literal(one.name)}" for one in rule.keep]
    kept += [
        f"WHEN {cell.dropped} IS NOT NULL THEN {cell.dropped}" for cell in cells.values() if cell.dropped != "NULL"
    ]
    bad = {name: cell for name, cell in cells.items() if cell.reason != "NULL"}

    def first(what: str) -> str:
        whens = " ".join(
            f"WHEN {cell.reason} IS NOT NULL THEN {literal(name) if what == 'field' else getattr(cell, what)}"
            for name, cell in bad.items()
        )
        return f"CASE {whens} END" if whens else "NULL"

    columns = ", ".join(f"{cell.value} AS {quoted(name)}" for name, cell in cells.items())
    dropped = f"CASE {' '.join(kept)} END" if kept else "NULL"
    fates = (dropped, first("field"), first("reason"), first("was"))
    told = ", ".join(f"CAST({sql} AS VARCHAR) AS {name}" for sql, name in zip(fates, FATES, strict=True))
    return f"SELECT source_row, {told}, {literal(feed)} AS feed, {columns} FROM rows"


def _holds(condition: Condition, reading: Reading) -> str:
    text = reading.text(condition.column)
    if condition.blank is not None:
        return f"({text} IS {'' if condition.blank else 'NOT '}NULL)"
    if condition.is_:
        return f"coalesce({text} IN ({_list(condition.is_, reading.values)}), false)"
    return f"coalesce({text} NOT IN ({_list(condition.is_not, reading.values)}), true)"


def _cell(
    cell: Expression, type_: arrow.DataType, rule: Rule, types: Mapping[str, arrow.DataType], reading: Reading
) -> Cell:
    if cell.of:
        origin = _cell(rule.cells[cell.of], types[cell.of], rule, types, reading)
        return Cell(_shifted(origin.value, cell, reading) if type_ == arrow.date32() else origin.value)
    if cell.value is not None:
        value = literal(fill(cell.value, reading.values))
        return Cell(_shifted(f"CAST({value} AS DATE)", cell, reading) if type_ == arrow.date32() else value)
    if type_ == arrow.date32() and cell.column and reading.is_temporal(cell.column):
        held = f"CAST({quoted(fill(cell.column, reading.values))} AS DATE)"
        return Cell(_shifted(held, cell, reading))
    was = text = _joined(cell, reading)
    text = _mended(text, cell)
    reason = dropped = "NULL"
    if cell.map:
        text, reason, dropped = _mapped(text, cell, reading)
    if cell.if_blank:
        text = f"coalesce({text}, {literal(fill(cell.if_blank, reading.values))})"
    if type_ == arrow.date32():
        formats = cell.date_format or reading.files.date_format
        made = f"CAST(try_strptime({text}, [{_list(formats)}]) AS DATE)"
        return Cell(_shifted(made, cell, reading), was, f"CASE WHEN {text} IS NOT NULL AND {made} IS NULL THEN 'not_a_date' END", dropped)  # fmt: skip
    if cell.times is not None:
        made = f"(TRY_CAST({text} AS DOUBLE) * {cell.times!r})"
        return Cell(made, was, f"CASE WHEN {text} IS NOT NULL AND {made} IS NULL THEN 'not_a_number' END", dropped)
    return Cell(text, was, reason, dropped)


def _joined(cell: Expression, reading: Reading) -> str:
    """The origin's text; several columns joined are null where any is blank."""
    return f" || {literal(cell.joined_by)} || ".join(reading.text(name) for name in cell.origins)


def _mended(text: str, cell: Expression) -> str:
    for character in cell.strip:
        text = f"replace({text}, {literal(character)}, '')"
    if cell.pad_to:
        padded = f"{'l' if cell.pad_side == 'left' else 'r'}pad({text}, {cell.pad_to}, {literal(cell.pad_with)})"
        text = f"CASE WHEN length({text}) >= {cell.pad_to} THEN {text} ELSE {padded} END"
    text = f"upper({text})" if cell.upper else text
    return f"{literal(cell.prefix)} || {text}" if cell.prefix else text


def _mapped(text: str, cell: Expression, reading: Reading) -> tuple[str, str, str]:
    """SQL of the mapped value, of the reason where there is none, and of the rule that drops the row."""
    whens = " ".join(
        f"WHEN {literal(key)} THEN {literal(fill(value, reading.values))}" for key, value in cell.map.items()
    )
    unknown = f"CASE WHEN {text} IS NOT NULL AND {text} NOT IN ({_list(tuple(cell.map))}) THEN 'value_not_mapped' END"
    if isinstance(cell.otherwise, Constant):
        other = literal(fill(cell.otherwise.value, reading.values))
        return f"CASE WHEN {text} IS NULL THEN NULL ELSE CASE {text} {whens} ELSE {other} END END", "NULL", "NULL"
    made = f"CASE {text} {whens} END"
    by = {"quarantine": (unknown, "NULL"), "drop": ("NULL", unknown), "null": ("NULL", "NULL")}[cell.otherwise]
    return made, *by


def _shifted(value: str, cell: Expression, reading: Reading) -> str:
    if cell.first_of_month:
        value = f"CAST(date_trunc('month', {value}) AS DATE)"
    days = int(fill(cell.add_days, reading.values))
    return f"({value} + {days})" if days else value


def _list(values: tuple[str, ...], filled: Mapping[str, str] | None = None) -> str:
    return ", ".join(literal(fill(one, filled or {})) for one in values)
