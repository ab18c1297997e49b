"""Windows that end earlier, windows partly observed, ranges, sequences, and numbers worked out from others: small tables, on every
engine. The index date is 1 March 2024."""

from __future__ import annotations

import itertools
import math
from datetime import date

import numpy as np
import pytest

from features.engine.language import Between, Circumstance, Derived, Kind, Op, Predictor, What, facts
from features.engine.oracle import At
from tests.engines import ALL_FEEDS, EACH, ENGINES
from tests.spec.feeds import without

T = date(2024, 3, 1)
NAN = float("nan")
STAYS = facts("spell", admission_method=("21", "2A"))
EGFR = facts("gp_event", codes="measurements_snomed:egfr", value="value")
ED = facts("ed_attendance")


def declared(kind, of, within=None, name="it", **more):
    return Predictor(name, kind, of, "test", "{n} days", within, **more)


@pytest.fixture(params=EACH)
def values(request, tmp_path):
    """Values of predictors for person 1 at ``T``."""
    numbers = itertools.count()

    def of(*predictors, feeds=ALL_FEEDS, observed=None, age=None, **rows):
        at = At(1, T, feeds, observed or {}, age or {})
        out = ENGINES[request.param](tmp_path / f"record-{next(numbers)}", rows, predictors, [at])
        assert out.dtype == np.float32
        return [None if value != value else round(value, 4) for value in out[0].tolist()]

    return of


def ed(*days):
    return [{"event_date": day} for day in days]


def stay(start, end, **more):
    return {"admission_method": "21", "event_date": start, "end_date": end, **more}


def test_a_window_may_end_before_the_index_date(values):
    earlier = declared(Kind.COUNT, ED, 60, ago=30)  # [1 January, 31 January)
    assert values(earlier, ed_attendance=ed("2023-12-31", "2024-01-01", "2024-01-30", "2024-01-31", "2024-02-10")) == [
        2
    ]


def test_what_was_known_later_of_an_earlier_window_counts(values):
    earlier = declared(Kind.COUNT, ED, 60, ago=30)
    assert values(earlier, ed_attendance=[{"event_date": "2024-01-10", "known_at": "2024-02-20"}]) == [1]
    assert values(earlier, ed_attendance=[{"event_date": "2024-01-10", "known_at": "2024-03-01"}]) == [0]


@pytest.mark.parametrize(("end", "open_then", "open_now"), [(None, 1, 1), ("2024-01-31", 0, 0), ("2024-02-01", 1, 0)])
def test_what_was_open_some_days_ago(values, end, open_then, open_now):
    then, now = declared(Kind.OPEN, STAYS, ago=30, name="then"), declared(Kind.OPEN, STAYS, name="now")
    assert values(then, now, spell=[stay("2024-01-20", end)]) == [open_then, open_now]


def test_days_of_an_earlier_window(values):
    # [1 January, 31 January): 27 to 30 January of a stay that went on.
    assert values(declared(Kind.DAYS, STAYS, 60, ago=30), spell=[stay("2024-01-27", "2024-02-20")]) == [4]


@pytest.mark.parametrize(
    ("stays", "expected"),
    [
        ([stay("2024-01-01", "2024-01-10"), stay("2024-02-09", None)], 1),  # the thirtieth day after
        ([stay("2024-01-01", "2024-01-10"), stay("2024-02-10", None)], 0),  # the thirty-first
        ([stay("2024-01-01", "2024-01-10"), stay("2024-01-10", "2024-01-12")], 1),  # the day itself
        ([stay("2024-01-01", None), stay("2024-01-20", None)], 0),  # the first never ended
        ([stay("2024-01-01", "2024-01-05"), stay("2024-01-10", "2024-01-12"), stay("2024-01-20", "2024-01-21")], 2),
        ([stay("2024-01-01", "2024-02-15"), stay("2024-01-05", "2024-01-06"), stay("2024-01-20", None)], 0),  # the long one goes on
        ([stay("2023-01-25", "2023-02-20"), stay("2023-03-10", "2023-03-12")], 1),  # the earlier one lies before the window
        ([stay("2023-01-25", "2023-01-28"), stay("2023-02-10", "2023-02-12")], 0),  # both do
        ([stay("2024-01-01", "2024-01-10", admission_method="11"), stay("2024-01-12", None)], 0),  # the first was planned
    ],
)  # fmt: skip
def test_readmissions(values, stays, expected):
    assert values(declared(Kind.SOON, STAYS, 365, gap=30), spell=stays) == [expected]


def test_an_end_that_was_not_yet_known_makes_no_readmission(values):
    stays = [stay("2024-01-01", None, row_id=1, known_until="2024-03-05"),
             stay("2024-01-01", "2024-01-10", row_id=1, known_at="2024-03-05"), stay("2024-01-20", None, row_id=2)]  # fmt: skip
    assert values(declared(Kind.SOON, STAYS, 365, gap=30), spell=stays) == [0]


