"""A mapping held against the files of an extract: which files it means, and what of them does not fit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from features.sources.contract import Fault
from features.sources.files import ENDINGS, DataFile, nearest
from features.sources.mapped import declared as d
from features.sources.mapped.templates import fill, pattern
from features.sources.text import Dialect


@dataclass(frozen=True)
class Matched:
    """A file of the extract, which of the mapping's ``files`` it is, and the parts of its name that were captured."""

    file: DataFile
    kind: str
    captured: Mapping[str, str]


def match(path: Path, mapping: d.Mapping) -> list[Matched]:
    """Every file of the extract that the mapping means, in the order of the mapping and of the names."""
    root = path.parent if path.is_file() else path
    there = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    found = []
    for kind, files in mapping.files.items():
        shape = pattern(files.pattern)
        for one in there:
            name = one.relative_to(root).as_posix()
            fits = shape.fullmatch(name)
            if fits:
                remedy = f'declare its encoding (encoding = "cp1252", say) in [files.{kind}], or save it as {files.encoding}'  # fmt: skip
                found.append(
                    Matched(
                        DataFile(one, name, Dialect(files.delimiter, files.encoding), remedy), kind, fits.groupdict()
                    )
                )
    return found


def faults_of_files(path: Path, mapping: d.Mapping, matched: list[Matched]) -> list[Fault]:
    """Files that are missing or cannot be read, and columns that they lack."""
    if not path.exists():
        return [Fault(path.name, "", "an extract", "nothing of that name", "check the path")]
    faults = []
    for kind, files in mapping.files.items():
        if not files.optional and not any(one.kind == kind for one in matched):
            there = [one.name for one in path.rglob("*") if one.is_file()] if path.is_dir() else [path.name]
            near = nearest(re.sub(r"[{}*]", "", files.pattern), there)
            faults.append(Fault(path.name, f"files.{kind}", f"files called {files.pattern}{near}", "none", "check the path and the pattern, or declare optional = true"))  # fmt: skip
    for one in matched:
        if not one.file.name.endswith(ENDINGS):
            faults.append(Fault(one.file.name, "", f"a file whose name ends in {', '.join(ENDINGS)}", "another ending", "rename it"))  # fmt: skip
            continue
        fault = one.file.fault()
        faults += [fault] if fault else _faults_of_columns(one, mapping)
    if matched and not faults and not any(one.file.rows for one in matched):
        faults.append(Fault(path.name, "", "rows", "none in any file", "check that the extract is whole"))
    return faults


def _faults_of_columns(one: Matched, mapping: d.Mapping) -> list[Fault]:
    """Columns that rules ask for and the file does not have; each once, with the rules that ask."""
    asked: dict[str, list[str]] = {}
    for rule in mapping.rules:
        if rule.file == one.kind:
            for entry in rule.entries:
                values = {**mapping.parameters, **one.captured, **entry}
                names = [name for cell in rule.cells.values() for name in cell.origins]
                for name in [*names, *(condition.column for condition in rule.keep)]:
                    asked.setdefault(fill(name, values), []).append(rule.name)
    faults = []
    for name, rules in asked.items():
        if name not in one.file.columns:
            expected = f"a column of that name, which {_and(rules)} asks for{nearest(name, one.file.columns)}"
            faults.append(
                Fault(one.file.name, f"column {name}", expected, "none", "mend the mapping, or ask for the column")
            )
    return faults


def _and(rules: list[str]) -> str:
    return " and ".join(dict.fromkeys(f"rule {rule}" for rule in rules))
