"""Components of deterioration against a slow labeller that goes day by day, written from the definitions alone."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.cohort import cohort
from features.outcomes import label
from features.record.reader import Record
from tests.records import record

T, DAYS = date(2024, 4, 1), 120
UNTIL = T + timedelta(days=DAYS)
Rows = list[dict[str, Any]]
DAY = timedelta(days=1)


#: Few days and lengths, so that one thing often begins as another ends, and lasts just as long as a rule asks or a day less.
STARTS = st.sampled_from([T + timedelta(days=n) for n in (-60, -28, -1, 0, 14, 41, 42, 63, 119, 120)])
LENGTHS = st.sampled_from([None, None, 14, 27, 28, 41, 42, 59, 60, 100])


@st.composite
def spans(draw: st.DrawFn, **columns: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A row of an interval that ends after it begins, or does not end."""
    start, length = draw(STARTS), draw(LENGTHS)
    end = None if length is None else start + timedelta(days=length)
    return {"event_date": start, "end_date": end, **{name: draw(values) for name, values in columns.items()}}


HOURS = st.sampled_from([2.0, 2.0, 4.0, 8.0, 8.0, 10.0, 11.0, None])
PACKAGES = spans(service_type=st.just("long_term_community"), component=st.sampled_from(["home_care", "home_care", "day_support"]),
                 units_a_week=HOURS)  # fmt: skip
PLACEMENTS = spans(service_type=st.sampled_from(["long_term_residential", "short_term_other"]), component=st.none())
HOMES = spans(
    kind=st.sampled_from(["care_home", "nursing_home", "own_home"]),
    kind_from=st.sampled_from(["gp", "council", "address_match"]),
)


def holds(row: dict[str, Any], day: date) -> bool:
    return row["event_date"] <= day and (row["end_date"] is None or row["end_date"] > day)


def hours(packages: Rows, day: date) -> float | None:
    held = [row["units_a_week"] for row in packages if holds(row, day)]
    return None if None in held else sum(held)


def package(care: Rows) -> tuple[date | None, bool]:
    """The first day on which home care began or grew, and whether on any day it cannot be told."""
    packages = [row for row in care if row["service_type"] == "long_term_community" and row["component"] == "home_care"]
    first, unsure = None, False
    for day in sorted({row["event_date"] for row in packages}):
        if not T <= day < UNTIL:
            continue
        in_force = [day - n * DAY for n in range(1, 29) if any(holds(row, day - n * DAY) for row in packages)]
        if in_force:
            was, became = hours(packages, max(in_force)), [hours(packages, day + n * DAY) for n in range(28)]
            if was is None or None in became:
                unsure = True
                continue
            if not all(now >= 1.25 * was and now >= was + 2 for now in became if now is not None):
                continue
        first = first or day
    return first, unsure


def move(care: Rows, homes: Rows) -> tuple[date | None, bool]:
    """The first day of a permanent move, and whether the person lived in a care home on the day before T."""
    placed = [row for row in care if row["service_type"] == "long_term_residential"]
    short = [row for row in care if row["service_type"] == "short_term_other"]
    living = [row for row in homes if row["kind"] != "own_home"]

    def lasts(row: dict[str, Any]) -> bool:
        end = row["end_date"]
        if row["kind_from"] in ("address_match", "council") or any(holds(s, row["event_date"]) for s in short):
            return False
        onward = any(o["event_date"] > row["event_date"] and holds(o, end) for o in living if end is not None)
        return end is None or (end - row["event_date"]).days >= 42 or onward

    told = placed + [row for row in living if lasts(row)]
    there = any(row["event_date"] < T and holds(row, T) for row in told)
    firsts = []
    for row in told:
        day = row["event_date"]
        before = any(
            o["event_date"] < day and (o["end_date"] is None or o["end_date"] > day - 28 * DAY) for o in placed + living
        )
        if T <= day < UNTIL and not before:
            firsts.append(day)
    return min(firsts, default=None), there


PERSON = st.tuples(st.lists(PACKAGES | PLACEMENTS, max_size=5), st.lists(HOMES, max_size=3))


@settings(max_examples=20)
@given(st.lists(PERSON, min_size=8, max_size=16))
def test_a_plain_labeller_agrees(people: list[tuple[Rows, Rows]]) -> None:
    # No residence in force at T: the cohort's own flag is tested elsewhere.
    people = [(care, [row for row in homes if row["event_date"] >= T]) for care, homes in people]
    tables: dict[str, Rows] = {"social_care": [], "residence": []}
    for n, (care, homes) in enumerate(people, 1):
        for table, rows in (("social_care", care), ("residence", homes)):
            tables[table] += [
                {"row_id": 20 * n + k, "person_id": n, "known_at": date(2025, 1, 1), **row}
                for k, row in enumerate(rows)
            ]
    numbers = [{"person_id": n} for n in range(1, len(people) + 1)]
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder), person=numbers, registration=numbers, **tables)
        with Record(Path(folder), purpose="training", threads=1) as held:
            found = label(held, cohort(held, [T]), "deterioration", DAYS)
    for (care, homes), (_, row) in zip(people, found.iterrows(), strict=True):
        agrees(row, care, homes)


def agrees(row: Any, care: Rows, homes: Rows) -> None:
    began, unsure = package(care)
    moved, there = move(care, homes)
    if there:
        assert row["censored"] == "in_care_home"
        return
    first = min((day for day in (began, moved) if day), default=None)
    if first is None:
        assert row["censored"] == "not_recorded" if unsure else row["y"] == 0
        return
    assert (row["y"], row["event_date"].date()) == (1, first)
    assert row["component"] == ("home_care" if began == first else "care_home")
    for name, day in (("home_care", began), ("care_home", moved)):
        shown = row[f"first_{name}"]
        assert (None if shown != shown else shown.date()) == day
