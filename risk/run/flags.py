"""What is shown beside a name: four-valued flags with their days, of everybody scored, as the record had them at the run's date.

They are read apart from what the score is made of: rows that are somebody's by probability alone inform the score, and are shown to
nobody as facts until the link is confirmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as arrow
import pyarrow.compute as pc

from features.flags import FLAGS, Value, beside
from features.record.reader import Record
from risk.run import folder
from risk.run.folder import FLAGS as FLAGS_FILE
from risk.run.folder import Files
from risk.run.narrow import Narrow

if TYPE_CHECKING:
    import pandas as pd

#: A flag of the run's own: whether some of what was read as theirs is theirs by probability.
PROBABLE = "identity_probable"
#: People asked about at a time: what bounds the memory that flags take.
CHUNK = 100_000
Flag = dict[str, Any]
_SOME = Narrow()


def of_everybody(record: Record, at: date, people: Sequence[int]) -> Iterator[arrow.Table]:
    """The flags of ``people`` as the run's folder holds them, in their order, part by part. ``record`` follows confirmed links
    alone."""
    for start in range(0, len(people), CHUNK):
        yield beside(record, at, people[start : start + CHUNK])


def shown(row: Mapping[str, Any]) -> dict[str, Flag]:
    """A row of the folder as it is shown: by flag, ``value`` and ``on``."""
    return {
        flag.name: {"value": row[flag.name], "on": _day(row[f"{flag.name}_on"])} for flag in FLAGS if flag.name in row
    }


def probable(is_so: bool, at: date) -> Flag:
    """The flag :data:`PROBABLE`, which the run always knows."""
    return {"value": str(Value.YES if is_so else Value.NO), "on": str(at)}


def keep(files: Files, parts: Iterable[arrow.Table], scores: pd.DataFrame, at: date) -> dict[int, dict[str, Flag]]:
    """Everybody's flags into the run's folder; what is shown of the listed, by person. ``scores`` has ``person_id``, ``listed`` (or ``named``: on some list) and
    ``identity`` (below 1 where something is theirs by probability)."""
    listed = scores[scores["named" if "named" in scores else "listed"]]
    unsure = dict(zip(listed["person_id"].tolist(), (listed["identity"] < 1).tolist(), strict=True))
    wanted = arrow.array(sorted(unsure), arrow.int64())
    of_listed: dict[int, dict[str, Flag]] = {}
    for part in parts:
        files.write(FLAGS_FILE, part)
        for row in part.filter(pc.is_in(part["person_id"], wanted)).to_pylist():
            of_listed[row["person_id"]] = {**shown(row), PROBABLE: probable(unsure[row["person_id"]], at)}
    return of_listed


def of_person(runs: Path, run: Mapping[str, Any], person_id: int) -> dict[str, Flag] | None:
    """What is shown of anybody whom a run scored; None where the run did not, or was made before runs kept flags."""
    held = some_of_person(runs, run, person_id)
    score = folder.person_row(runs, run["number"], folder.SCORES, person_id)
    if held is None or score is None:
        return None
    return {**held, PROBABLE: probable(score["identity"] < 1, run["index_date"])}


def some_of_person(
    runs: Path, run: Mapping[str, Any], person_id: int, names: Sequence[str] | None = None
) -> dict[str, Flag] | None:
    """The same but for :data:`PROBABLE`, which needs another file of the run; those of ``names`` alone where they are named."""
    if FLAGS_FILE not in folder.manifest(runs, run["number"])["files"]:
        return None
    if names is None:
        row = folder.person_row(runs, run["number"], FLAGS_FILE, person_id)
    else:
        columns = [column for name in names for column in (name, f"{name}_on")]
        row = _SOME.row(runs / str(run["number"]) / FLAGS_FILE, person_id, columns)
    return None if row is None else shown(row)


def _day(on: date | None) -> str | None:
    return None if on is None else str(on)
