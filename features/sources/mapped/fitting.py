"""A mapping held against the record's tables, before any file is opened: everything that cannot work, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import pandas as pd
import pyarrow as arrow

from features.coding import SCHEMES, SYSTEMS, CodingSystem
from features.record.casting import cast
from features.record.intake import native_columns, needed_columns
from features.record.tables import PERSON_TABLES, TABLES, Table
from features.sources.contract import Fault
from features.sources.files import nearest
from features.sources.mapped import declared as d
from features.sources.mapped.deliveries import delivered
from features.sources.mapped.templates import fill, holes, pattern

_Say = Callable[[str, str, str, str], Fault]


def faults_of(mapping: d.Mapping, name: str) -> list[Fault]:
    """Every fault of the mapping in itself."""

    def say(where: str, expected: str, found: str, remedy: str) -> Fault:
        return Fault(name, where, expected, found, remedy)

    names = [rule.name for rule in mapping.rules]
    faults = [
        say(f"rules.{one}", "each rule's name once", "the same name twice", "rename one")
        for one in sorted({one for one in names if names.count(one) > 1})
    ]
    for rule in mapping.rules:
        faults += _of_rule(mapping, rule, say)
    for feed in mapping.feeds:
        if feed not in {rule.feed for rule in mapping.rules}:
            faults.append(say(f"feeds.{feed}", "a feed that some rule names", "none that does", "drop it"))
    for file in mapping.files:
        if file not in {rule.file for rule in mapping.rules}:
            faults.append(say(f"files.{file}", "files that some rule reads", "none that does", "drop them"))
    return faults


def _of_rule(mapping: d.Mapping, rule: d.Rule, say: _Say) -> list[Fault]:
    where = f"rules.{rule.name}"
    faults = []
    for key, asked, known in (
        ("table", rule.table, PERSON_TABLES),
        ("file", rule.file, tuple(mapping.files)),
        ("feed", rule.feed, tuple(mapping.feeds)),
    ):
        if asked not in known:
            faults.append(say(f"{where}.{key}", f"one of {', '.join(known)}{nearest(asked, known)}", asked, f"name a {key} that there is"))  # fmt: skip
    if faults:
        return faults
    keys = {frozenset(entry) for entry in rule.entries}
    if len(keys) > 1:
        return [say(f"{where}.for_each", "entries with the same keys", "entries that differ", "give each all of them")]
    captured = pattern(mapping.files[rule.file].pattern).groupindex
    known_names = {*mapping.parameters, *captured, *rule.entries[0]}
    faults += _unknown_holes(where, rule, known_names, say)
    faults += _unknown_holes(f"feeds.{rule.feed}", mapping.feeds[rule.feed], {*mapping.parameters, *captured}, say)
    return faults or [*_of_columns(rule, say), *_of_values(mapping, rule, say), *_of_feed(mapping, rule, say)]


def _unknown_holes(where: str, held: d.Declaration, known: set[str], say: _Say) -> list[Fault]:
    said = {name for text in _texts(held.model_dump(exclude={"for_each"})) for name in holes(text)}
    expected = "a parameter, a part of the file's name or a key of for_each"
    return [
        say(
            where, f"{expected}{nearest(name, known)}", f"{{{name}}}", f"there are {', '.join(sorted(known)) or 'none'}"
        )
        for name in sorted(said - known)
    ]


def _texts(held: object) -> Iterator[str]:
    if isinstance(held, str):
        yield held
    elif isinstance(held, dict):
        for key, value in held.items():
            yield from _texts(key)
            yield from _texts(value)
    elif isinstance(held, list | tuple):
        for one in held:
            yield from _texts(one)


def _of_columns(rule: d.Rule, say: _Say) -> list[Fault]:
    """Columns that the record's table does not have, or that it needs and the rule does not fill."""
    table, where = TABLES[rule.table], f"rules.{rule.name}"
    columns = {name: type_ for name, type_ in native_columns(table).items() if name not in ("feed", "source_row")}
    faults = [
        say(f"{where}.columns.{name}", f"a column of {table.name}{nearest(name, columns)}", name,
            f"it has {', '.join(columns)}")
        for name in rule.cells if name not in columns
    ]  # fmt: skip
    faults += [
        say(f"{where}.columns", f"{name}, which every row of {table.name} must have", "nothing", "say where it comes from")
        for name in needed_columns(table) if name not in (*rule.cells, "feed")
    ]  # fmt: skip
    if not rule.person or ("other_nhs_number" in columns and not rule.other_person):
        which = "person" if not rule.person else "other_person"
        faults.append(say(f"{where}.{which}", "nhs_number, local_id or both", "neither", "say which column it is"))
    for name, cell in rule.cells.items():
        target = rule.cells.get(cell.of or "")
        if cell.of and (target is None or target.of):
            faults.append(say(f"{where}.{name}.of", f"a column of the rule that is not itself `of` another{nearest(cell.of, rule.cells)}", cell.of, f"the rule fills {', '.join(rule.cells)}"))  # fmt: skip
    return faults


