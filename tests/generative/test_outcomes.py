"""Labels against a slow labeller written from the definitions alone."""

from __future__ import annotations

import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from features.cohort import cohort
from features.outcomes import label
from features.record.reader import Record
from tests.records import always_fresh, feeds, record

T = date(2024, 4, 1)
PEOPLE = st.integers(1, 4)
Rows = list[dict[str, Any]]


def days(start: date = date(2024, 1, 1), end: date = date(2024, 12, 1)) -> st.SearchStrategy[date]:
    return st.dates(start, end)


STAYS = st.fixed_dictionaries({
    "person_id": PEOPLE, "event_date": days(), "known_until": st.none() | st.just(date(2029, 1, 1)),
    "admission_method": st.sampled_from(["21", "2A", "11", None]),
    "patient_class": st.sampled_from(["ordinary", "day_case", "hospital_at_home"])})  # fmt: skip
DEATHS = st.fixed_dictionaries({"person_id": PEOPLE, "event_date": days(), "known_at": days(start=T)})


@st.composite
def registrations(draw: st.DrawFn) -> Rows:
    """Everybody is registered at T; most leave at some time, and some of them come back."""
    rows: Rows = []
    for person in range(1, 5):
        end = draw(st.none() | days(start=date(2024, 4, 2)))
        why = draw(st.sampled_from(["moved", "left_area", "died", None]))
        rows.append({"person_id": person, "end_date": end, "end_reason": why if end else None})
        if end and draw(st.booleans()):
            rows.append({"person_id": person, "event_date": end + timedelta(days=draw(st.integers(0, 90)))})
    return [{"row_id": n, "known_at": date(2000, 1, 1) if "event_date" not in row else row["event_date"], **row}
            for n, row in enumerate(rows, 1)]  # fmt: skip


def expected(person: int, tables: dict[str, Rows], outcome: str, until: date) -> float | str:
    """1, 0 or the reason, for one person at T; window [T, until)."""
    stays = [r for r in tables["spell"] if r["person_id"] == person and r["known_until"] is None]
    died = min((r["event_date"] for r in tables["death"] if r["person_id"] == person), default=None)
    if died and died < T:
        return "died_before_index_learned_later"
    lists = [r for r in tables["registration"]
             if r["person_id"] == person and r.get("event_date", date(2000, 1, 1)) < until
             and (r.get("end_date") is None or r["end_date"] > T)]  # fmt: skip
    ends = [r.get("end_date") or date.max for r in lists]
    last = max(ends)
    reason = next(r.get("end_reason") for r in lists if (r.get("end_date") or date.max) == last)
    left = None if last >= until or reason == "died" or (died and died <= last) else last

    def within(day: date) -> bool:
        return T <= day < until and (left is None or day < left)

    emergencies = [r for r in stays if r["patient_class"] != "hospital_at_home" and within(r["event_date"])]
    events = {
        "unplanned_admission": [r["event_date"] for r in emergencies if r["admission_method"] in ("21", "2A")],
        "any_admission": [
            r["event_date"] for r in stays if r["patient_class"] == "ordinary" and within(r["event_date"])
        ],
        "death": [died] if died and within(died) else [],
    }
    events["unplanned_admission_or_death"] = events["unplanned_admission"] + events["death"]
    if events[outcome]:
        return 1.0
    if left is not None:
        return "left_area"
    unclear = outcome.startswith("unplanned") and any(r["admission_method"] is None for r in emergencies)
    return "not_recorded" if unclear else 0.0


@settings(max_examples=30)
@given(
    st.fixed_dictionaries({
        "spell": st.lists(STAYS, max_size=6),
        "death": st.lists(DEATHS, max_size=3),
        "registration": registrations(),
    }),
    st.sampled_from([30, 90, 180]),
)  # fmt: skip
def test_a_plain_labeller_agrees(tables: dict[str, Rows], horizon: int) -> None:
    people = [{"person_id": n} for n in range(1, 5)]
    anchor = {"person_id": 1, "event_date": date(2020, 1, 1), "admission_method": "21"}
    stays = [*tables["spell"], {**anchor, "known_until": None, "patient_class": "ordinary"}]
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder), person=people, **{**tables, "spell": stays})
        with Record(Path(folder), purpose="training", threads=1) as held:
            scored = cohort(held, [T])
            assert scored.frame["person_id"].tolist() == [1, 2, 3, 4]
            for outcome in ("unplanned_admission", "unplanned_admission_or_death", "any_admission", "death"):
                found = label(held, scored, outcome, horizon)
                got = found["y"].astype(object).where(found["y"].notna(), found["censored"]).tolist()
                until = T + timedelta(days=horizon)
                assert got == [expected(person, tables, outcome, until) for person in range(1, 5)]
                assert (found["event_date"].notna() == (found["y"] == 1)).all()


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 24), st.integers(1, 12)), min_size=1, max_size=5), st.integers(1, 200))
def test_a_window_counts_as_covered_when_each_of_its_days_is(periods: list[tuple[int, int]], horizon: int) -> None:
    """Deliveries of whole 20-day blocks, in any order and overlap, against a set of days."""
    base = date(2024, 2, 1)
    rows = [
        {**feeds("death")[0], "feed_id": 100 + n, "known_at": date(2029, 1, 1),
         "period_from": base + timedelta(days=20 * start), "period_to": base + timedelta(days=20 * (start + length))}
        for n, (start, length) in enumerate(periods)
    ]  # fmt: skip
    covered = {row["period_from"] + timedelta(days=n) for row in rows
               for n in range((row["period_to"] - row["period_from"]).days)}  # fmt: skip
    others = [row for row in always_fresh() if row["table_name"] != "death"]
    with tempfile.TemporaryDirectory() as folder:
        record(Path(folder), person=[{}], registration=[{}], feed=others + rows)
        with Record(Path(folder), purpose="training", threads=1) as held:
            found = label(held, cohort(held, [T]), "death", horizon)
    whole = all(T + timedelta(days=n) in covered for n in range(horizon))
    assert found["censored"].tolist() == [None if whole else "not_covered"]
    assert pd.isna(found["y"].iloc[0]) != whole
