"""One batch of native rows, made into rows of the record: typed, checked, and named by ``person_id`` alone.

Nothing that identifies a person leaves this module but to the identity store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as arrow
import pyarrow.compute as pc

from features.coding import NHS_NUMBER
from features.errors import BadInput
from features.linkage.identity import IdentityStore, Link
from features.record.casting import cast, castable, reason
from features.record.delivery import Deliveries
from features.record.door import Door
from features.record.keys import RowIdentities
from features.record.quarantine import Faults
from features.record.tables import TABLES, Table
from features.record.validation import validate
from features.record.versioned import KEYS
from features.sources.contract import HELD_APART, IDENTIFIERS, OTHER_IDENTIFIERS, Batch

#: Keys that ingest works out from other columns, with the columns that stand for them in a native row.
_STANDS_FOR: dict[str, tuple[str, ...]] = {"spell_id": ("spell_key",), "other_person_id": OTHER_IDENTIFIERS}
_TEXT = arrow.string()


@dataclass(frozen=True)
class Taken:
    """What a batch became: rows ``dropped`` by rule, and of the rest (``frame``, numbered ``all_numbers`` in the file) the accepted
    ``rows`` (in the table's columns) with their numbers, ``faults`` of the others, people found to be one, and what is
    worth noting."""

    rows: arrow.Table
    numbers: np.ndarray
    faults: Faults
    frame: arrow.Table
    all_numbers: np.ndarray
    links: tuple[Link, ...]
    noted: dict[str, int]
    dropped: dict[str, int]


def native_columns(table: Table) -> dict[str, arrow.DataType]:
    """Every column that a native row of ``table`` may have, with its type."""
    own = {name: type_ for name, type_ in table.columns.items() if name not in (*KEYS, *_STANDS_FOR)}
    keys = dict.fromkeys((*IDENTIFIERS, "row_key", "feed"), _TEXT)
    stand_ins = {name: _TEXT for key in _STANDS_FOR if key in table.columns for name in _STANDS_FOR[key]}
    return {**keys, **stand_ins, **own, **dict.fromkeys(HELD_APART, _TEXT), "source_row": arrow.int64()}


def needed_columns(table: Table) -> list[str]:
    """Columns that a native row of ``table`` must have (beside one of the identifiers)."""
    own = [name for name in native_columns(table) if name in table.columns and not table.schema.columns[name].nullable]
    return ["feed", *own, *(["spell_key"] if "spell_id" in table.columns else [])]


class Intake:
    """Takes in the batches of one source, but for what the law or a person's choice keeps out (``turned_away``)."""

    def __init__(
        self,
        source: str,
        deliveries: Deliveries,
        identity: IdentityStore,
        connection: duckdb.DuckDBPyConnection,
        turned_away: Sequence[int] = (),
    ) -> None:
        self.source, self.deliveries, self.identity = source, deliveries, identity
        self.door = Door(source, identity, turned_away)
        self.row_ids = RowIdentities(identity.row_salt, source, connection)
        self._judged: dict[str, bool] = {}

    def take(self, batch: Batch) -> Taken:
        """Type, check and name the rows of ``batch``; :class:`BadInput` where its columns are not those of its table."""
        table, frame = TABLES[batch.table], batch.frame
        _fits(table, batch)
        numbers = (
            frame["source_row"].to_numpy()
            if "source_row" in frame.column_names
            else batch.first_row + np.arange(frame.num_rows)
        )
        if not frame.num_rows:  # a batch that only accounts for rows
            return Taken(table.arrow.empty_table(), numbers, Faults(0), frame, numbers, (), {}, {})
        passed = self.door.let_in(batch.table, frame)
        frame, numbers = passed.frame, numbers[passed.kept]
        faults = Faults(frame.num_rows)
        typed = self._typed(table, frame, faults)
        people = {pair: _Identifiers.of(frame, *pair, faults, self._judged) for pair in _identifying(table)}
        validate(table, arrow.table(typed), faults)
        good = ~faults.bad
        accepted, links = self._named(table, frame.filter(good), {name: typed[name].filter(good) for name in typed},
                                      {pair: found.only(good) for pair, found in people.items()})  # fmt: skip
        beside = int((people[IDENTIFIERS].malformed & good).sum())
        noted = {**passed.noted, **({"malformed_nhs_number_beside_local_id": beside} if beside else {})}
        return Taken(accepted, numbers[good], faults, frame, numbers, tuple(links), noted, passed.dropped)

    def _typed(self, table: Table, frame: arrow.Table, faults: Faults) -> dict[str, arrow.Array]:
        """The table's columns; keys are 0 as yet."""
        count, typed = frame.num_rows, {}
        for name, type_ in table.columns.items():
            if name in KEYS or name in _STANDS_FOR:
                typed[name] = arrow.array(np.zeros(count, dtype=np.int64))
            elif name in frame.column_names:
                typed[name], bad = cast(frame[name], type_)
                if bad is not None:
                    faults.add(bad, name, reason(type_))
            else:
                typed[name] = arrow.nulls(count, type_)
        if "spell_id" in typed:
            faults.add(_flags(pc.is_null(_text(frame, "spell_key"))), "spell_key", "missing")
        typed["feed_id"] = self._delivered(table, frame, typed, faults)
        return typed

    def _delivered(
        self, table: Table, frame: arrow.Table, typed: dict[str, arrow.Array], faults: Faults
    ) -> arrow.Array:
        keys = _text(frame, "feed")
        which = self.deliveries.named(keys)
        missing = _flags(pc.is_null(keys))
        faults.add(missing, "feed", "missing")
        faults.add((which < 0) & ~missing, "feed", "unknown_feed")
        faults.add((which >= 0) & (self.deliveries.table[which] != table.name), "feed", "other_feed")
        received = self.deliveries.received[which]
        for name in ("event_date", "known_at"):
            if name in typed:
                day = pc.fill_null(typed[name].cast(arrow.int32()), -(2**31)).to_numpy(zero_copy_only=False)
                faults.add(day > received, name, "future_date")
        return arrow.array(self.deliveries.feed_id[which])

    def _named(
        self,
        table: Table,
        frame: arrow.Table,
        typed: dict[str, arrow.Array],
        people: dict[tuple[str, str], _Identifiers],
    ) -> tuple[arrow.Table, list[Link]]:
        """Accepted rows with ``person_id`` and identities in place of identifiers and keys."""
        found = people[IDENTIFIERS]
        person, links = self.identity.resolve(found.nhs, self.source, found.local)
        typed["person_id"] = arrow.array(person)
        if OTHER_IDENTIFIERS in people:
            other = people[OTHER_IDENTIFIERS]
            typed["other_person_id"] = arrow.array(self.identity.resolve(other.nhs, self.source, other.local)[0])
        if "spell_id" in typed:
            typed["spell_id"] = self.row_ids.of_keys("spell", _text(frame, "spell_key"))
        rows = arrow.table(typed)
        keys = _text(frame, "row_key")
        ids = self.row_ids.of_keys(table.name, keys)
        if ids.null_count:
            ids = pc.coalesce(ids, self.row_ids.of_content(table.name, rows))
        apart = [name for name in HELD_APART if name in frame.column_names]
        if apart:
            texts = arrow.table({name: frame[name].cast(_TEXT) for name in apart})
            self.identity.held.keep_apart(person, self.source, texts)
        return rows.set_column(rows.column_names.index("row_id"), "row_id", ids), links


@dataclass(frozen=True)
class _Identifiers:
    """A row's identifiers: well-formed NHS numbers and local ids, or null; and where an NHS number was malformed."""

    nhs: arrow.Array
    local: arrow.Array
    malformed: np.ndarray

    @classmethod
    def of(
        cls, frame: arrow.Table, nhs_column: str, local_column: str, faults: Faults, judged: dict[str, bool]
    ) -> _Identifiers:
        """``judged`` remembers which texts are NHS numbers from one batch to the next."""
        given = _text(frame, nhs_column).dictionary_encode()
        bare = pc.replace_substring_regex(given.dictionary, r"[\s-]", "").to_pylist()
        judged.update((text, NHS_NUMBER.well_formed(text)) for text in bare if text not in judged)
        good = [text if judged[text] else None for text in bare]
        nhs = arrow.array(good, _TEXT).take(given.indices)
        local = _text(frame, local_column)
        malformed = _flags(pc.and_(pc.is_valid(given), pc.is_null(nhs)))
        alone = _flags(pc.is_null(local))
        faults.add(malformed & alone, nhs_column, "malformed_nhs_number")
        faults.add(~malformed & alone & _flags(pc.is_null(nhs)), nhs_column, "no_identifier")
        return cls(nhs, local, malformed)

    def only(self, rows: np.ndarray) -> _Identifiers:
        return _Identifiers(self.nhs.filter(rows), self.local.filter(rows), self.malformed[rows])


def _identifying(table: Table) -> list[tuple[str, str]]:
    return [IDENTIFIERS, OTHER_IDENTIFIERS] if "other_person_id" in table.columns else [IDENTIFIERS]


def _fits(table: Table, batch: Batch) -> None:
    columns = native_columns(table)
    wrong = [f"unknown column {name}" for name in batch.frame.column_names if name not in columns]
    wrong += [f"no column {name}" for name in needed_columns(table) if name not in batch.frame.column_names]
    wrong += [
        f"column {name} of type {batch.frame.schema.field(name).type}, not {type_}"
        for name, type_ in columns.items()
        if name in batch.frame.column_names and not castable(batch.frame.schema.field(name).type, type_)
    ]
    if wrong:
        raise BadInput(f"{batch.file} does not fit table {table.name}: {'; '.join(wrong)}; nothing was written")


def _text(frame: arrow.Table, name: str) -> arrow.Array:
    if name not in frame.column_names:
        return arrow.nulls(frame.num_rows, _TEXT)
    return cast(frame[name], _TEXT)[0]


def _flags(marks: arrow.Array) -> np.ndarray:
    return pc.fill_null(marks, False).to_numpy(zero_copy_only=False).astype(bool)
