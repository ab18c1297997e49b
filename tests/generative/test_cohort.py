"""What must hold of any record: counts add up, the future changes nothing, and a plain reading of the rows agrees."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.cohort import Cohort, cohort
from features.record.permission import AllowAll
from features.record.reader import Record
from tests.records import record

DAYS = [date(2024, 1, 1), date(2024, 4, 1)]
PEOPLE = st.integers(1, 5)
Rows = list[dict[str, Any]]


def days(start: date = date(2023, 6, 1), end: date = date(2024, 8, 1)) -> st.SearchStrategy[date]:
    return st.dates(start, end)


@st.composite
def intervals(draw: st.DrawFn, **columns: st.SearchStrategy[Any]) -> dict[str, Any]:
    """A row with an interval, maybe ended, known some time from its start on, perhaps replaced later."""
    start = draw(days())
    known = start + timedelta(days=draw(st.integers(0, 60)))
    length, kept = draw(st.none() | st.integers(0, 300)), draw(st.none() | st.integers(0, 200))
    return {
        "person_id": draw(PEOPLE),
        "event_date": start,
        "end_date": None if length is None else start + timedelta(days=length),
        "known_at": known,
        "known_until": None if kept is None else known + timedelta(days=kept),
        **{name: draw(strategy) for name, strategy in columns.items()},
    }


KINDS = st.sampled_from(["regular", "regular", "temporary", "private"])
TABLES = st.fixed_dictionaries({
    "person": st.lists(st.fixed_dictionaries({
        "person_id": PEOPLE, "known_at": days(),
        "birth_month": st.sampled_from(["1950-03-01", "2005-12-01", "2006-03-01", "2015-01-01"])}), max_size=6),
    "registration": st.lists(intervals(kind=KINDS, practice=st.sampled_from(["AAA", "BBB"])), max_size=8),
    "objection": st.lists(intervals(kind=st.sampled_from(["type_1", "national"])), max_size=3),
    "residence": st.lists(intervals(kind=st.sampled_from(["own_home", "care_home", None])), max_size=4),
    "spell": st.lists(intervals(), max_size=4),
    "death": st.lists(intervals().map(lambda r: {k: v for k, v in r.items() if k != "end_date"}), max_size=3),
})  # fmt: skip


def found(tables: dict[str, Rows], permissions: AllowAll | None = None) -> Cohort:
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder), **tables)
        with Record(Path(folder), purpose="case_finding", permissions=permissions, threads=1) as held:
            return cohort(held, DAYS)


def seen(row: dict[str, Any], t: date) -> bool:
    until = row.get("known_until")
    return row["known_at"] < t and (until is None or until >= t) and row.get("event_date", date.min) < t


def in_force(row: dict[str, Any], t: date) -> bool:
    return seen(row, t) and (row["end_date"] is None or row["end_date"] > t)


def known_people(tables: dict[str, Rows], t: date) -> set[int]:
    described = {r["person_id"] for r in tables["person"] if seen(r, t)}
    return described | {r["person_id"] for r in tables["registration"] if in_force(r, t)}


@settings(max_examples=25)
@given(TABLES)
def test_scored_and_left_out_add_up_to_the_people_known(tables: dict[str, Rows]) -> None:
    got = found(tables)
    for t in DAYS:
        scored = (got.frame["index_date"] == pd.Timestamp(t)).sum()
        left_out = got.left_out.loc[got.left_out["index_date"] == pd.Timestamp(t), "people"].sum()
        assert scored + left_out == len(known_people(tables, t))
    assert not got.frame.duplicated(["person_id", "index_date"]).any()
    assert got.frame["person_id"].tolist() == sorted(got.frame["person_id"])
    by_practice = Counter(zip(got.frame["index_date"], got.frame["practice"], strict=True))
    for row in got.practices.itertuples():
        assert row.scored == by_practice[(row.index_date, row.practice)]
        assert row.scored <= row.registered


@settings(max_examples=25)
@given(TABLES)
def test_a_plain_reading_of_the_rows_agrees(tables: dict[str, Rows]) -> None:
    expected = []
    for t in DAYS:
        for person in sorted(known_people(tables, t)):
            mine = {name: [(n, r) for n, r in enumerate(rows, 1) if r["person_id"] == person]
                    for name, rows in tables.items()}  # fmt: skip
            births = [(r["known_at"], n, r["birth_month"]) for n, r in mine["person"] if seen(r, t)]
            lists = [(r["event_date"], r["known_at"], n, r["practice"])
                     for n, r in mine["registration"] if in_force(r, t) and r["kind"] == "regular"]  # fmt: skip
            if not births or not lists or any(seen(r, t) for _, r in mine["death"]):
                continue
            born = date.fromisoformat(max(births)[2])
            if date(born.year + 18 + born.month // 12, born.month % 12 + 1, 1) > t:
                continue
            if any(in_force(r, t) for _, r in mine["objection"]):
                continue
            homes = [
                (r["event_date"], r["known_at"], n, r["kind"])
                for n, r in mine["residence"]
                if in_force(r, t) and r["kind"]
            ]
            kind = max(homes)[3] if homes else None
            age = t.year - born.year - (t.month < born.month)
            inside = any(in_force(r, t) for _, r in mine["spell"])
            expected.append((person, t, max(lists)[3], age, None if kind is None else kind == "care_home", inside))
    got = found(tables).frame
    rows = [
        (
            r.person_id,
            r.index_date.date(),
            r.practice,
            r.age,
            None if pd.isna(r.care_home) else r.care_home,
            r.in_hospital,
        )
        for r in got.itertuples()
    ]
    assert rows == sorted(expected)


@settings(max_examples=25)
@given(TABLES, TABLES)
def test_nothing_that_happened_or_was_learned_from_then_on_changes_the_cohort(
    now: dict[str, Rows], later: dict[str, Rows]
) -> None:
    """Rows of ``later`` are moved to become known, or to happen, on or after the last date asked."""
    last = DAYS[-1]
    moved = {
        name: [{**row, "known_at": max(row["known_at"], last), "known_until": None} for row in rows]
        for name, rows in later.items()
    }
    numbered = {name: [{"row_id": n, **row} for n, row in enumerate(now[name] + moved[name], 1)] for name in now}
    before = found({name: rows[: len(now[name])] for name, rows in numbered.items()})
    after = found(numbered)
    pd.testing.assert_frame_equal(before.frame, after.frame)
    pd.testing.assert_frame_equal(before.left_out, after.left_out)
    pd.testing.assert_frame_equal(before.practices, after.practices)
