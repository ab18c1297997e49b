"""Extracts in the record's own shape: a folder with one CSV or Parquet file a table (``spell.csv``, ``spell.parquet``), the
deliveries in ``feed.csv`` or ``feed.parquet``, and ``about.json`` (``{"kind": "simulated", "title": "…"}``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet

from features.progress import Progress
from features.record.casting import castable
from features.record.intake import native_columns, needed_columns
from features.record.tables import PERSON_TABLES, TABLES
from features.sources import text
from features.sources.contract import FEED_COLUMNS, IDENTIFIERS, Batch, Fault, InputFile

ABOUT = "about.json"
KINDS = ("simulated", "real", "demonstration")
BATCH_ROWS = 250_000
_MAY_BE_ABSENT = ("known_until",)


def open_source(path: Path) -> Native:
    """The extract in the folder ``path``."""
    return Native(Path(path))


@dataclass(frozen=True)
class _File:
    """A file of the extract and the table that it is for."""

    path: Path
    table: str

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def is_text(self) -> bool:
        return self.path.suffix == ".csv"

    @cached_property
    def scan(self) -> text.Scan:
        return text.scan(self.path, self.is_text)

    @cached_property
    def schema(self) -> arrow.Schema:
        if self.is_text:
            return arrow.schema([(name, arrow.string()) for name in text.column_names(self.path)])
        return parquet.read_schema(self.path)

    @cached_property
    def rows(self) -> int:
        return self.scan.lines if self.is_text else parquet.read_metadata(self.path).num_rows

    def whole(self) -> arrow.Table:
        if self.is_text:
            parts = [frame for frame, _, _ in text.batches(self.path)]
            return arrow.concat_tables(parts) if parts else self.schema.empty_table()
        return parquet.read_table(self.path)


class Native:
    """A :class:`~features.sources.contract.Source`."""

    name = "native"

    def __init__(self, path: Path) -> None:
        self.path = path

    def inputs(self) -> list[InputFile]:
        about = text.scan(self.path / ABOUT, text=False)
        files = [InputFile(file.name, file.scan.sha256, file.scan.size) for file in self._files]
        return [*files, InputFile(ABOUT, about.sha256, about.size)]

    def check(self) -> list[Fault]:
        if not self.path.is_dir():
            found = "a file" if self.path.exists() else "nothing"
            return [Fault(str(self.path), "", "a folder with one file a table", found, "give the extract's folder")]
        faults = [*self._faults_of_about(), *self._faults_of_names()]
        for file in self._files:
            faults += _faults_of_bytes(file) or _faults_of_columns(file)
        if not faults and not any(file.rows for file in self._tables):
            faults.append(Fault(self.path.name, "", "rows", "none in any table", "check that the extract is whole"))
        return faults

    def about(self) -> dict[str, str]:
        held = json.loads((self.path / ABOUT).read_text())
        return {"kind": held["kind"], "title": held["title"]}

    def feeds(self) -> arrow.Table:
        return next(file for file in self._files if file.table == "feed").whole()

    def batches(self, progress: Progress) -> Iterator[Batch]:
        progress.stage("reading rows", sum(file.rows for file in self._tables))
        for file in self._tables:
            for batch in _text_batches(file) if file.is_text else _parquet_batches(file):
                yield batch
                progress.advance(batch.frame.num_rows)

    @cached_property
    def _files(self) -> list[_File]:
        """Files of the record's tables, in the order of the tables."""
        found = [_File(path, path.stem) for path in sorted(self.path.iterdir()) if path.suffix in (".csv", ".parquet")]
        order = list(TABLES)
        return sorted((file for file in found if file.table in TABLES), key=lambda file: order.index(file.table))

    @property
    def _tables(self) -> list[_File]:
        return [file for file in self._files if file.table != "feed"]

    def _faults_of_about(self) -> list[Fault]:
        expected = f'{{"kind": one of {", ".join(KINDS)}, "title": text}}'
        try:
            held = json.loads((self.path / ABOUT).read_text())
        except FileNotFoundError:
            return [Fault(ABOUT, "", expected, "no such file", "say in it what data this is")]
        except ValueError:
            return [Fault(ABOUT, "", expected, "something that is not JSON", "write it as JSON")]
        fits = isinstance(held, dict) and held.get("kind") in KINDS and isinstance(held.get("title"), str)
        return [] if fits else [Fault(ABOUT, "", expected, "something else", "give both, as shown")]

    def _faults_of_names(self) -> list[Fault]:
        faults = []
        for path in sorted(self.path.iterdir()):
            if path.suffix in (".csv", ".parquet") and path.stem not in TABLES:
                faults.append(Fault(path.name, "", f"a file named after a table ({', '.join(TABLES)})", "another name", "rename the file or take it out"))  # fmt: skip
        tables = [file.table for file in self._files]
        for table in sorted({table for table in tables if tables.count(table) > 1}):
            faults.append(Fault(table, "", "one file a table", "both a CSV and a Parquet file", "take one of them out"))
        if "feed" not in tables:
            faults.append(Fault("feed.csv", "", "the deliveries that the rows came with, in feed.csv or feed.parquet", "no such file", f"give one with the columns feed, {', '.join(FEED_COLUMNS)}"))  # fmt: skip
        if not self._tables:
            faults.append(Fault(self.path.name, "", f"at least one of {', '.join(PERSON_TABLES)} as CSV or Parquet", "none", "give the extract's folder"))  # fmt: skip
        return faults


