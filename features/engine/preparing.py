"""Makes a record's prepared facts: one pass over its files, written as plain arrays."""

from __future__ import annotations

import collections
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from features.engine.arrange import Ordered
from features.engine.blocks import MAKERS, PEOPLE
from features.engine.files import Files
from features.engine.plan import Plan
from features.engine.prepared import CONTENTS, DAYS
from features.engine.signature import signature
from features.engine.statement import number_column
from features.errors import Refused
from features.progress import SILENT, Progress
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from features.record.writer import PREPARED, Transaction, discard_prepared

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Made:
    """Facts made ahead: how many, of how many people, in how many bytes."""

    facts: int
    people: int
    bytes: int


def prepare(record: Record, plan: Plan, progress: Progress = SILENT, block: int = PEOPLE) -> Made:
    """Make the facts of ``record`` for ``plan`` anew, whole or not at all. :class:`Refused` where the record changed meanwhile."""
    folder, unfinished = record.path / PREPARED, record.path / f".{PREPARED}.{os.getpid()}"
    people = _people(record)
    progress.stage("facts", total=len(people))
    discard_prepared(record.path)
    unfinished.mkdir()
    try:
        # Whatever any date could see.
        files = Files(record, plan, [date.min, date.max])
        asked = [people[low : low + block] for low in range(0, len(people), block)]
        with ThreadPoolExecutor(MAKERS) as maker:
            sweeps = [_Writing(unfinished, plan, at) for at in range(len(plan.sweeps))]
            for at, lot, facts in _ahead(maker, files, asked, len(sweeps)):
                sweeps[at].add(lot, facts)
                if at == len(sweeps) - 1:
                    progress.advance(len(lot))
        said = {"signature": signature(record, plan), "sweeps": [sweep.done() for sweep in sweeps]}
        (unfinished / CONTENTS).write_text(json.dumps(said))
        with Transaction(record.path) as nobody_writes:
            if nobody_writes.held.fingerprint != record.fingerprint:
                raise Refused(
                    "expected the record to stay as it was while its facts were made ready, found it changed; run it again"
                )
            unfinished.rename(folder)
    except FileNotFoundError as gone:
        raise Refused(
            "the record changed while its facts were made ready, and what was made of it is gone; run it again"
        ) from gone
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    size = sum(held.stat().st_size for held in folder.iterdir())
    return Made(sum(sweep.count for sweep in sweeps), len(people), size)


def _people(record: Record) -> npt.NDArray[np.int64]:
    """Everybody of whom the record's files hold anything, sorted: of whoever may not be read no facts are made."""
    files = [str(record.path / file.path) for table in PERSON_TABLES for file in record.manifest.of(table)]
    nobody = np.zeros(1, dtype=np.int64)  # Of whom there is nothing: there is an array of every kind all the same.
    if not files:
        return nobody
    held = f"SELECT person_id FROM read_parquet({files!r}, union_by_name = true)"
    linked = " UNION SELECT one FROM same_person" if record.same else ""
    found = record.connection.execute(f"SELECT person_id FROM ({held}{linked}) GROUP BY ALL ORDER BY ALL").fetchnumpy()
    people = np.ascontiguousarray(found["person_id"], dtype=np.int64)
    return people if len(people) else nobody


def _ahead(
    maker: ThreadPoolExecutor, files: Files, asked: list[Array], sweeps: int
) -> Iterator[tuple[int, Array, Ordered]]:
    wanted = iter([(at, lot) for lot in asked for at in range(sweeps)])
    waiting: collections.deque[Any] = collections.deque()
    for at, lot in wanted:
        waiting.append((at, lot, maker.submit(files.facts, at, lot)))
        if len(waiting) > sweeps:
            at, lot, held = waiting.popleft()
            yield at, lot, held.result()
    for at, lot, held in waiting:
        yield at, lot, held.result()


class _Writing:
    """The arrays of one sweep, written block after block."""

    def __init__(self, folder: Path, plan: Plan, at: int) -> None:
        self._folder, self._at, self._sweep = folder, at, plan.sweeps[at]
        self._names = [
            number_column(lane) if lane.numbered and lane.distinct != "code" else None for lane in self._sweep.lanes
        ]
        self._files: dict[str, BinaryIO] = {}
        self._kinds: dict[str, str] = {}
        self._codes: tuple[tuple[str, str], ...] = ()
        self._flags = np.min_scalar_type((1 << sum(len(lane.conditions) for lane in self._sweep.lanes)) - 1)
        self.count = 0

    def add(self, people: Array, held: Ordered) -> None:
        """Write the facts of ``people`` in their order."""
        facts, placed = held.facts, held.placed
        counts = np.diff(held.first)
        own = counts > 0
        self._put("person_id", people[own])
        self._put("first", self.count + held.first[1:][own])
        self.count += len(placed)
        for name in DAYS:
            days = getattr(facts, name)
            if days is not None:
                self._put(name, days[placed])
        if facts.code is not None:
            self._put("code", facts.code[placed])
            assert facts.settled is not None
            self._codes = facts.settled.pairs
        if facts.flags is not None:
            self._put("flags", facts.flags[placed].astype(self._flags))
        for name, numbers in {n: of for n, of in zip(self._names, facts.numbers, strict=True) if n}.items():
            assert numbers is not None
            self._put(name, numbers[placed])

    def _put(self, name: str, values: Array) -> None:
        if name not in self._files:
            self._files[name] = (self._folder / f"{self._at}-{name}").open("wb")
            self._kinds[name] = values.dtype.str
            if name == "first":
                self._files[name].write(np.zeros(1, values.dtype).tobytes())
        values.tofile(self._files[name])

    def done(self) -> dict[str, Any]:
        """What was written, once it is on disk."""
        for file in self._files.values():
            file.close()
        return {"arrays": self._kinds, "codes": self._codes}
