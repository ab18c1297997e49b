"""What every kind of predictor means, as small tables: rows in, value out, on every engine.

The index date is 1 March 2024 unless a row says otherwise, and windows are [t - lookback, t).
"""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import numpy as np
import pytest

from features.engine.language import Kind, Predictor, facts
from features.record.tables import PERSON_TABLES
from tests.engines import ALL_FEEDS, EACH, ENGINES

T = date(2024, 3, 1)
NAN = float("nan")
EMERGENCY = facts("spell", admission_method=("21", "2A"))
EGFR = facts("gp_event", codes="measurements_snomed:egfr", value="value")


def declared(kind, of, within=None, **more):
    return Predictor("it", kind, of, "test", "{n} days", within, **more)


def gp(day, value, **more):
    return {"event_date": day, "code": "1020291000000106", "value": value, **more}


@pytest.fixture(params=EACH)
def value(request, tmp_path):
    """Value of one predictor for person 1 at ``t``; asked for beside it: 45 days before and after, so that a row which is
    later than ``t`` does reach the engine."""

    numbers = itertools.count()

    def of(predictor, t=T, feeds=ALL_FEEDS, **rows):
        asked = [(1, t + timedelta(days=apart), feeds) for apart in (-45, 0, 45)]
        out = ENGINES[request.param](tmp_path / f"record-{next(numbers)}", rows, [predictor], asked)
        assert out.dtype == np.float32
        return float(out[1, 0])

    return of


COUNT_30 = declared(Kind.COUNT, facts("ed_attendance"), 30)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], 0),
        ([{"event_date": "2024-02-29"}], 1),  # the last day before the index date
        ([{"event_date": "2024-03-01"}], 0),  # on the index date: it belongs to the outcome
        ([{"event_date": "2024-03-01", "known_at": "2024-02-20"}], 0),  # the same, booked before
        ([{"event_date": "2024-01-31"}], 1),  # 30 days before: the window's first day is in it
        ([{"event_date": "2024-01-30"}], 0),  # 31 days before
        ([{"event_date": "2024-02-10", "known_at": "2024-03-01"}], 0),  # learned on the index date: too late
        ([{"event_date": "2024-02-10", "known_at": "2024-02-29"}], 1),  # learned the day before
        ([{"event_date": "2024-02-10"}, {"event_date": "2024-02-10"}], 2),  # two things on one day are two
        ([{"event_date": "2024-02-10", "known_until": "2024-02-20"}], 0),  # withdrawn before the index date
        ([{"event_date": "2024-02-10", "known_until": "2024-03-01"}], 1),  # withdrawn on it: nobody knew yet
        ([{"event_date": "2024-02-10", "known_until": "2024-02-29"}], 0),  # withdrawn the day before
        ([{"event_date": "2024-02-10", "person_id": 2}], 0),  # somebody else's
    ],
)
def test_a_count_and_the_edges_of_its_window(value, rows, expected):
    assert value(COUNT_30, ed_attendance=rows) == expected


def test_a_row_corrected_later_counts_as_then_known(value):
    # Recorded on 5 February as of 4 February; corrected on 20 February to 10 January, outside 30 days of 1 March.
    rows = [
        {"row_id": 1, "event_date": "2024-02-04", "known_at": "2024-02-05", "known_until": "2024-02-20"},
        {"row_id": 1, "event_date": "2024-01-10", "known_at": "2024-02-20"},
    ]
    assert value(COUNT_30, t=date(2024, 2, 10), ed_attendance=rows) == 1
    assert value(COUNT_30, ed_attendance=rows) == 0


def test_a_missing_feed_makes_it_absent_and_never_zero(value):
    without = ALL_FEEDS & ~(1 << PERSON_TABLES.index("ed_attendance"))
    assert np.isnan(value(COUNT_30, feeds=without, ed_attendance=[{"event_date": "2024-02-10"}]))


