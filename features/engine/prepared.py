"""Facts made ahead of their use: every fact of the record that the catalogue has a use for, in order, as the kernel takes them.

A folder of plain arrays beside the record's data, made once (`frailty prepare`) and read by whoever builds predictors until the record
changes: an ingest, a link or a forgetting removes it (:mod:`features.record.writer`), and one that was made of other rows, other
declarations or code sets, for other people or by another engine is never read (:func:`signature`). What is read from it is what
:class:`~features.engine.files.Files` would make, for any dates.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from features.engine.arrange import Facts, Ordered, only_read
from features.engine.codes import Settled, settled
from features.engine.compiling import compiled
from features.engine.files import Files
from features.engine.plan import Plan
from features.engine.signature import signature
from features.engine.statement import number_column
from features.record.reader import Record
from features.record.writer import PREPARED

Array = npt.NDArray[Any]
#: What names the arrays, written last: a folder without it holds nothing.
CONTENTS = "contents.json"
DAYS = ("start", "end", "known_at", "known_until")


def at_hand(record: Record, plan: Plan, dates: Sequence[date]) -> Files | Prepared:
    """The facts of ``record`` as far as ``dates`` can see: those made ahead where they are of this record, else from its files."""
    contents = record.path / PREPARED / CONTENTS
    if contents.is_file():
        said = json.loads(contents.read_text())
        if said["signature"] == signature(record, plan):
            return Prepared(record.path / PREPARED, plan, said)
    return Files(record, plan, dates)


class Prepared:
    """The facts of ``plan``'s sweeps from the arrays that ``said`` names, in ``folder``."""

    def __init__(self, folder: Path, plan: Plan, said: dict[str, Any]) -> None:
        self._sweeps = [_Held(folder, plan, at, held) for at, held in enumerate(said["sweeps"])]

    def facts(self, sweep: int, people: npt.NDArray[np.int64]) -> Ordered:
        """Facts of a sweep about ``people`` (sorted, each once), in order."""
        return self._sweeps[sweep].facts(people)


class _Held:
    """The arrays of one sweep."""

    def __init__(self, folder: Path, plan: Plan, at: int, said: dict[str, Any]) -> None:
        sweep = plan.sweeps[at]
        self._arrays = {name: _mapped(folder / f"{at}-{name}", kind) for name, kind in said["arrays"].items()}
        self._settled: Settled | None = None
        if sweep.coded:
            self._settled = settled(sweep, plan.reaches(at), [(system, code) for system, code in said["codes"]])
        self._names = [
            number_column(lane) if lane.numbered and lane.distinct != "code" else None for lane in sweep.lanes
        ]

    def facts(self, people: npt.NDArray[np.int64]) -> Ordered:
        person, first = self._arrays["person_id"], self._arrays["first"]
        low, high = np.searchsorted(person, people[0], "left"), np.searchsorted(person, people[-1], "right")
        begin, until = int(first[low]), int(first[high])
        rows = {name: held[begin:until] for name, held in self._arrays.items() if name not in ("person_id", "first")}
        placed, own = _placed(*map(only_read, (person[low:high], first[low : high + 1], people)))
        facts = Facts(
            person_id=None, start=rows["start"], end=rows.get("end"), known_at=rows["known_at"], known_until=rows["known_until"],
            time=None, row_id=None, code=_widened(rows.get("code"), np.int32), settled=self._settled,
            flags=_widened(rows.get("flags"), np.int64), numbers=tuple(rows[name] if name else None for name in self._names),
        )  # fmt: skip
        return Ordered(facts, placed, own)


def _widened(narrow: Array | None, kind: type[np.integer[Any]]) -> Array | None:
    return None if narrow is None else narrow.astype(kind)


def _mapped(path: Path, kind: str) -> Array:
    if not path.stat().st_size:
        return np.empty(0, dtype=kind)
    # A plain array: the kernel is compiled for those.
    return np.asarray(np.memmap(path, dtype=kind, mode="r"))


@compiled
def _placed(person_id, first, people):  # type: ignore[no-untyped-def]
    """Places of the facts of ``people``, and where each one's begin among them; ``first`` counts from any number."""
    found = np.zeros(people.shape[0] + 1, dtype=np.int64)
    begins = np.zeros(people.shape[0], dtype=np.int64)
    at = 0
    for p in range(people.shape[0]):
        while at < person_id.shape[0] and person_id[at] < people[p]:
            at += 1
        if at < person_id.shape[0] and person_id[at] == people[p]:
            begins[p] = first[at] - first[0]
            found[p + 1] = first[at + 1] - first[at]
    for p in range(people.shape[0]):
        found[p + 1] += found[p]
    placed = np.empty(found[people.shape[0]], dtype=np.int64)
    for p in range(people.shape[0]):
        for k in range(found[p], found[p + 1]):
            placed[k] = begins[p] + k - found[p]
    return placed, found