def _faults_of_bytes(file: _File) -> list[Fault]:
    """What keeps the file from being read at all."""
    try:
        if file.is_text and file.scan.not_utf8_at is not None:
            return [Fault(file.name, f"byte {file.scan.not_utf8_at:,}", "text in UTF-8", "bytes of another encoding", "save the file as UTF-8")]  # fmt: skip
        if file.is_text and not file.schema.names:
            return [Fault(file.name, "line 1", "the names of the columns", "nothing", "check that the file is whole")]
        _ = file.schema
    except (arrow.ArrowInvalid, OSError) as error:
        found = (
            "no permission to read" if isinstance(error, PermissionError) else "something that cannot be read as one"
        )
        return [Fault(file.name, "", "a CSV file" if file.is_text else "a Parquet file", found, "export it again")]
    return []


def _faults_of_columns(file: _File) -> list[Fault]:
    names = file.schema.names
    if file.table == "feed":
        known = dict.fromkeys(("feed", *FEED_COLUMNS), arrow.string()) | {
            name: type_ for name, type_ in TABLES["feed"].columns.items() if name in FEED_COLUMNS
        }
        needed = [name for name in known if name not in _MAY_BE_ABSENT]
    else:
        known, needed = native_columns(TABLES[file.table]), needed_columns(TABLES[file.table])
        known = {name: type_ for name, type_ in known.items() if name != "source_row"}
    allowed = ", ".join(known)
    faults = []
    for name in sorted({name for name in names if names.count(name) > 1}):
        faults.append(
            Fault(file.name, f"column {name}", "each column once", "the same name twice", "rename or drop one")
        )
    for name in dict.fromkeys(names):
        if name not in known:
            faults.append(
                Fault(file.name, f"column {name}", f"one of {allowed}", "an unknown column", "rename or drop it")
            )
        elif not castable(file.schema.field(names.index(name)).type, known[name]):
            faults.append(Fault(file.name, f"column {name}", f"{known[name]} or text that reads as it", str(file.schema.field(names.index(name)).type), "export it as that"))  # fmt: skip
    for name in needed:
        if name not in names:
            faults.append(Fault(file.name, f"column {name}", "a column of that name", "none", "add it"))
    if file.table != "feed" and not any(name in names for name in IDENTIFIERS):
        faults.append(Fault(file.name, "", f"one of the columns {' and '.join(IDENTIFIERS)}", "neither", "add one"))
    return faults


def _text_batches(file: _File) -> Iterator[Batch]:
    for frame, numbers, rejected in text.batches(file.path):
        yield Batch(file.table, file.name, frame.append_column("source_row", arrow.array(numbers)), refused=rejected)


def _parquet_batches(file: _File) -> Iterator[Batch]:
    first = 1
    with parquet.ParquetFile(file.path) as opened:
        for batch in opened.iter_batches(BATCH_ROWS):
            yield Batch(file.table, file.name, arrow.Table.from_batches([batch]), first_row=first)
            first += batch.num_rows
