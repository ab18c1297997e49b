"""Labels: rows in, 1, 0 or a reason out. Unless a test says otherwise the date is 1 April 2024, the window 365 days (so it ends
on 1 April 2025, that day not included), and every feed covers everything and was last delivered in 2030."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.cohort import CohortRules, cohort
from features.errors import Refused, WrongUsage
from features.outcomes import OUTCOMES, Outcome, label, usable_dates
from features.outcomes.events import Died
from features.record.hospital import ADMISSION_METHODS
from features.record.reader import Record
from tests.records import always_fresh, feeds, record

T = date(2024, 4, 1)


def labels(folder: Path, outcome: str, *, at: date = T, horizon: int | None = None, lag: int | None = None, **tables: Any) -> pd.DataFrame:  # fmt: skip
    with Record(record(folder, **tables), purpose="training", threads=1) as held:
        people = cohort(held, [at], CohortRules())
        found = label(held, people, outcome, horizon, lag=lag)
        assert found.index.equals(people.frame.index)
        return found


def answer(found: pd.DataFrame) -> int | str:
    """The only row's label: 1, 0 or why it is unknown."""
    row = found.iloc[0]
    return row["censored"] if pd.isna(row["y"]) else int(row["y"])


def answers(folder: Path, outcome: str, cases: dict[str, dict[str, list[dict[str, Any]]]]) -> dict[str, int | str]:
    """One person a case, all in one record: what the case says, and the person's label."""
    tables: dict[str, list[dict[str, Any]]] = {"person": [{"person_id": n} for n, _ in enumerate(cases, 1)]}
    for n, given in enumerate(cases.values(), 1):
        for name, rows in ({"registration": [{}]} | given).items():
            held = tables.setdefault(name, [])
            for k, row in enumerate(rows):
                keys = {key: 100 * n + row[key] for key in ("row_id", "spell_id") if key in row}
                held.append({"row_id": 100 * n + 50 + k, **row, **keys, "person_id": n})
    found = labels(folder, outcome, **tables)
    assert len(found) == len(cases)
    return {says: answer(found.iloc[[n]]) for n, says in enumerate(cases)}


# -- unplanned admission


def test_unplanned_admission_is_a_stay_that_begins_in_the_window(tmp_path: Path) -> None:
    def stay(**row: Any) -> dict[str, Any]:
        return {"spell": [{"event_date": "2024-06-01", "admission_method": "21", **row}]}

    assert answers(
        tmp_path,
        "unplanned_admission",
        {
            "on the first day": stay(event_date="2024-04-01"),
            "on the last day": stay(event_date="2025-03-31"),
            "the day after": stay(event_date="2025-04-01"),
            "the day before": stay(event_date="2024-03-31"),
            "began before and goes on": stay(event_date="2024-03-31", end_date="2024-06-01"),
            "hospital at home": stay(patient_class="hospital_at_home"),
            "learned years later": stay(known_at="2029-01-01"),
            "taken back": stay(known_until="2024-09-01"),
        },
    ) == {
        "on the first day": 1,
        "on the last day": 1,
        "the day after": 0,
        "the day before": 0,
        "began before and goes on": 0,
        "hospital at home": 0,
        "learned years later": 1,
        "taken back": 0,
    }


def test_emergency_methods_are_those_of_the_data_dictionary(tmp_path: Path) -> None:
    found = answers(
        tmp_path,
        "unplanned_admission",
        {m: {"spell": [{"event_date": "2024-06-01", "admission_method": m}]} for m in ADMISSION_METHODS},
    )
    assert [m for m in found if found[m] == 1] == ["21", "22", "23", "24", "25", "28", "2A", "2B", "2D"]
    assert [m for m in found if found[m] == 0] == ["11", "12", "13", "2C", "31", "32", "81", "82", "83", "98", "99"]


def test_a_planned_stay_that_went_on_by_emergency_transfer_is_one_planned_stay(tmp_path: Path) -> None:
    """A spell is the whole continuous stay, with the method of its first admission: the transfer is in no row of its own."""
    stay = {"event_date": "2024-06-01", "end_date": "2024-07-01", "admission_method": "11"}
    assert answer(labels(tmp_path, "unplanned_admission", spell=[stay])) == 0