def _of_values(mapping: d.Mapping, rule: d.Rule, say: _Say) -> list[Fault]:
    """Constants and the results of value maps that the record would refuse in every row."""
    table, faults = TABLES[rule.table], {}
    types = native_columns(table)
    for entry in rule.entries:
        values = {**mapping.parameters, **entry}
        constants = {name: fill(cell.value, values) for name, cell in rule.cells.items() if cell.value and not cell.map}
        system = SYSTEMS.get(constants.get("system", ""))
        for name, cell in rule.cells.items():
            if name not in types:
                continue
            for value in _told(cell, values):
                wrong = _wrong(table, name, types[name], value, system if name == "code" else None)
                if wrong:
                    where = f"rules.{rule.name}.columns.{name}"
                    faults[where, value] = say(where, wrong, value, "give one of those")
            days = fill(cell.add_days, values)
            if not holes(days) and not days.lstrip("+-").isdigit():
                where = f"rules.{rule.name}.{name}.add_days"
                faults[where, days] = say(where, "a whole number of days", days, "give one")
    return list(faults.values())


def _told(cell: d.Expression, values: Mapping[str, str]) -> Iterable[str]:
    """What the cell can be seen to give without a file."""
    told = [*cell.map.values()]
    if cell.value is not None and not cell.map:
        told.append(cell.value)
    if isinstance(cell.otherwise, d.Constant):
        told.append(cell.otherwise.value)
    if cell.if_blank:
        told.append(cell.if_blank)
    return (text for text in (fill(one, values) for one in told) if not holes(text))


def _wrong(table: Table, name: str, type_: arrow.DataType, value: str, system: CodingSystem | None) -> str | None:
    """What the record expects where it would refuse ``value``; None where it would take it."""
    made, bad = cast(arrow.chunked_array([[value]], arrow.string()), type_)
    if bad is not None and bad.any():
        return {"date32[day]": "a date written as 2024-03-31", "bool": "true or false"}.get(str(type_), "a number")
    if system is not None and not system.well_formed(value):
        return f"a code of {system.title}: {system.shape}"
    if name not in table.schema.columns:
        return None
    series = pd.Series(pd.arrays.ArrowExtensionArray(arrow.chunked_array([made])))
    for check in table.schema.columns[name].checks:
        if not check(series).check_passed:
            allowed = (check.statistics or {}).get("allowed_values")
            return f"one of {', '.join(map(str, allowed))}" if allowed else f"a value that is {check.name}"
    return None


def _of_feed(mapping: d.Mapping, rule: d.Rule, say: _Say) -> list[Fault]:
    """Days that do not read and codes of organisations that are malformed, where they can be told without a file."""
    feed, where = mapping.feeds[rule.feed], f"feeds.{rule.feed}"
    unfilled = [text for text in _texts(feed.model_dump()) if set(holes(text)) - set(mapping.parameters)]
    if unfilled:
        return []
    try:
        made = delivered(feed, rule.table, mapping.parameters)
    except ValueError as error:
        return [say(where, "days written as 2024-03-31 that run forwards", str(error), "mend the feed's days")]
    if not SCHEMES[made.scheme].well_formed(made.organisation):
        scheme = SCHEMES[made.scheme]
        return [say(f"{where}.organisation", f"{scheme.title}: {scheme.shape}", made.organisation, "or declare organisation_scheme = \"local\"")]  # fmt: skip
    return []
