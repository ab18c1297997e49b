"""The record's own shape: one Parquet file a table, and ``about.json``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.population.recording.rows import NO_DAY, Array, Column, Rows, Words
from features.record.tables import TABLES

_TEXT = arrow.string()
#: Rows of a table that are written together.
ROW_GROUP = 250_000
#: Columns of a table that a row of the native shape does not carry.
_NOT_CARRIED = ("row_id", "person_id", "feed_id", "spell_id", "other_person_id", "probability")


def schema(table: str) -> arrow.Schema:
    """Columns of ``table`` in the native shape, with their types."""
    own = {name: type_ for name, type_ in TABLES[table].columns.items() if name not in _NOT_CARRIED}
    if table == "feed":
        return arrow.schema([("feed", _TEXT), *own.items()])
    ids: dict[str, arrow.DataType] = {"nhs_number": _TEXT, "local_id": _TEXT, "row_key": _TEXT, "feed": _TEXT}
    if table == "diagnosis":
        ids["spell_key"] = _TEXT
    if table == "person_link":
        ids |= {"other_nhs_number": _TEXT, "other_local_id": _TEXT}
    return arrow.schema([*ids.items(), *own.items()])


class NativeWriter:
    """Writes rows as they come, in one thread of its own; a context. ``nhs_numbers`` are those of people by index;
    people beyond them exist only in a practice's own numbering. ``matched`` marks those whose NHS number the council
    knows."""

    def __init__(self, folder: Path, nhs_numbers: arrow.Array, matched: Array, about: Mapping[str, str]) -> None:
        self.folder, self.about, self.matched = folder, about, matched
        self._nhs = nhs_numbers
        self._files: dict[str, parquet.ParquetWriter] = {}
        self._waiting: dict[str, list[arrow.Table]] = {}
        self._queue: Queue[Rows | None] = Queue(maxsize=8)
        self._failed: BaseException | None = None
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> NativeWriter:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._thread.start()
        return self

    def write(self, rows: Rows) -> None:
        """Hand on rows; they are on disk when the context ends."""
        if self._failed is not None:
            raise self._failed
        if len(rows):
            self._queue.put(rows)

    def feeds(self, columns: Mapping[str, Column]) -> None:
        """Write the feed file."""
        shape = schema("feed")
        table = arrow.table([_column(columns[f.name], f.type) for f in shape], schema=_dictionaries(shape, columns))
        parquet.write_table(table, self.folder / "feed.parquet", store_schema=False, compression="zstd")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._queue.put(None)
        self._thread.join()
        if error is None and self._failed is None:
            for table in sorted(self._waiting):
                self._flush(table)
        for writer in self._files.values():
            writer.close()
        if error is None:
            if self._failed is not None:
                raise self._failed
            (self.folder / "about.json").write_text(json.dumps(dict(self.about), indent=1) + "\n")

    def _work(self) -> None:
        while (rows := self._queue.get()) is not None:
            try:
                if self._failed is None:
                    self._put(rows)
            except BaseException as error:
                self._failed = error

    def _put(self, rows: Rows) -> None:
        shape = schema(rows.table)
        columns: dict[str, Any] = {
            **rows.columns,
            **self._identifiers(rows),
            "feed": rows.feed,
            "known_at": rows.known_at,
        }
        columns["known_until"] = np.full(len(rows), NO_DAY, np.int32) if rows.known_until is None else rows.known_until
        # What the area's organisations do not record themselves (a matched care home) is null.
        arrays = [
            _column(columns[f.name], f.type) if f.name in columns else arrow.nulls(len(rows), f.type) for f in shape
        ]
        batch = arrow.table(
            [a.cast(f.type) if arrow.types.is_dictionary(a.type) else a for a, f in zip(arrays, shape, strict=True)],
            schema=shape,
        )
        held = self._waiting.setdefault(rows.table, [])
        held.append(batch)
        if sum(map(len, held)) >= ROW_GROUP:
            self._flush(rows.table)

    def _flush(self, table: str) -> None:
        """Write what waits as one row group."""
        if table not in self._files:
            self._files[table] = parquet.ParquetWriter(
                self.folder / f"{table}.parquet", schema(table), compression="zstd", compression_level=1,
                store_schema=False, write_statistics=False,
            )  # fmt: skip
        self._files[table].write_table(arrow.concat_tables(self._waiting.pop(table)), row_group_size=2 * ROW_GROUP)

    def _identifiers(self, rows: Rows) -> dict[str, Any]:
        n, person = len(rows), rows.person
        real = person < len(self._nhs)
        number = np.where(real, person, -1)
        none = Words(np.full(n, -1, np.int8), ("",))
        nhs, local = _take(self._nhs, number), none
        out: dict[str, Any] = {}
        if rows.council:
            own = _numbered("C", person)
            if rows.table == "person_link":
                out = {"other_nhs_number": nhs, "other_local_id": none}
                nhs = _take(self._nhs, np.full(n, -1))
            else:
                nhs = _take(self._nhs, np.where(self.matched[person], person, -1))
            local = own
        elif not real.all():
            local = _numbered("TEST", np.where(real, -1, person))
        keys = none if rows.key is None else _numbered("k", rows.key)
        out |= {"nhs_number": nhs, "local_id": local, "row_key": keys}
        if rows.spell is not None:
            out["spell_key"] = _numbered("k", rows.spell)
        return out


def _take(words: arrow.Array, number: Array) -> arrow.Array:
    return words.take(arrow.array(number, mask=number < 0))


def _numbered(prefix: str, number: Array) -> arrow.Array:
    """``prefix`` and the number as text; null for -1."""
    text = arrow.array(number, mask=number < 0).cast(_TEXT)
    return arrow.compute.binary_join_element_wise(prefix, text, "")


def _column(column: Any, type_: arrow.DataType) -> Any:
    if isinstance(column, Words):
        number = column.number.astype(np.int32)
        words = column.words if isinstance(column.words, arrow.Array) else arrow.array(list(column.words), _TEXT)
        return arrow.DictionaryArray.from_arrays(arrow.array(number, mask=number < 0), words)
    if isinstance(column, arrow.Array | arrow.ChunkedArray):
        return column
    if arrow.types.is_floating(type_):
        return arrow.array(column.astype(np.float64), type_, mask=np.isnan(column))
    if arrow.types.is_date(type_):
        return arrow.array(column.astype(np.int32), arrow.int32(), mask=column == NO_DAY).cast(type_)
    if arrow.types.is_boolean(type_):
        return arrow.array(column > 0, type_, mask=None if column.dtype == bool else column < 0)
    return arrow.array(column.astype(np.int32), type_, mask=column < 0)


def _dictionaries(shape: arrow.Schema, columns: Mapping[str, Column]) -> arrow.Schema:
    fields = [
        arrow.field(f.name, arrow.dictionary(arrow.int32(), _TEXT)) if isinstance(columns[f.name], Words) else f
        for f in shape
    ]
    return arrow.schema(fields)