def test_the_first_event_is_the_one_dated_and_a_correction_moves_it(tmp_path: Path) -> None:
    found = labels(
        tmp_path,
        "unplanned_admission",
        spell=[
            {"row_id": 1, "event_date": "2024-05-01", "admission_method": "21", "known_until": "2024-08-01"},
            {"row_id": 1, "event_date": "2024-05-09", "admission_method": "21", "known_at": "2024-08-01"},
            {"row_id": 2, "event_date": "2024-07-01", "admission_method": "21"},
        ],
    )
    assert found["event_date"].tolist() == [pd.Timestamp(2024, 5, 9)]
    assert found["component"].tolist() == ["emergency_admission"]


@pytest.mark.parametrize(("horizon", "expected"), [(30, 0), (90, 1), (365, 1)])
def test_the_horizon_is_a_parameter(tmp_path: Path, horizon: int, expected: int) -> None:
    """1 April + 30 days is 1 May; + 90 is 30 June."""
    stay = {"event_date": "2024-05-01", "admission_method": "21"}
    assert answer(labels(tmp_path, "unplanned_admission", horizon=horizon, spell=[stay])) == expected


def test_death_without_an_admission_is_no_admission(tmp_path: Path) -> None:
    death = [{"event_date": "2024-06-01"}]
    gone = [{"end_date": "2024-06-01", "end_reason": "died"}]
    assert answer(labels(tmp_path / "a", "unplanned_admission", death=death, registration=gone)) == 0
    assert answer(labels(tmp_path / "b", "unplanned_admission_or_death", death=death, registration=gone)) == 1
    assert answer(labels(tmp_path / "c", "death", death=death, registration=gone)) == 1


def test_a_stay_whose_method_is_not_recorded_makes_the_answer_unknown(tmp_path: Path) -> None:
    known = {"event_date": "2020-01-01", "admission_method": "21"}
    blank = {"event_date": "2024-06-01", "admission_method": None}
    sure = {"event_date": "2024-07-01", "admission_method": "21"}
    assert answer(labels(tmp_path / "a", "unplanned_admission", spell=[known, blank])) == "not_recorded"
    assert answer(labels(tmp_path / "b", "unplanned_admission", spell=[known, blank, sure])) == 1


def test_a_record_with_no_admission_method_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="none of the record's 1 stays says so; use any_admission"):
        labels(tmp_path, "unplanned_admission", spell=[{"event_date": "2024-06-01"}])


def test_any_admission_is_an_ordinary_stay_however_it_began(tmp_path: Path) -> None:
    kinds = ("ordinary", "day_case", "regular_day", "regular_night", "maternity", "hospital_at_home")
    found = answers(
        tmp_path, "any_admission", {k: {"spell": [{"event_date": "2024-06-01", "patient_class": k}]} for k in kinds}
    )
    assert [kind for kind in found if found[kind] == 1] == ["ordinary"]


def test_any_admission_is_never_shown_as_unplanned() -> None:
    assert [name for name, outcome in OUTCOMES.items() if outcome.unplanned] == [
        "unplanned_admission",
        "avoidable_admission",
    ]


# -- avoidable admission


def coded(*codes: tuple[str, int], method: str = "21") -> dict[str, list[dict[str, Any]]]:
    """A stay on 1 June 2024 with (code, position)."""
    return {
        "spell": [{"row_id": 9, "event_date": "2024-06-01", "admission_method": method}],
        "diagnosis": [{"spell_id": 9, "event_date": "2024-06-01", "code": c, "position": p} for c, p in codes],
    }


def test_avoidable_admission_rests_on_the_primary_diagnosis(tmp_path: Path) -> None:
    assert answers(
        tmp_path,
        "avoidable_admission",
        {
            "with its dot": coded(("J44.0", 1)),
            "without": coded(("J440", 1)),
            "padded": coded(("I10X", 1)),
            "not primary": coded(("S720", 1), ("J440", 2)),
            "planned": coded(("J440", 1), method="11"),
            "not of the set": coded(("E876", 1)),
            "not yet coded": coded(),
            "planned and not coded": coded(method="11"),
            "no primary": coded(("J440", 2)),
        },
    ) == {
        "with its dot": 1,
        "without": 1,
        "padded": 1,
        "not primary": 0,
        "planned": 0,
        "not of the set": 0,
        "not yet coded": "not_recorded",
        "planned and not coded": 0,
        "no primary": "not_recorded",
    }


