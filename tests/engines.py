"""Every path that works out predictors, over the same rows: the compiled one from a record's files, in one block and a person
at a time; through DuckDB; through Spark; from rows in memory; and the plain reference."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.engine import memory, oracle, spark
from features.engine.blocks import Source, blocks
from features.engine.files import Files
from features.engine.language import Declared
from features.engine.oracle import At
from features.engine.passes import fill
from features.engine.plan import Plan, plan
from features.engine.prepared import Prepared, at_hand
from features.engine.preparing import prepare
from features.engine.rows import ALWAYS, Rows
from features.engine.scan import Scan
from features.predictors import named
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from tests.records import record, table
from tests.spark import session

ALL_FEEDS = 2 ** len(PERSON_TABLES) - 1
Given = Mapping[str, Sequence[Mapping[str, Any]]]
#: Person, date, feed mask; and, where they matter, the first day observed and the age of the feed, by table.
Asked = Sequence[At | tuple[int, date, int]]
Engine = Callable[[Path, Given, Sequence[Declared], Asked], np.ndarray]


def of_cases(
    engine: Engine, folder: Path, cases: Sequence[tuple[str, Sequence[tuple[str, Mapping[str, Any]]], float]], t: date
) -> list[np.float32]:
    """Value of each case (name of a declared predictor, rows by table, what is expected), each being a person of their own."""
    tables: dict[str, list[Mapping[str, Any]]] = {"person": [], "registration": []}
    row_id = itertools.count(1)
    for person, (_, rows, _) in enumerate(cases, 1):
        for name, row in rows:
            tables.setdefault(name, []).append({**row, "person_id": person, "row_id": next(row_id)})
    predictors = named(list(dict.fromkeys(name for name, _, _ in cases)))
    place = {predictor.name: i for i, predictor in enumerate(predictors)}
    matrix = engine(folder, tables, predictors, [(person, t, ALL_FEEDS) for person in range(1, len(cases) + 1)])
    return [matrix[i, place[name]] for i, (name, _, _) in enumerate(cases)]


def asked_rows(asked: Asked) -> tuple[list[At], Rows, np.ndarray]:
    """What is asked, the same as rows sorted by person and date, and the place of each row in what was asked."""
    ats = [one if isinstance(one, At) else At(*one) for one in asked]
    order = np.array(sorted(range(len(ats)), key=lambda i: (ats[i].person, ats[i].t)), dtype=np.int64)
    sorted_ats = [ats[i] for i in order]
    observed = [
        [_day(at.observed[name]) if name in at.observed else ALWAYS for name in PERSON_TABLES] for at in sorted_ats
    ]
    age = [[at.age.get(name, 0) for name in PERSON_TABLES] for at in sorted_ats]
    rows = Rows.of([at.person for at in sorted_ats], [_day(at.t) for at in sorted_ats], [at.feeds for at in sorted_ats],
                   np.array(observed), np.array(age))  # fmt: skip
    return ats, rows, order


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def from_record(
    folder: Path, given: Given, predictors: Sequence[Declared], asked: Asked, people: int = 1000, most: int = 2,
    source: Callable[..., Source] = Files,
) -> np.ndarray:  # fmt: skip
    """The compiled path: record on disk, so many people's facts made and ``most`` rows filled at a time."""
    planned = plan(predictors)
    _, rows, order = asked_rows(asked)
    out = np.empty((len(rows), len(predictors)), dtype=np.float32)
    made = record(folder, **{"person": [], "registration": [], **given})
    with Record(made, purpose="evaluation") as opened:
        for block in blocks(opened, planned, rows, people, most=most, source=source):
            out[order[block.first : block.first + len(block.values)]] = block.values[:, planned.chosen]
    return out


def in_memory(folder: Path, given: Given, predictors: Sequence[Declared], asked: Asked) -> np.ndarray:
    """The compiled path, from rows as an on-demand score has them."""
    planned = plan(predictors)
    _, rows, order = asked_rows(asked)
    out = np.empty((len(rows), len(predictors)), dtype=np.float32)
    out[order] = fill(planned, rows, memory.facts(planned, _filled(given)))
    return out


def through_spark(folder: Path, given: Given, predictors: Sequence[Declared], asked: Asked) -> np.ndarray:
    """The compiled path, Spark making the facts in batches of three rows."""
    planned = plan(predictors)
    _, rows, order = asked_rows(asked)
    made = record(folder, **{"person": [], "registration": [], **given})
    with Record(made, purpose="evaluation") as opened:
        found = spark.matrix(session(), opened, planned, rows, facts=4).toArrow()
    place = {(person, t): i for i, (person, t) in enumerate(zip(rows.person_id.tolist(), rows.t.tolist(), strict=True))}
    out = np.empty((len(rows), len(predictors)), dtype=np.float32)
    days = found.column("index_date").combine_chunks().view("int32").to_pylist()
    assert len(days) == len(rows), "a row for each that was asked, and no other"
    values = np.column_stack([found.column(name).to_numpy() for name in planned.names])
    assert values.dtype == np.float32
    for i, (person, t) in enumerate(zip(found.column("person_id").to_pylist(), days, strict=True)):
        out[order[place[person, t]]] = values[i]
    return out


def plainly(folder: Path, given: Given, predictors: Sequence[Declared], asked: Asked) -> np.ndarray:
    """The plain reference on the same rows, defaults filled as in the record."""
    ats, _, _ = asked_rows(asked)
    return oracle.matrix(predictors, _filled(given), ats)


def _filled(given: Given) -> dict[str, list[dict[str, Any]]]:
    return {name: table(name, held).to_pylist() for name, held in given.items() if held and name in TABLES}


def made_ahead(record: Record, plan: Plan, dates: Sequence[date]) -> Source:
    """Facts made ahead, a person at a time, and read again."""
    prepare(record, plan, block=1)
    found = at_hand(record, plan, dates)
    assert isinstance(found, Prepared)
    return found


ENGINES: dict[str, Engine] = {
    "files": from_record,
    "files, a person at a time": partial(from_record, people=1),
    "made ahead": partial(from_record, source=made_ahead),
    "duckdb": partial(from_record, source=Scan),
    "memory": in_memory,
    "spark": through_spark,
    "plain": plainly,
}

#: The same as parameters of a fixture. Spark wants Java, and one session serves one worker.
EACH = [pytest.param(name, marks=[pytest.mark.part("java"), pytest.mark.xdist_group("spark")] if name == "spark" else [])
        for name in ENGINES]  # fmt: skip
