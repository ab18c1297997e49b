"""The facts of a block of people, straight from the record's files: what the reader's views do by joins is done in passing.

The rows lie sorted by person, so a block of people is a stretch of each file; a text column comes as a dictionary, so what a text
means is worked out once for each different one of a stretch.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.parquet as parquet

from features.engine.arrange import NEVER, Ordered
from features.engine.codes import UNMET, Settling
from features.engine.keep import Gathered, Sought, Stretch, ended_bits
from features.engine.lanes import Lane, Sweep, conditions_of
from features.engine.plan import Plan
from features.engine.raw import Columns, Numbering, as_days, flags, wanted
from features.engine.statement import number_column, numbers
from features.record.lying import lying
from features.record.reader import Record
from features.record.tables import TABLES

Array = npt.NDArray[Any]
#: A stretch of rows, and the numbers that they carry.
Made = tuple[Stretch, dict[str, Array]]
_EPOCH = date(1970, 1, 1)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_NONE: Array = np.empty(0, dtype=np.int32)


class Files:
    """The facts of ``plan``'s sweeps from the files of ``record``, as far as ``dates`` can see."""

    def __init__(self, record: Record, plan: Plan, dates: Sequence[date]) -> None:
        self._sweeps = [_Source(record, plan, at, dates) for at in range(len(plan.sweeps))]
        # What a sweep has met of codes and texts, and its last stretch, are for one at a time.
        self._asked = [threading.Lock() for _ in plan.sweeps]

    def facts(self, sweep: int, people: npt.NDArray[np.int64]) -> Ordered:
        """Facts of a sweep about ``people`` (sorted, each once), in order."""
        with self._asked[sweep]:
            return self._sweeps[sweep].facts(people)