def test_codes_of_another_system_cannot_tell(tmp_path: Path) -> None:
    case = coded(("428.0", 1))
    case["diagnosis"][0]["system"] = "icd9cm"
    assert answers(tmp_path, "avoidable_admission", {"heart failure in ICD-9-CM": case}) == {
        "heart failure in ICD-9-CM": "not_recorded"
    }


# -- deterioration


def old(folder: Path, **tables: Any) -> pd.DataFrame:
    return labels(folder, "deterioration", **tables)


CARE = {"service_type": "long_term_community", "component": "home_care"}


def test_home_care_begun_or_grown(tmp_path: Path) -> None:
    def care(*rows: dict[str, Any]) -> dict[str, Any]:
        home_care = {"service_type": "long_term_community", "component": "home_care"}
        return {"social_care": [{**home_care, **row} for row in rows]}

    def first(hours: float | None, end: str | None = "2024-06-01") -> dict[str, Any]:
        return {"event_date": "2020-06-01", "end_date": end, "units_a_week": hours}

    def then(hours: float | None, day: str = "2024-06-01", **more: Any) -> dict[str, Any]:
        return {"event_date": day, "units_a_week": hours, **more}

    assert answers(
        tmp_path,
        "deterioration",
        {
            "begun": care(then(7.0)),
            "begun, hours unknown": care(then(None)),
            "reablement": care(then(7.0, service_type="short_term_max", component="reablement")),
            "equipment": care(then(None, component="equipment")),
            "an assessment": care(then(None, event="assessment")),
            "had it before": care(first(7.0, end=None)),
            "8 to 10 hours: a quarter and 2 h": care(first(8.0), then(10.0)),
            "4 to 5.5 hours: 37% but 1.5 h": care(first(4.0), then(5.5)),
            "20 to 23 hours: 3 h but 15%": care(first(20.0), then(23.0)),
            "2 on top of 8 hours": care(first(8.0, end=None), then(2.0)),
            "2 on top of 8 for three weeks": care(first(8.0, end=None), then(2.0, end_date="2024-06-22")),
            "the same after 27 days without": care(first(8.0), then(8.0, day="2024-06-28")),
            "the same after 28 days without": care(first(8.0), then(8.0, day="2024-06-29")),
            "grown, hours before unknown": care(first(None), then(50.0)),
            "less": care(first(20.0), then(10.0)),
        },
    ) == {
        "begun": 1,
        "begun, hours unknown": 1,
        "reablement": 0,
        "equipment": 0,
        "an assessment": 0,
        "had it before": 0,
        "8 to 10 hours: a quarter and 2 h": 1,
        "4 to 5.5 hours: 37% but 1.5 h": 0,
        "20 to 23 hours: 3 h but 15%": 0,
        "2 on top of 8 hours": 1,
        "2 on top of 8 for three weeks": 0,
        "the same after 27 days without": 0,
        "the same after 28 days without": 1,
        "grown, hours before unknown": "not_recorded",
        "less": 0,
    }


def test_a_stay_with_a_fall_or_fragility_fracture_in_any_position(tmp_path: Path) -> None:
    assert answers(
        tmp_path,
        "deterioration",
        {
            "hip fracture": coded(("S720", 1)),
            "a fall, seventh": coded(("J18.9", 1), ("W19X", 7)),
            "tendency to fall": coded(("J189", 1), ("R296", 2)),
            "another symptom": coded(("J189", 1), ("R290", 2)),
            "struck, finger cut": coded(("S610", 1), ("W20", 2)),
            "not coded": coded(),
        },
    ) == {
        "hip fracture": 1,
        "a fall, seventh": 1,
        "tendency to fall": 1,
        "another symptom": 0,
        "struck, finger cut": 0,
        "not coded": "not_recorded",
    }


