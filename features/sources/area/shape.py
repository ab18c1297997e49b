"""The shape of a feed: the columns of its files, and how they differ from those of the delivery that was last accepted.

Files are told apart by their names without dates, so that the same file of another day is compared with its like, and the newest of
each kind counts. A kind that comes or goes is for the source to judge; a column that comes, goes or changes its type is a change of
shape, and somebody has to say that it was meant.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pyarrow.parquet as parquet

from features.sources import text
from features.sources.files import ENDINGS

FOLDER = "shapes"
#: Column names and their types, by kind of file.
Shape = dict[str, dict[str, str]]
_DATE = re.compile(r"[_-]?(?<!\d)\d{4}-?\d{2}-?\d{2}(?!\d)")


def shape_of(path: Path) -> Shape:
    """The shape of the feed at ``path``; files that cannot be read have none."""
    found: Shape = {}
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.name.endswith(ENDINGS))
    for file in files:
        kind = _DATE.sub("", file.name).casefold()
        try:
            found[kind] = _columns(file)
        except (OSError, EOFError, ValueError):
            continue
    return found


def changes(before: Shape, now: Shape) -> list[str]:
    """What changed, a sentence each; none where the shape is the same."""
    told = []
    for kind in sorted(set(before) & set(now)):
        was, has = before[kind], now[kind]
        told += [f"{kind}: column {name} is gone" for name in was if name not in has]
        told += [f"{kind}: column {name} is new" for name in has if name not in was]
        told += [
            f"{kind}: column {name} was {was[name]} and is {has[name]}"
            for name in was
            if name in has and was[name] != has[name]
        ]
    return told


def accepted(record: Path, feed: str) -> Shape:
    """The shape of the feed's delivery that was last taken into ``record``; empty where none was."""
    file = record / FOLDER / f"{feed}.json"
    held: Shape = json.loads(file.read_text()) if file.is_file() else {}
    return held


def accept(record: Path, feed: str, shape: Shape) -> None:
    """Keep the shape as the one accepted. Kinds of file that did not come this time keep theirs."""
    whole = {**accepted(record, feed), **shape}
    (record / FOLDER).mkdir(exist_ok=True)
    fresh = record / FOLDER / f".{feed}.new"
    fresh.write_text(json.dumps(whole, indent=1, sort_keys=True))
    os.replace(fresh, record / FOLDER / f"{feed}.json")


def _columns(file: Path) -> dict[str, str]:
    if file.name.endswith(".parquet"):
        schema = parquet.read_schema(file)
        return {field.name: str(field.type) for field in schema}
    return dict.fromkeys(text.column_names(file), "text")
