"""No declared predictor sees what happened, or became known, on or after the index date.

Each predictor that the catalogue reads from the record, of itself or as a part of another, has a person of its own, whose rows are such as its declaration picks: the tests would
notice a row that counts too early, since the same row moved into the past does count.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.codelists import load
from features.engine.language import OF_THE_DAY, Between, Kind, Predictor
from features.engine.plan import plan
from features.predictors import CATALOGUE
from features.record.tables import TABLES
from tests.engines import ALL_FEEDS, from_record
from tests.records import DEFAULTS

T = date(2024, 3, 1)
BASE = plan(CATALOGUE).base
#: One row a tuple: days from T to the event, from the event to its being known (before it, for what was booked), from then to
#: its correction, and from the event to its end.
CLOCKS = st.lists(
    st.tuples(st.integers(-80, 20), st.integers(-20, 60), st.none() | st.integers(0, 60), st.none() | st.integers(0, 90)),
    min_size=1, max_size=5,
)  # fmt: skip
#: Values of columns whose different ones are counted.
DIFFERENT = {"specialty": ("300", "430"), "chief_complaint": ("267036007", "29857009"), "team": ("falls", "rehabilitation"),
             "component": ("home_care", "telecare")}  # fmt: skip
Clocks = Sequence[tuple[int, int, int | None, int | None]]


def rows_for(predictor: Predictor, person: int, clocks: Clocks) -> list[dict[str, Any]]:
    """Rows that the declaration picks, each different, with those clocks."""
    return [_row(predictor, person, number, *clock) for number, clock in enumerate(clocks)]


def _row(predictor: Predictor, person: int, number: int, event: int, known: int, until: int | None,
         ends: int | None) -> dict[str, Any]:  # fmt: skip
    of = predictor.of
    day = T + timedelta(days=event)
    row = {**DEFAULTS[of.table], "row_id": 1000 * person + number, "person_id": person}
    row |= {column: _such(values, number) for column, values in of.where if column not in OF_THE_DAY}
    if of.codes:
        codes = load(of.codes)
        row |= {"system": codes.system.name, "code": codes.codes[number % len(codes.codes)]}
    elif of.distinct == "code" and "code" not in dict(of.where):
        row["code"] = {"snomed": ("73211009", "84114007"), "icd10": ("I10X", "J440"),
                       "bnf": ("0501013B0AAAAAA", "0212000B0AAAAAA")}[row["system"]][number % 2]  # fmt: skip
    elif of.distinct in DIFFERENT:
        row[of.distinct] = DIFFERENT[of.distinct][number % 2]
    if of.value:
        whole = str(TABLES[of.table].columns[of.value]) == "int32"
        row[of.value] = 1 + number % 9 if whole else 7.5 * (number + 1)
    if of.date == "birth_month":
        day = day.replace(day=1)
    row[of.date] = day
    if "event_date" in TABLES[of.table].columns:
        # Of a fact dated otherwise (by the discharge, by the day of being ready) the stay began three days before.
        row["event_date"] = day if of.date == "event_date" else day - timedelta(days=3)
    row["known_at"] = day + timedelta(days=known)
    if until is not None:
        row["known_until"] = row["known_at"] + timedelta(days=until)
    if ends is not None and TABLES[of.table].interval and of.date != "end_date":
        row["end_date"] = day + timedelta(days=ends)
    return row


def _such(values: Any, number: int) -> Any:
    """A value that the condition asks for."""
    if not isinstance(values, Between):
        return values[number % len(values)]
    return values.low if values.low is not None else values.high - 1


def as_known(row: dict[str, Any]) -> dict[str, Any] | None:
    """The row as anybody could have known it at T: None for one that is later, and without a later end or correction.
    An end on T itself, known before, is known: ``[event_date, end_date)`` does not hold T."""
    if row["known_at"] >= T or row.get("event_date", row.get("birth_month")) >= T:
        return None
    later = {"known_until": T, "end_date": T + timedelta(days=1)}
    return {column: value for column, value in row.items() if column not in later or value < later[column]}


def values(folder: Path, rows: Sequence[dict[str, Any]], owners: Sequence[Predictor]) -> np.ndarray:
    """Each predictor's value for the person of its own, at T; a later date is asked for beside it, so that later rows
    do reach the kernel."""
    held: dict[str, list[dict[str, Any]]] = {"person": [], "registration": []}
    tables = {person: predictor.of.table for person, predictor in enumerate(owners, 1)}
    for row in rows:
        held.setdefault(tables[row["person_id"]], []).append(row)
    asked = [(person, t, ALL_FEEDS) for person in tables for t in (T, T + timedelta(days=200))]
    return np.diagonal(from_record(folder, held, owners, asked)[::2])


def spread(clocks: Clocks) -> list[dict[str, Any]]:
    return [row for person, predictor in enumerate(BASE, 1) for row in rows_for(predictor, person, clocks)]


def over(predictor: Predictor) -> int | None:
    """Days from beginning to end: of what comes back, the earlier must be over."""
    return 5 if predictor.kind is Kind.SOON else None


@settings(max_examples=12)
@given(clocks=CLOCKS)
@example(clocks=[(0, 0, None, None), (0, -3, None, None)])  # on the index date, one of them known before
@example(clocks=[(-1, 1, None, None), (-50, 10, None, None)])  # the day before, known on the index date
@example(
    clocks=[(-60, 5, None, 61), (-60, 5, None, 60), (-40, 5, 35, 20)]
)  # ends a day after or on the index date; corrected on it
def test_no_declared_predictor_peeks(clocks: Clocks) -> None:
    rows = spread(clocks)
    past = [seen for row in rows if (seen := as_known(row)) is not None]
    with tempfile.TemporaryDirectory() as folder:
        with_the_future = values(Path(folder) / "with", rows, BASE)
        without = values(Path(folder) / "without", past, BASE)
    differing = [p.name for p, a, b in zip(BASE, with_the_future, without, strict=True) if not _same(a, b)]
    assert differing == []


@pytest.fixture(scope="module")
def nothing_and_something(tmp_path_factory: pytest.TempPathFactory) -> tuple[np.ndarray, np.ndarray]:
    """Every predictor without a row, and with some that it should see: as many as a spread needs, some of them before the last 90
    days, half-year and four weeks and one a year ago, none of which is the latest medicine but one."""
    folder = tmp_path_factory.mktemp("matching")
    seen = [
        row for person, predictor in enumerate(BASE, 1)
        for row in rows_for(predictor, person, [(day, 1, None, over(predictor)) for day in (-400, -75, -120, -25, -10, -40, -250)])
    ]  # fmt: skip
    return values(folder / "none", [], BASE), values(folder / "some", seen, BASE)


@pytest.mark.parametrize("index", range(len(BASE)), ids=[predictor.name for predictor in BASE])
def test_the_same_rows_in_the_past_do_count(nothing_and_something: tuple[np.ndarray, np.ndarray], index: int) -> None:
    nothing, something = nothing_and_something
    assert np.isnan(nothing[index]) or nothing[index] == 0
    assert something[index] > 0


def _same(a: np.float32, b: np.float32) -> bool:
    return bool(a == b or (np.isnan(a) and np.isnan(b)))
