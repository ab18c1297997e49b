"""Emergency departments, 999 and 111."""

from __future__ import annotations

from typing import Any

from features.engine.language import Between, Declared, Derived, Facts, Kind, Op, Predictor, facts

DOMAIN = "urgent care"
ED = facts("ed_attendance")
CALLS = facts("ambulance", service="999")
ACUITY = "Emergency Care Data Set, acuity: 1 immediate, 2 very urgent, 4 standard, 5 low"
FREQUENT = "three or more: Greenfield and others 2020, Emergency Medicine Journal 37:597; five or more: Locker and others 2007, 10.1136/emj.2006.043844"
#: Midnight to eight in the morning, in seconds.
NIGHT = Between(0, 8 * 3600)
WORDS = {
    30: ("30d", "30 days"),
    90: ("90d", "90 days"),
    365: ("1y", "year"),
    730: ("2y", "two years"),
    1095: ("3y", "three years"),
}


def _count(name: str, of: Facts, within: int, words: str, none: str, reference: str = "", actionable: bool = False) -> Predictor:  # fmt: skip
    suffix, lapse = WORDS[within]
    return Predictor(f"{name}_{suffix}", Kind.COUNT, of, DOMAIN, f"{words} in the last {lapse}: {{n}}", within,
                     says_none=f"no {none} in the last {lapse}", reference=reference, actionable=actionable)  # fmt: skip


def _ed(within: int, actionable: bool = True) -> Predictor:
    return _count("ed_attendances", ED, within, "A&E attendances", "A&E attendance", actionable=actionable)


def _of_ed(name: str, words: str, reference: str = "", within: int = 365, actionable: bool = False, **where: Any) -> Predictor:  # fmt: skip
    return _count(f"ed_{name}", facts("ed_attendance", **where), within, f"A&E attendances {words}", f"A&E attendance {words}", reference,
                  actionable)  # fmt: skip


def _of_calls(name: str, words: str, within: int = 365, actionable: bool = False, **where: Any) -> Predictor:
    return _count(name, facts("ambulance", **where), within, f"ambulance calls {words}", f"ambulance call {words}", "", actionable)  # fmt: skip


def _half(table: str, words: str, ago: int, **where: Any) -> Predictor:
    when = "half a year" if ago == 0 else "the half-year before"
    return Predictor(f"{table}_half_year{'_before' if ago else ''}", Kind.COUNT, facts(table, **where), DOMAIN, f"{words} in {when}: {{n}}",
                     182 + ago, ago=ago, says_none=f"no {words} in {when}")  # fmt: skip


def _change(name: str, table: str, words: str, **where: Any) -> Derived:
    return Derived(f"change_in_{name}", Op.DIFFERENCE, (_half(table, words, 0, **where), _half(table, words, 182, **where)), DOMAIN,
                   f"{words} in the last half-year, over those of the half-year before: {{n}}",
                   says_none=f"as many {words} as in the half-year before")  # fmt: skip


YEAR, TWO_YEARS = _ed(365), _ed(730, actionable=False)
WEEKEND = _of_ed("at_weekend", "at a weekend", within=730, weekday=(6, 7))
AT_NIGHT = _of_ed("at_night", "between midnight and eight", within=730, event_time=NIGHT)

PREDICTORS: tuple[Declared, ...] = (
    _ed(90),
    YEAR,
    TWO_YEARS,
    Derived("ed_frequent", Op.BAND, (YEAR,), DOMAIN, "band of A&E attendances in a year (3, 5 or more): {n}", cuts=(3, 5),
            says_none="fewer than three A&E attendances in a year", actionable=True, reference=FREQUENT),
    Predictor("days_since_ed", Kind.DAYS_SINCE_LAST, ED, DOMAIN, "{n} days since the last A&E attendance",
              says_absent="no A&E attendance on record"),
    _change("ed_attendances", "ed_attendance", "A&E attendances"),
    _of_ed("by_ambulance", "by ambulance", arrival_mode="ambulance"),
    _of_ed("high_acuity", "triaged immediate or very urgent", ACUITY, acuity=(1, 2)),
    _of_ed("low_acuity", "triaged standard or low", ACUITY, acuity=(4, 5), actionable=True),
    _of_ed("admitted", "that ended in admission", disposal="admitted"),
    _of_ed("left", "left before being seen or treated", actionable=True, disposal="left"),
    Derived("share_of_ed_at_weekend_2y", Op.RATIO, (WEEKEND, TWO_YEARS), DOMAIN, "{n:.2f} of A&E attendances at a weekend",
            says_none="A&E attendances on weekdays only", says_absent="no A&E attendance in two years to tell the weekday of"),
    Derived("share_of_ed_at_night_2y", Op.RATIO, (AT_NIGHT, TWO_YEARS), DOMAIN, "{n:.2f} of A&E attendances between midnight and eight",
            says_none="A&E attendances by day only", says_absent="no A&E attendance in two years to tell the hour of"),
    Predictor("ed_complaints_1y", Kind.DISTINCT, facts("ed_attendance", distinct="chief_complaint"), DOMAIN,
              "different complaints at A&E in the last year: {n}", 365, says_none="no complaint at A&E in the last year"),
    _count("calls_999", CALLS, 90, "999 calls", "999 call", actionable=True),
    _count("calls_999", CALLS, 365, "999 calls", "999 call", actionable=True),
    Predictor("days_since_999", Kind.DAYS_SINCE_LAST, CALLS, DOMAIN, "{n} days since the last 999 call", says_absent="no 999 call on record"),
    _count("calls_111", facts("ambulance", service="111"), 365, "111 calls", "111 call"),
    _of_calls("conveyed", "after which the person was taken to hospital", conveyed=True),
    _of_calls("not_conveyed", "on 999 after which the person stayed where they were", actionable=True, service="999", conveyed=False),
    _of_calls("calls_for_falls", "for a fall", actionable=True, complaint="fall"),
    _of_calls("fallers_left_at_home", "for a fall after which the person stayed at home", actionable=True, complaint="fall", conveyed=False),
    _of_calls("calls_for_breathing", "for breathing trouble", complaint="breathing"),
    _of_calls("calls_for_chest_pain", "for chest pain", complaint="chest_pain"),
    _of_calls("calls_for_mental_health", "for mental health", within=730, complaint="mental_health", actionable=True),
)  # fmt: skip