def item(code, day):
    return {"code": code, "event_date": day}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([item("0501013B0AAAAAA", "2024-02-01")], 1),
        ([item("0501013B0AAAAAA", "2023-12-01"), item("0501013B0AAAAAA", "2024-02-01")], 0),  # had before
        (
            [item("0501013B0AAAAAA", "2023-06-01"), item("0501013B0AAAAAA", "2024-02-01")],
            1,
        ),  # so long ago that it is new again
        ([item("0501013B0BBBBBB", "2023-12-01"), item("0501013B0AAAAAA", "2024-02-01")], 0),  # another make of the same
        (
            [item("0501013B0AAAAAA", "2024-01-31"), item("0501013B0AAAAAA", "2024-02-01")],
            1,
        ),  # 31 January: the window's first day
        (
            [item("0501013B0AAAAAA", "2024-01-30"), item("0501013B0AAAAAA", "2024-02-01")],
            0,
        ),  # 30 January: quiet days' last
        (
            [item("0501013B0AAAAAA", "2023-10-23"), item("0501013B0AAAAAA", "2024-02-01")],
            0,
        ),  # 130 days before: their first
        ([item("0501013B0AAAAAA", "2023-10-22"), item("0501013B0AAAAAA", "2024-02-01")], 1),
    ],
)
def test_new_medicines(values, items, expected):
    new = declared(Kind.NEW, facts("prescription", distinct="code", prefix=9), 30, quiet=100)
    assert values(new, prescription=items) == [expected]


def gp(day, value, **more):
    return {"event_date": day, "code": "1020291000000106", "value": value, **more}


def test_the_spread_of_three_values_or_more(values):
    spread = declared(Kind.DEVIATION, EGFR, 365)
    # 50, 44, 41: mean 45, squares 25 + 1 + 16 = 42, over 2.
    rows = [gp("2024-01-12", 50), gp("2024-02-21", 44), gp("2024-02-01", 41)]
    assert values(spread, gp_event=rows) == [round(math.sqrt(21), 4)]
    assert values(spread, gp_event=rows[:2]) == [None]


def test_a_range_of_the_value_picks_rows(values):
    low = facts("gp_event", codes="measurements_snomed:egfr", value=Between(None, 60))
    rows = [gp("2024-01-12", 60), gp("2024-02-21", 59.9), gp("2024-02-01", None)]
    assert values(declared(Kind.COUNT, low, 365), gp_event=rows) == [1]
    least = facts("gp_event", codes="measurements_snomed:egfr", value="value", where={"value": Between(30, 60)})
    assert values(declared(Kind.LEAST, least, 365), gp_event=[*rows, gp("2024-02-02", 12)]) == [59.9]


def test_weekdays_and_months_of_the_day(values):
    # 10 February 2024 is a Saturday.
    weekend, january = facts("ed_attendance", weekday=(6, 7)), facts("ed_attendance", month=1)
    attended = ed("2024-02-09", "2024-02-10", "2024-02-11", "2024-02-12", "2024-01-31")
    assert values(
        declared(Kind.COUNT, weekend, 365, "w"), declared(Kind.COUNT, january, 365, "j"), ed_attendance=attended
    ) == [2, 1]


def test_days_from_being_ready_to_leaving(values):
    delayed = facts("spell", date="ready_date")
    stays = [stay("2024-01-01", "2024-01-20", ready_date="2024-01-12"), stay("2024-02-01", "2024-02-05"),
             stay("2024-02-10", None, ready_date="2024-02-25")]  # fmt: skip
    # 12 to 19 January; never ready; 25 February until the index date.
    assert values(declared(Kind.DAYS, delayed, 365), spell=stays) == [8 + 0 + 5]


def test_days_since_the_end_of_the_last_stay(values):
    ended = facts("spell", date="end_date")
    stays = [stay("2024-01-01", "2024-02-20"), stay("2024-02-25", None)]
    assert values(declared(Kind.DAYS_SINCE_LAST, ended), spell=stays) == [10]


def test_points_of_each_category_count_once(values):
    acs = facts("diagnosis", codes="acs_icd10")
    coded = [{"event_date": "2024-01-10", "code": code} for code in ("J440", "J449", "J440", "I10X", "A000")]
    (found,) = values(declared(Kind.POINTS, acs, 365), diagnosis=coded)
    assert found == 2  # chronic obstructive disease once, hypertension once; cholera is in no category


# Partly observed: the hospital's feed speaks for the person from 1 January 2024.
SINCE = {"spell": date(2024, 1, 1), "ed_attendance": date(2024, 1, 1)}