def test_a_permanent_move_into_a_care_home(tmp_path: Path) -> None:
    def service(kind: str, **row: Any) -> dict[str, Any]:
        return {"event_date": "2024-06-01", "service_type": kind, **row}

    home = {"end_date": "2024-06-01"}

    def moved(kind: str, **row: Any) -> dict[str, Any]:
        return {"event_date": "2024-06-01", "kind": kind, **row}

    assert answers(
        tmp_path,
        "deterioration",
        {
            "residential service": {"social_care": [service("long_term_residential")]},
            "nursing service": {"social_care": [service("long_term_nursing")]},
            "respite": {"social_care": [service("short_term_other", component="respite")]},
            "residence": {"residence": [home, moved("care_home")]},
            "by a match of addresses alone": {"residence": [home, moved("care_home", kind_from="address_match")]},
            "by the council's word on the dwelling alone": {
                "residence": [home, moved("care_home", kind_from="council")]
            },
            "extra care": {"residence": [home, moved("extra_care")]},
            "in one already": {"residence": [{"kind": "care_home"}]},
            "from one to another": {"residence": [{**home, "kind": "care_home"}, moved("nursing_home")]},
            "in one by the council's rows, then another": {
                "social_care": [
                    service("long_term_residential", event_date="2023-01-01", end_date="2024-06-01"),
                    service("long_term_nursing", event_date="2024-06-05"),
                ]
            },
        },
    ) == {
        "residential service": 1,
        "nursing service": 1,
        "respite": 0,
        "residence": 1,
        "by a match of addresses alone": 0,
        "by the council's word on the dwelling alone": 0,
        "extra care": 0,
        "in one already": "in_care_home",
        "from one to another": "in_care_home",
        "in one by the council's rows, then another": "in_care_home",
    }


def test_the_first_component_is_named_and_each_has_its_own_first_date(tmp_path: Path) -> None:
    found = old(
        tmp_path,
        social_care=[{**CARE, "event_date": "2024-09-01"}, {"event_date": "2024-08-01", "service_type": "long_term_nursing"}],
        death=[{"event_date": "2024-10-01"}],
    )  # fmt: skip
    row = found.iloc[0]
    assert (row["y"], row["component"], row["event_date"]) == (1.0, "care_home", pd.Timestamp(2024, 8, 1))
    assert row["first_home_care"] == pd.Timestamp(2024, 9, 1)
    assert row["first_death"] == pd.Timestamp(2024, 10, 1)
    assert pd.isna(row["first_fall_or_fracture"])


def test_deterioration_is_for_people_of_65_and_over(tmp_path: Path) -> None:
    young = [{"birth_month": "1959-05-01"}]
    assert answer(old(tmp_path, person=young, registration=[{}], death=[{"event_date": "2024-06-01"}])) == "under_age"


# -- what cannot be told


def test_a_death_before_the_date_that_was_learned_after_it_is_no_label(tmp_path: Path) -> None:
    death = [{"event_date": "2024-03-20", "known_at": "2024-04-10"}]
    assert answer(labels(tmp_path, "death", death=death)) == "died_before_index_learned_later"


def test_leaving_the_area_ends_what_is_known_of_a_person(tmp_path: Path) -> None:
    left = {"registration": [{"end_date": "2024-07-01", "end_reason": "left_area"}]}
    assert answers(
        tmp_path,
        "unplanned_admission",
        {
            "nothing before": left,
            "admitted the day before": {**left, "spell": [{"event_date": "2024-06-30", "admission_method": "21"}]},
            "admitted once gone": {**left, "spell": [{"event_date": "2024-07-01", "admission_method": "21"}]},
            "died first": {**left, "death": [{"event_date": "2024-06-20"}]},
            "died once gone": {**left, "death": [{"event_date": "2024-07-20"}]},
            "registration ended by death": {"registration": [{"end_date": "2024-07-01", "end_reason": "died"}]},
        },
    ) == {
        "nothing before": "left_area",
        "admitted the day before": 1,
        "admitted once gone": "left_area",
        "died first": 0,
        "died once gone": "left_area",
        "registration ended by death": 0,
    }


def test_a_new_regular_registration_is_no_leaving(tmp_path: Path) -> None:
    def then(**row: Any) -> dict[str, Any]:
        return {"registration": [{"end_date": "2024-07-01"}, {"event_date": "2024-07-01", "practice": "B86099", **row}]}

    assert answers(
        tmp_path,
        "unplanned_admission",
        {
            "changed practice": then(),
            "came back after 91 days": then(event_date="2024-09-30"),
            "came back after 92 days": then(event_date="2024-10-01"),
            "stays as a temporary patient": then(kind="temporary"),
            "left as the window ended": {"registration": [{"end_date": "2025-04-01"}]},
            "left a day before": {"registration": [{"end_date": "2025-03-31"}]},
        },
    ) == {
        "changed practice": 0,
        "came back after 91 days": 0,
        "came back after 92 days": "left_area",
        "stays as a temporary patient": "left_area",
        "left as the window ended": 0,
        "left a day before": "left_area",
    }