def test_without_a_window_all_that_went_before_counts(value):
    assert value(declared(Kind.ANY, facts("ed_attendance")), ed_attendance=[{"event_date": "1999-01-01"}]) == 1
    assert value(declared(Kind.ANY, facts("ed_attendance")), ed_attendance=[]) == 0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.COUNT, 3),
        (Kind.DAYS_SINCE_LAST, 1),  # 29 February
        (Kind.DAYS_SINCE_FIRST, 29),  # 1 February: 29 days in February 2024
        (Kind.ANY, 1),
    ],
)
def test_when_it_happened(value, kind, expected):
    rows = [{"event_date": "2024-02-01"}, {"event_date": "2024-02-15"}, {"event_date": "2024-02-29"}]
    assert value(declared(kind, facts("ed_attendance")), ed_attendance=rows) == expected


@pytest.mark.parametrize(
    "kind", [Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST, Kind.LATEST, Kind.MEAN, Kind.LEAST, Kind.SLOPE]
)
def test_of_nothing_there_is_no_number(value, kind):
    of = EGFR if kind not in (Kind.DAYS_SINCE_LAST, Kind.DAYS_SINCE_FIRST) else facts("ed_attendance")
    assert np.isnan(value(declared(kind, of), gp_event=[], ed_attendance=[]))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (Kind.SUM, 50 + 44 + 41),
        (Kind.MEAN, (50 + 44 + 41) / 3),
        (Kind.LEAST, 41),
        (Kind.GREATEST, 50),
        (Kind.LATEST, 44),
        # days 0, 20, 40 and values 50, 41, 44: slope = (-20·5 + 20·-1) / 800 = -0.15 a day
        (Kind.SLOPE, -0.15 * 365.25),
    ],
)
def test_values(value, kind, expected):
    rows = [gp("2024-01-12", 50), gp("2024-02-21", 44), gp("2024-02-01", 41), gp("2024-02-25", None)]
    assert value(declared(kind, EGFR), gp_event=rows) == pytest.approx(expected, rel=1e-6)


def test_the_latest_of_one_day_is_by_its_time(value):
    rows = [gp("2024-02-21", 44, event_time=36_000), gp("2024-02-21", 40, event_time=30_000)]
    assert value(declared(Kind.LATEST, EGFR), gp_event=rows) == 44


@pytest.mark.parametrize(("last", "there"), [("2024-01-01", False), ("2024-01-30", False), ("2024-01-31", True)])
def test_a_slope_needs_thirty_days(value, last, there):
    found = value(declared(Kind.SLOPE, EGFR), gp_event=[gp("2024-01-01", 50), gp(last, 40)])
    assert np.isnan(found) != there


def test_a_coded_entry_without_a_value_is_a_fact_all_the_same(value):
    rows = [
        {"event_date": "2020-01-01", "code": "84114007"},
        {"event_date": "2020-01-01", "code": "84114007", "value": 3.0},
    ]
    of = facts("gp_event", codes="long_term_conditions_snomed:heart_failure")
    assert value(declared(Kind.COUNT, of), gp_event=rows) == 2
    assert value(declared(Kind.COUNT, facts("gp_event", code="84114007")), gp_event=rows) == 2


def test_different_values_are_counted_once_by_their_first_characters(value):
    codes = ["0501013B0AAAAAA", "0501013B0BBBBBB", "0212000B0AAAAAA"]
    rows = [{"event_date": "2024-02-10", "code": code} for code in codes]
    assert value(declared(Kind.DISTINCT, facts("prescription", distinct="code")), prescription=rows) == 3
    assert value(declared(Kind.DISTINCT, facts("prescription", distinct="code", prefix=9)), prescription=rows) == 2


STAY = {"admission_method": "21"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([{**STAY, "event_date": "2024-02-20", "end_date": "2024-02-25"}], 5),
        ([{**STAY, "event_date": "2024-02-25"}], 5),  # still in: cut at the index date, 25 to 29 February
        ([{**STAY, "event_date": "2024-02-25", "end_date": "2024-03-20"}], 5),  # a known future end is cut as well
        (
            [{**STAY, "event_date": "2024-01-21", "end_date": "2024-02-05"}],
            5,
        ),  # the window's days alone: 31 January to 4 February
        ([{**STAY, "event_date": "2024-02-20", "end_date": "2024-02-20"}], 0),  # in and out on one day
        ([{"admission_method": "11", "event_date": "2024-02-20", "end_date": "2024-02-25"}], 0),  # planned
    ],
)
def test_days_are_cut_to_the_window(value, rows, expected):
    assert value(declared(Kind.DAYS, EMERGENCY, 30), spell=rows) == expected