@pytest.mark.parametrize(
    ("within", "attended", "expected"),
    [
        (60, [], 0),  # [1 January, 1 March) was observed, and nothing happened
        (61, [], None),  # one day was not: nobody knows
        (365, [], None),
        (365, ["2024-02-01"], 1),  # what was seen was seen
        (365, ["2023-12-01"], 1),  # and a row is a row, even from before
        (None, [], 0),  # no window, no claim: nothing is on record
    ],
)
def test_a_window_partly_observed_is_never_a_plain_zero(values, within, attended, expected):
    rows = {"ed_attendance": ed(*attended)}
    assert values(declared(Kind.COUNT, ED, within), observed=SINCE, **rows) == [expected]


@pytest.mark.parametrize("kind", [Kind.ANY, Kind.DAYS, Kind.SOON])
def test_no_kind_claims_a_zero_of_days_nobody_saw(values, kind):
    more = {"gap": 30} if kind is Kind.SOON else {}
    assert values(declared(kind, STAYS, 365, **more), observed=SINCE) == [None]
    assert values(declared(kind, STAYS, 60, **more), observed=SINCE) == [0]


def test_how_long_a_person_was_observed_and_how_old_the_feed_is(values):
    asked = [Circumstance("observed", What.OBSERVED, "spell", "test", "{n}"), Circumstance("always", What.OBSERVED, "gp_event", "test", "{n}"),
             Circumstance("fed", What.FED, "spell", "test", "{n}"), Circumstance("age", What.FEED_AGE, "spell", "test", "{n}")]  # fmt: skip
    assert values(*asked, observed=SINCE, age={"spell": 9}) == [60, 1095, 1, 9]
    assert values(*asked, observed=SINCE, age={"spell": 9}, feeds=without("spell")) == [None, 1095, 0, None]


def test_the_season_goes_round_in_a_year(values):
    asked = [
        Circumstance("sin", What.SEASON_SIN, None, "test", "{n}"),
        Circumstance("cos", What.SEASON_COS, None, "test", "{n}"),
    ]
    turn = 2 * math.pi * ((T - date(1970, 1, 1)).days % 365.25) / 365.25
    assert values(*asked) == [round(math.sin(turn), 4), round(math.cos(turn), 4)]


# Numbers worked out from others: attendances in 30 days, in 60 days, and one whose feed is missing.
FEW, MORE = declared(Kind.COUNT, ED, 30, "few"), declared(Kind.COUNT, ED, 60, "more")
GONE = declared(Kind.COUNT, facts("ambulance"), 30, "gone")


def worked_out(op, *parts, **more):
    return Derived("worked_out", op, parts, "test", "{n}", **more)


@pytest.mark.parametrize(
    ("declaration", "expected"),
    [
        (worked_out(Op.SUM, FEW, MORE), 4),
        (worked_out(Op.SUM, FEW, MORE, weights=(2, 0.5)), 3.5),
        (worked_out(Op.SUM, FEW, GONE), None),
        (worked_out(Op.DIFFERENCE, FEW, MORE), -2),
        (worked_out(Op.RATIO, FEW, MORE), round(1 / 3, 4)),
        (worked_out(Op.RATIO, FEW, declared(Kind.COUNT, STAYS, 30, "none")), None),
        (worked_out(Op.BAND, MORE, cuts=(1, 3, 5)), 2),
        (worked_out(Op.BAND, GONE, cuts=(1,)), None),
        (worked_out(Op.LARGEST, FEW, MORE), 3),
        (worked_out(Op.LARGEST, FEW, GONE), None),
        (worked_out(Op.EITHER, FEW, GONE), 1),
        (worked_out(Op.EITHER, declared(Kind.COUNT, STAYS, 30, "none"), GONE), None),
        (worked_out(Op.EITHER, declared(Kind.COUNT, STAYS, 30, "none")), 0),
        (worked_out(Op.BOTH, FEW, MORE), 1),
        (worked_out(Op.BOTH, FEW, GONE), None),
        (worked_out(Op.BOTH, declared(Kind.COUNT, STAYS, 30, "none"), GONE), 0),
        (worked_out(Op.NEITHER, FEW, GONE), 0),
        (worked_out(Op.NEITHER, declared(Kind.COUNT, STAYS, 30, "none")), 1),
        (worked_out(Op.NEITHER, GONE), None),
        (worked_out(Op.SUM, Derived("inner", Op.BAND, (MORE,), "test", "{n}", cuts=(3,)), FEW), 2),
    ],
    ids=lambda given: "".join(f"{given.op.name}-{'-'.join(part.name for part in given.parts)}") if isinstance(given, Derived) else None,
)  # fmt: skip
def test_numbers_worked_out_from_others(values, declaration, expected):
    attended = ed("2024-02-10", "2024-01-10", "2024-01-20")
    assert values(declaration, ed_attendance=attended, feeds=without("ambulance")) == [expected]