ADMITTED = {"event_date": "2024-06-01", "admission_method": "21"}


@pytest.mark.parametrize(
    ("received", "expected"), [("2025-05-16", 1), ("2025-05-15", "not_matured")], ids=["45 days on", "44 days on"]
)
def test_a_window_must_have_matured_event_or_no_event(tmp_path: Path, received: str, expected: int | str) -> None:
    """The window ends on 1 April 2025 and hospital stays take 45 days: 16 May 2025. The admission is known either way, and would
    bias what is kept if it counted before people without one can."""
    assert date(2025, 4, 1).toordinal() + 45 == date(2025, 5, 16).toordinal()
    spells = [*feeds("spell", known_until=received), *feeds("spell", known_at=received)]
    fresh = [row for row in always_fresh() if row["table_name"] != "spell"]
    assert answer(labels(tmp_path, "unplanned_admission", spell=[ADMITTED], feed=fresh + spells)) == expected


def test_an_area_may_state_its_own_lag(tmp_path: Path) -> None:
    spells = [*feeds("spell", known_until="2025-04-01"), *feeds("spell", known_at="2025-04-01")]
    fresh = [row for row in always_fresh() if row["table_name"] != "spell"]
    assert answer(labels(tmp_path, "unplanned_admission", lag=0, spell=[ADMITTED], feed=fresh + spells)) == 1


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([("2020-01-01", "2025-04-01")], 0),
        ([("2020-01-01", "2025-03-31")], "not_covered"),
        ([("2024-04-02", "2026-01-01")], "not_covered"),
        ([("2020-01-01", "2024-09-01"), ("2024-09-01", "2026-01-01")], 0),
        ([("2020-01-01", "2024-09-01"), ("2024-09-02", "2026-01-01")], "not_covered"),
        ([("2020-01-01", "2026-01-01"), ("2020-01-01", "2021-01-01")], 0),
    ],
    ids=["to the end", "a day short", "begins a day late", "two that meet", "a day missing", "one within another"],
)
def test_the_feed_must_cover_the_whole_window(
    tmp_path: Path, periods: list[tuple[str, str]], expected: int | str
) -> None:
    rows = [
        {**feeds("spell")[0], "feed_id": 100 + n, "known_at": "2029-01-01", "period_from": start, "period_to": end}
        for n, (start, end) in enumerate(periods)
    ]
    fresh = [row for row in always_fresh() if row["table_name"] != "spell"]
    assert answer(labels(tmp_path, "unplanned_admission", feed=fresh + rows)) == expected


def test_when_one_of_two_hospitals_stops_sending_its_patients_are_not_taken_for_well(tmp_path: Path) -> None:
    """Hospital A covers the window; B stops in September; C had stopped before the date; D begins in May."""

    def hospital(n: int, name: str, start: str, end: str) -> dict[str, Any]:
        row = feeds("spell", known_at="2029-01-01", period_from=start, period_to=end)[0]
        return {**row, "feed_id": n, "organisation": name}

    fresh = [row for row in always_fresh() if row["table_name"] != "spell"]
    a = hospital(100, "A", "2020-01-01", "2026-01-01")
    b = hospital(101, "B", "2020-01-01", "2024-09-01")
    c = hospital(102, "C", "2020-01-01", "2023-09-01")
    d = hospital(103, "D", "2024-05-01", "2024-10-01")
    assert answer(labels(tmp_path / "ab", "unplanned_admission", feed=[*fresh, a, b])) == "not_covered"
    assert answer(labels(tmp_path / "acd", "unplanned_admission", feed=[*fresh, a, c, d])) == 0