@pytest.mark.parametrize(
    ("end", "known_at", "t", "expected"),
    [
        (None, "2024-02-21", T, 1),
        ("2024-03-05", "2024-02-21", T, 1),  # ends later: open
        ("2024-03-01", "2024-02-21", T, 0),  # ended at midnight of the index date
        ("2024-02-25", "2024-02-21", T, 0),
        (None, "2024-03-01", T, 0),  # not yet known
    ],
)
def test_open_at_the_index_date(value, end, known_at, t, expected):
    row = {**STAY, "event_date": "2024-02-20", "end_date": end, "known_at": known_at}
    assert value(declared(Kind.OPEN, EMERGENCY), t=t, spell=[row]) == expected


def test_the_end_of_a_stay_is_a_version_of_its_own(value):
    rows = [
        {**STAY, "row_id": 1, "event_date": "2024-02-20", "known_at": "2024-02-21", "known_until": "2024-02-28"},
        {**STAY, "row_id": 1, "event_date": "2024-02-20", "end_date": "2024-02-24", "known_at": "2024-02-28"},
    ]
    in_hospital, days = declared(Kind.OPEN, EMERGENCY), declared(Kind.DAYS, EMERGENCY, 30)
    assert (value(in_hospital, t=date(2024, 2, 26), spell=rows), value(in_hospital, spell=rows)) == (1, 0)
    # On 26 February the area still thought that the person was in: 6 days; by 1 March it knew of 4.
    assert (value(days, t=date(2024, 2, 26), spell=rows), value(days, spell=rows)) == (6, 4)


def test_hours_of_open_packages_add_up(value):
    care = {"event": "service", "component": "home_care"}
    rows = [{**care, "event_date": "2023-01-01", "units_a_week": 10.5},
            {**care, "event_date": "2024-01-01", "units_a_week": 7, "end_date": "2024-02-01"},
            {**care, "event_date": "2024-02-01", "units_a_week": 3.5}]  # fmt: skip
    of = facts("social_care", component="home_care", value="units_a_week")
    assert value(declared(Kind.OPEN_SUM, of), social_care=rows) == 14


def test_only_long_intervals_count_when_asked(value):
    rows = [
        {**STAY, "event_date": "2024-01-01", "end_date": "2024-01-22"},
        {**STAY, "event_date": "2024-02-10", "end_date": "2024-02-29"},
    ]
    assert value(declared(Kind.COUNT, EMERGENCY, 365, lasting=21), spell=rows) == 1
    assert value(declared(Kind.COUNT, EMERGENCY, 365, lasting=22), spell=rows) == 0


def test_age_in_years(value):
    row = {"birth_month": "1944-03-01", "known_at": "2000-01-01"}
    days = (T - date(1944, 3, 1)) / timedelta(days=1)
    assert value(declared(Kind.YEARS, facts("person", date="birth_month")), person=[row]) == pytest.approx(
        days / 365.25, rel=1e-6
    )


def test_codes_pick_rows_by_system_and_prefix(value):
    of = facts("diagnosis", codes="fall_icd10")
    rows = [{"event_date": "2024-02-10", "code": code} for code in ("W19X", "W010", "I10X", "R296")]
    rows.append({"event_date": "2024-02-10", "system": "icd9cm", "code": "E8859"})
    assert value(declared(Kind.COUNT, of), diagnosis=rows) == 3


def test_after_death_and_before_registration_rows_are_rows_like_any_other(value):
    # Who is scored is the cohort's to say; a predictor counts what was known.
    death = [{"event_date": "2024-02-01"}]
    assert value(COUNT_30, ed_attendance=[{"event_date": "2024-02-10"}], death=death) == 1
