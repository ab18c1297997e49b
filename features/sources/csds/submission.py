"""One submission: its files, what its header says, its rows in a database, and batches of rows that it brings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.sources.contract import Batch, Fault, Rejected
from features.sources.csds.columns import FILES, MAY_BE_MISSING, columns
from features.sources.files import ENDINGS, DataFile, nearest
from features.sources.receipt import fault, received

_TEXT = arrow.string()


@dataclass(frozen=True)
class Header:
    """``first`` and ``last`` day of the submission's month, and who made it."""

    provider: str
    first: date
    last: date


@dataclass(frozen=True)
class Submission:
    """``files`` by the beginning of their names (``CYP201``)."""

    name: str
    received: date | None
    files: Mapping[str, DataFile]

    @cached_property
    def header(self) -> Header:
        rows = next(self.files["CYP000"].batches()).frame
        names = _named(self.files["CYP000"])

        def value(name: str) -> str:
            return str(rows[names[name]][0].as_py() or "")

        return Header(value("ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER"), _day(value("REPORTING_PERIOD_START_DATE")),
                      _day(value("REPORTING_PERIOD_END_DATE")))  # fmt: skip

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it but its header."""
        return not any(file.rows for kind, file in self.files.items() if kind != "CYP000")

    def faults(self) -> list[Fault]:
        """What keeps the submission from being read."""
        undated = fault(self.name, "2024-05-15")
        faults = [undated] if undated else []
        for file in FILES:
            if file not in self.files:
                if file not in MAY_BE_MISSING:
                    faults.append(Fault(self.name, "", f"a file {file}….csv or .parquet", "none", "add it"))
                continue
            broken = self.files[file].fault()
            faults += [broken] if broken else self._missing_columns(file)
        if not faults:
            faults += self._faults_of_header()
        return faults

    def load(self, connection: duckdb.DuckDBPyConnection) -> dict[str, list[Rejected]]:
        """Put every file's rows into a table named after it; rows that could not be read, by file."""
        unread: dict[str, list[Rejected]] = {}
        for file in FILES:
            names = list(columns(file))
            fields = ", ".join(f"{name} VARCHAR" for name in names)
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {file.lower()} (source_row BIGINT, {fields})")
            unread[file] = []
            if file not in self.files:
                continue
            there = _named(self.files[file])
            for rows in self.files[file].batches():
                unread[file] += rows.unread
                held: dict[str, Any] = {"source_row": arrow.array(rows.numbers)}
                for name in names:
                    held[name] = (
                        _plain(rows.frame[there[name]]) if name in there else arrow.nulls(len(rows.numbers), _TEXT)
                    )
                connection.register("batch", arrow.table(held))
                connection.execute(f"INSERT INTO {file.lower()} SELECT * FROM batch")
                connection.unregister("batch")
        return unread

    def batch(self, frame: arrow.Table, file: str, table: str, rule: str, refused: Sequence[Rejected] = (),
              dropped: Mapping[str, int] | None = None) -> Batch:  # fmt: skip
        """Rows of one of its files for ``table``, with the delivery that brought them unless they say it themselves."""
        count = frame.num_rows
        if "source_row" not in frame.column_names:
            frame = frame.append_column("source_row", arrow.array(np.zeros(count, np.int64)))
        if "feed" not in frame.column_names:
            frame = frame.append_column("feed", arrow.array([f"{self.name}:{table}"] * count, _TEXT))
            frame = frame.append_column("known_at", arrow.array([self.received] * count, arrow.date32()))
        return Batch(table, self.files[file].name, frame, rule, dropped=Counter(dropped or {}), refused=refused)

    def _missing_columns(self, file: str) -> list[Fault]:
        there = _named(self.files[file])
        where = self.files[file].name
        return [
            Fault(where, f"column {name.replace('_', ' ')}", "a column of that name", f"none{nearest(name, there)}", "export it with the rest")
            for name, needed in columns(file).items() if needed and name not in there
        ]  # fmt: skip

    def _faults_of_header(self) -> list[Fault]:
        where = self.files["CYP000"].name
        try:
            if self.header.provider and self.header.first <= self.header.last:
                return []
        except (ValueError, StopIteration, IndexError):
            pass
        return [Fault(where, "", "one row with the provider and the first and last day of the period", "something else", "check the header")]  # fmt: skip


def submissions(folder: Path) -> list[Submission]:
    """The submissions in ``folder``, in the order of receipt."""
    found = []
    for path in sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else ():
        files = {}
        for held in sorted(path.iterdir()):
            kind = held.name[:6].upper()
            if held.name.endswith(ENDINGS) and kind in FILES:
                files[kind] = DataFile(held, f"{path.name}/{held.name}")
        if files:
            found.append(Submission(path.name, received(path.name), files))
    return sorted(found, key=lambda one: (one.received or date.max, one.name))


def _named(file: DataFile) -> dict[str, str]:
    """The file's columns by the dictionary's name of each."""
    return {re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_"): name for name in file.columns}


def _plain(column: arrow.ChunkedArray) -> arrow.ChunkedArray:
    text = pc.utf8_trim_whitespace(pc.cast(column, _TEXT))
    return pc.if_else(pc.is_in(pc.utf8_upper(text), arrow.array(["", "NULL"])), arrow.scalar(None, _TEXT), text)


def _day(text: str) -> date:
    parts = text[:10].split("/")
    return date.fromisoformat("-".join(reversed(parts)) if len(parts) == 3 else text[:10])