def test_coverage_is_judged_by_the_persons_own_practice(tmp_path: Path) -> None:
    spells = {**feeds("spell", known_at="2029-01-01")[0], "covers": "AAA"}
    fresh = [row for row in always_fresh() if row["table_name"] != "spell"]
    found = labels(
        tmp_path,
        "unplanned_admission",
        registration=[{"person_id": 1, "practice": "AAA"}, {"person_id": 2, "practice": "BBB"}],
        feed=[*fresh, spells],
    )
    assert found["y"].iloc[0] == 0
    assert found["censored"].tolist() == [None, "not_covered"]


def test_every_feed_that_defines_the_outcome_is_needed(tmp_path: Path) -> None:
    without = [row for row in always_fresh() if row["table_name"] != "death"]
    assert answer(labels(tmp_path / "a", "unplanned_admission", feed=without)) == 0
    assert answer(labels(tmp_path / "b", "unplanned_admission_or_death", feed=without)) == "not_covered"


# -- dates


def closed(newest: str, period_to: str) -> list[dict[str, Any]]:
    return feeds(known_at=newest, period_from="2008-01-01", period_to=period_to)


def test_usable_dates_are_the_quarters_that_the_feeds_can_tell(tmp_path: Path) -> None:
    """Delivered 15 May 2012: less 45 days is 31 March, less 365 is 1 April 2011. A year's lookback begins 2009."""
    folder = record(tmp_path, feed=closed("2012-05-15", "2012-05-01"))
    with Record(folder, purpose="training", threads=1) as held:
        days = usable_dates(held, "unplanned_admission")
        with_two_years = usable_dates(held, "unplanned_admission", None, 730)
    assert days[0] == date(2009, 1, 1)
    assert days[-1] == date(2011, 4, 1)
    assert len(days) == 4 + 4 + 2
    assert with_two_years[0] == date(2010, 1, 1)


def test_a_closed_data_set_with_no_lag_can_be_used_to_its_end(tmp_path: Path) -> None:
    """Three years to the end of 2010, two of them to look back on: 1 January 2010 + 181 days is 1 July."""
    folder = record(tmp_path, feed=closed("2010-12-31", "2011-01-01"), spell=[{"event_date": "2010-06-30"}])
    with Record(folder, purpose="training", threads=1) as held:
        days = usable_dates(held, "any_admission", 181, 730, lag=0)
        found = label(held, cohort(held, [date(2010, 1, 1)]), "any_admission", 181)
    assert days == [date(2010, 1, 1), date(2010, 4, 1), date(2010, 7, 1)]  # the last day that fits is 3 July
    assert answer(found) == 1


def test_dates_are_counted_back_where_no_quarter_begins(tmp_path: Path) -> None:
    """Room from 15 January 2011 to 20 March 2011: no quarter begins there."""
    folder = record(tmp_path, feed=feeds(known_at="2012-03-19", period_from="2010-01-15", period_to="2012-03-19"))
    with Record(folder, purpose="training", threads=1) as held:
        assert usable_dates(held, "any_admission", 365, lag=0) == [date(2011, 3, 20)]


def test_no_usable_date_where_a_feed_is_missing_or_too_short(tmp_path: Path) -> None:
    short = record(tmp_path / "a", feed=feeds(known_at="2012-01-01", period_from="2011-01-01", period_to="2012-01-01"))
    missing = record(tmp_path / "b", feed=feeds("person", "registration"))
    for folder in (short, missing):
        with Record(folder, purpose="training", threads=1) as held:
            assert usable_dates(held, "unplanned_admission") == []


# -- declarations


def test_declarations_refuse_nonsense(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage, match="18 or more"):
        Outcome("x", "X", "x", (Died(),), minimum_age=16)
    with pytest.raises(WrongUsage, match="found none"):
        Outcome("x", "X", "x", ())
    with pytest.raises(WrongUsage, match="1 to 3650 days"):
        labels(tmp_path / "a", "death", horizon=0)
    with pytest.raises(WrongUsage, match=r"expected an outcome among unplanned_admission, .*found 'falls'"):
        labels(tmp_path / "b", "falls")


def test_what_each_outcome_needs() -> None:
    assert {name: outcome.tables for name, outcome in OUTCOMES.items()} == {
        "unplanned_admission": ("spell",),
        "unplanned_admission_or_death": ("death", "spell"),
        "avoidable_admission": ("spell", "diagnosis"),
        "any_admission": ("spell",),
        "death": ("death",),
        "deterioration": ("residence", "death", "spell", "diagnosis", "social_care"),
    }