class _Source:
    """Where the facts of one sweep come from."""

    def __init__(self, record: Record, plan: Plan, at: int, dates: Sequence[date]) -> None:
        self._sweep = sweep = plan.sweeps[at]
        self._columns = wanted(sweep)
        self._lying = lying(record, sweep.table, self._columns)
        types = TABLES[sweep.table].columns
        refusing = ["feed_id"] if len(self._lying.refused) else []
        self._files = [
            _File(path, {name: types[name] for name in (*self._columns, *refusing)}) for path in self._lying.files
        ]
        self._settling = Settling(sweep, plan.reaches(at)) if sweep.coded else None
        self._numbering = Numbering(sweep)
        self._earliest, self._latest = _day(min(dates)), _day(max(dates))
        self._reach = plan.reach(sweep)
        self._bits = ended_bits(self._lying.ended)
        self._flagged = any(lane.conditions for lane in sweep.lanes)
        # Where every group has a condition, a row that meets none is of no use.
        self._meeting = self._flagged and all(conditions_of(of) for lane in sweep.lanes for of in lane.groups)
        self._last: dict[tuple[int, int], Made] = {}

    def facts(self, people: npt.NDArray[np.int64]) -> Ordered:
        # Of a stretch that nobody may read nothing is left; it tells nothing of what the next ones hold.
        made = [(one, linked) for one, linked in self._made(people) if len(one[0].person_id)]
        names = tuple(_name(lane) for lane in self._sweep.lanes)
        settled = self._settling.settled if self._settling else None
        of_code = _NONE if settled is None else (self._earliest - settled.reach).astype(np.int32)
        since = _day(date.min) if self._reach is None else self._earliest - self._reach
        sought = Sought(since, self._latest, self._meeting, self._lying.ended, self._bits, of_code)
        # What the reader has followed already has ended where it ends, and is nobody's who may not be read.
        followed = Sought(since, self._latest, self._meeting, self._lying.ended, self._bits[:0], of_code)
        apart, nobody = np.isin(people, self._lying.apart), np.zeros(len(people), dtype=bool)
        rows = [stretch for (stretch, _), _ in made] or [self._stretch(_nothing(self._sweep, self._columns))]
        most = sum(stretch.about(people) for stretch in rows)
        gathered = Gathered(most, people, tuple(numbers(self._sweep)), rows[0])
        for (stretch, carried), linked in made:
            gathered.add(stretch, carried, followed if linked else sought, nobody if linked else apart)
        return gathered.ordered(settled, names, tied=self._sweep.tied)

    def _made(self, people: npt.NDArray[np.int64]) -> Iterator[tuple[Made, bool]]:
        """Stretches of rows about ``people`` (and others), with their numbers, and whether they are of those whom links concern."""
        low, high = int(people[0]), int(people[-1])
        held, self._last = self._last, {}
        for place, file in enumerate(self._files):
            for group in file.groups(low, high):
                # The next people begin where these end, in the same stretch.
                made = held.get((place, group)) or self._of(file.read(group))
                self._last = {at: kept for at, kept in self._last.items() if at[0] != place} | {(place, group): made}
                yield made, False
        if self._lying.followed is not None:
            person = self._lying.followed.column("person_id").to_numpy()
            begin, until = np.searchsorted(person, low, "left"), np.searchsorted(person, high, "right")
            if until > begin:
                yield self._of(self._lying.followed.slice(begin, until - begin)), True

    def _of(self, rows: arrow.Table) -> Made:
        if len(self._lying.refused) and "feed_id" in rows.column_names:
            rows = rows.filter(arrow.array(~np.isin(rows.column("feed_id").to_numpy(), self._lying.refused)))
        columns = _columns(rows)
        return self._stretch(columns), self._numbering.of(columns)

    def _stretch(self, columns: Columns) -> Stretch:
        sweep = self._sweep
        start = as_days(columns[sweep.date], NEVER)
        time = _NONE
        if sweep.tied:
            time = as_days(columns["event_time"], -1) if "event_time" in columns else np.full(len(start), -1, np.int32)
        return Stretch(
            person_id=columns["person_id"].to_numpy(),
            start=start,
            end=as_days(columns["end_date"], NEVER) if TABLES[sweep.table].interval else _NONE,
            known_at=as_days(columns["known_at"], NEVER),
            known_until=as_days(columns["known_until"], NEVER),
            time=time,
            row_id=columns["row_id"].to_numpy(),
            code=self._places(columns) if self._settling else _NONE,
            flags=flags(sweep, columns, start) if self._flagged else np.empty(0, dtype=np.int64),
        )

    def _places(self, columns: Columns) -> Array:
        """The place of each row's code among those settled; below 0 where it is of no use."""
        assert self._settling is not None
        system, code = columns["system"], columns["code"]
        systems, codes = system.dictionary.to_pylist(), len(code.dictionary)
        # A row without a code or a system is one more pair, of no use.
        at = system.indices.fill_null(len(systems)).to_numpy().astype(np.int64) * (codes + 1)
        at += code.indices.fill_null(codes).to_numpy()
        known = self._table(systems, code.dictionary)
        places = known[at]
        unmet = np.unique(at[places == UNMET])
        if len(unmet):
            texts = code.dictionary.to_pylist()
            self._settling.meet([(systems[pair // (codes + 1)], texts[pair % (codes + 1)]) for pair in unmet.tolist()])
            places = self._table(systems, code.dictionary)[at]
        return places

    def _table(self, systems: list[str], codes: arrow.Array) -> Array:
        assert self._settling is not None
        table = np.full((len(systems) + 1, len(codes) + 1), -1, dtype=np.int32)
        table[:-1, :-1] = self._settling.places(systems, codes)
        return table.ravel()


class _File:
    """A file of rows sorted by person, read a stretch at a time: its row groups."""

    def __init__(self, path: Path, types: dict[str, arrow.DataType]) -> None:
        metadata = parquet.read_metadata(path)
        held = metadata.schema.names
        self._held, self._types = [name for name in types if name in held], types
        texts = [name for name in self._held if arrow.types.is_string(types[name])]
        self._file = parquet.ParquetFile(path, metadata=metadata, read_dictionary=texts)
        place = held.index("person_id")
        groups = [metadata.row_group(i).column(place).statistics for i in range(metadata.num_row_groups)]
        self._ends = [(group.min, group.max) if group else (_LOWEST, _HIGHEST) for group in groups]

    def groups(self, low: int, high: int) -> list[int]:
        """The stretches that hold rows of people from ``low`` to ``high``."""
        return [group for group, (first, last) in enumerate(self._ends) if last >= low and first <= high]

    def read(self, group: int) -> arrow.Table:
        rows = self._file.read_row_group(group, columns=self._held, use_threads=False)
        # Files that an earlier version wrote may lack a column that the table has been given since.
        for name in self._types.keys() - set(self._held):
            rows = rows.append_column(name, arrow.nulls(rows.num_rows, self._types[name]))
        return rows


def _columns(rows: arrow.Table) -> Columns:
    """The columns of rows, each in one piece, text as a dictionary."""
    whole = {name: _whole(rows.column(name)) for name in rows.column_names}
    return {
        name: column.dictionary_encode() if arrow.types.is_string(column.type) else column
        for name, column in whole.items()
    }


def _whole(column: arrow.ChunkedArray) -> arrow.Array:
    # What is in one piece already would be copied.
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _nothing(sweep: Sweep, columns: list[str]) -> Columns:
    types = TABLES[sweep.table].columns
    return _columns(arrow.schema([(name, types[name]) for name in columns]).empty_table())


def _name(lane: Lane) -> str | None:
    return number_column(lane) if lane.numbered and lane.distinct != "code" else None


def _day(day: date) -> int:
    return (day - _EPOCH).days
