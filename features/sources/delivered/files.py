"""The files of an extract: which kind each is, when it was received, and what is wrong with it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.sources.contract import Fault
from features.sources.delivered.declared import Layout, RawFile
from features.sources.files import ENDINGS, DataFile, nearest
from features.sources.receipt import received
from features.sources.text import Dialect, column_names


@dataclass(frozen=True)
class Delivery:
    """A file of a kind, received on a day."""

    file: DataFile
    kind: RawFile
    received: date


def find(path: Path, layout: Layout) -> tuple[list[Delivery], list[Fault]]:
    """The files of ``layout`` at ``path`` (a folder, or one file), in the order of receipt and then of the layout's files; and
    faults of names. A layout of one file takes any name."""
    if not path.exists():
        return [], [
            Fault(path.name, "", f"a folder of files, or one file ({', '.join(ENDINGS)})", "nothing", "check the path")
        ]
    paths = (
        [path]
        if path.is_file()
        else sorted(one for one in path.rglob("*") if one.is_file() and one.name.endswith(ENDINGS))
    )
    made, faults = [], []
    kinds = ", ".join(file.name for file in layout.files)
    for one in paths:
        name = one.name if path.is_file() else one.relative_to(path).as_posix()
        kind, on = _kind(one.name, layout), received(one.name)
        if kind is None:
            known = [file.name for file in layout.files]
            faults.append(Fault(name, "its name", f"one that begins with a kind of file ({kinds}){nearest(one.name.split('_')[0], known)}", "another", "rename it or take it out"))  # fmt: skip
        elif on is None:
            faults.append(
                Fault(
                    name,
                    "its name",
                    f"the day of its receipt, as in {kind.name}_2024-11-30.csv",
                    "none",
                    "put it there",
                )
            )
        else:
            made.append(Delivery(DataFile(one, name, _dialect(one, layout)), kind, on))
    order = {file.name: n for n, file in enumerate(layout.files)}
    made.sort(key=lambda one: (one.received, order[one.kind.name], one.file.name))
    if not made and not faults:
        faults.append(Fault(path.name, "", f"files of {layout.name} ({kinds})", "none", "give their folder"))
    return made, faults


def _dialect(path: Path, layout: Layout) -> Dialect:
    """How the file is written: by the first delimiter of the layout that parts its first line, else by the first of all."""
    for delimiter in layout.delimiters[1:] if not path.name.endswith(".parquet") else ():
        try:
            if len(column_names(path, Dialect(layout.delimiters[0]))) < 2 < len(column_names(path, Dialect(delimiter))):
                return Dialect(delimiter)
        except (OSError, EOFError, zlib.error):
            break  # What is wrong with it is told when it is checked.
    return Dialect(layout.delimiters[0])


def _kind(name: str, layout: Layout) -> RawFile | None:
    stem = name.lower()
    fitting = [file for file in layout.files if re.match(rf"{file.name}(?![a-z])", stem)]
    if fitting:
        return max(fitting, key=lambda file: len(file.name))
    return layout.files[0] if len(layout.files) == 1 else None


def faults_of(deliveries: Sequence[Delivery], layout: Layout) -> list[Fault]:
    """What keeps the files from being read: broken bytes, missing columns, missing kinds of file."""
    faults = []
    for one in deliveries:
        broken = one.file.fault()
        if broken:
            faults.append(broken)
            continue
        for name in one.kind.needed:
            if one.kind.called(name, one.file.columns) is None:
                found = f"none{nearest(name, one.file.columns)}"
                faults.append(Fault(one.file.name, f"column {name}", "a column of that name", found, f"{one.kind.name} must have {', '.join(one.kind.needed)}"))  # fmt: skip
    there = {one.kind.name for one in deliveries}
    for needed in layout.required:
        if needed not in there:
            faults.append(Fault(needed, "", f"a file of this kind, as {needed}_2024-11-30.csv", "none", "add it: the others cannot be read without it"))  # fmt: skip
    return faults
