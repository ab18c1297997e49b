"""What the predictors of services, of home and of the row itself count: rows in, value out, on the compiled path and the plain one.

The index date is 1 March 2024, a Friday. Each case is a person of their own in one record.
"""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from features.predictors import named
from tests.engines import from_record, of_cases, plainly

T = date(2024, 3, 1)
NAN = float("nan")


def stay(day, end=None, method="21", **more):
    return ("spell", {"event_date": day, "end_date": end, "admission_method": method, **more})


def left(end, destination, method="1"):
    return stay("2024-01-01", end, discharge_destination=destination, discharge_method=method)


def ed(day="2024-02-10", **more):
    return ("ed_attendance", {"event_date": day, **more})


def call(**more):
    return ("ambulance", {"event_date": "2024-02-10", **more})


def clinic(status, day="2024-02-10", **more):
    return ("outpatient", {"event_date": day, "status": status, **more})


def contact(day, status="attended"):
    return ("gp_contact", {"event_date": day, "status": status})


def council(event, day, end=None, **more):
    return ("social_care", {"event": event, "event_date": day, "end_date": end, **more})


def home_care(day, end, hours):
    return council("service", day, end, component="home_care", service_type="long_term_community", units_a_week=hours)


def week(monday, made, planned=14, carers=None, minutes=None):
    return ("home_care_week", {"event_date": monday, "visits_made": made, "visits_planned": planned, "carers": carers, "minutes": minutes})  # fmt: skip


def lives(**more):
    return ("residence", {"event_date": "2020-01-01", **more})


def told(code, day="2023-06-01"):
    return ("gp_event", {"event_date": day, "code": code})


SINCE_A_YEAR = council("service", "2023-01-01", service_type="long_term_community", component="day_support")
BACK = [stay("2024-01-01", "2024-01-10"), stay("2024-02-01", "2024-02-05")]

CASES = [
    # From 10 January to 1 February: 22 days.
    ("readmissions_1y", BACK, 1),
    ("readmissions_1y", [stay("2024-01-01", "2024-01-10"), stay("2024-02-10", "2024-02-12")], 0),  # 31 days
    ("readmissions_1y", [stay("2024-01-01", "2024-01-10"), stay("2024-01-10", "2024-01-20", "2B")], 0),  # moved to another hospital
    ("readmissions_1y", [stay("2024-01-01", "2024-01-10", "11"), stay("2024-01-15", "2024-01-16")], 0),  # after a planned stay
    ("delayed_days_1y", [stay("2024-01-01", "2024-01-15", ready_date="2024-01-11")], 4),
    ("delayed_days_1y", [stay("2024-01-01", ready_date="2024-02-25")], 5),  # 25 to 29 February, still in
    ("delayed_days_1y", [stay("2024-01-01", "2024-01-15")], 0),
    ("delayed_discharges_2y", [stay("2024-01-01", "2024-01-15", ready_date="2024-01-11"),
                               stay("2024-02-01", "2024-02-05", ready_date="2024-02-05")], 1),
    ("short_emergency_stays_2y", [stay("2024-01-01", f"2024-01-{end}") for end in ("01", "02", "03", "11")], 2),
    ("week_long_emergency_stays_1y", [stay("2024-01-01", f"2024-01-0{end}") for end in (7, 8)], 1),
    ("weekend_emergency_admissions_2y", [stay("2024-02-10", "2024-02-10"), stay("2024-02-12", "2024-02-12")], 1),  # Saturday, Monday
    ("winter_emergency_admissions_3y", [stay(day, day) for day in ("2024-02-10", "2022-12-05", "2023-07-01")], 2),
    ("admissions_from_care_home_2y", [stay("2024-02-10", "2024-02-11", admission_source=s) for s in ("19", "54", "85")], 2),
    ("share_of_days_in_hospital_3y", [stay("2024-01-01", "2024-01-11")], 10 / 1095),
    ("hospital_specialties_2y", [stay("2024-02-10", "2024-02-11", specialty=s) for s in ("300", "430", "300", None)], 2),
    ("change_in_emergency_admissions", [stay(day, day) for day in ("2024-02-10", "2024-01-10", "2023-08-01")], 2 - 1),
    ("days_since_discharge", [stay("2024-02-01", "2024-02-20")], 10),
    ("days_since_discharge", [stay("2024-02-01")], NAN),  # still in
    ("days_since_emergency_discharge", [stay("2024-02-01", "2024-02-20"), stay("2024-02-21", "2024-02-25", "11")], 10),
    ("discharges_to_care_home_2y", [left("2024-01-09", code) for code in ("54", "65", "85", "19", "51")], 3),
    ("discharges_elsewhere_2y", [left("2024-01-09", code) for code in ("29", "87", "19", "79", None)], 2),  # 79: died
    ("left_against_advice_3y", [left("2024-01-09", "19", method) for method in ("1", "2", "7", "4")], 2),
    ("share_of_outpatients_missed_2y", [clinic(s) for s in ("attended", "attended", "attended", "did_not_attend", "booked")], 1 / 4),
    ("share_of_outpatients_missed_2y", [clinic("cancelled_by_provider")], NAN),
    ("outpatients_follow_up_1y", [clinic("attended", first=f) for f in (True, False, False, None)], 2),
    ("outpatients_cancelled_by_hospital_1y", [clinic("cancelled_by_provider"), clinic("cancelled_by_patient")], 1),
    ("outpatient_specialties_1y", [clinic("attended", specialty=s) for s in ("110", "320", "320")], 2),
    ("ed_frequent", [ed() for _ in range(2)], 0),
    ("ed_frequent", [ed() for _ in range(3)], 1),
    ("ed_frequent", [ed() for _ in range(5)], 2),
    ("ed_left_1y", [ed(disposal=d) for d in ("left", "discharged")], 1),
    ("ed_high_acuity_1y", [ed(acuity=a) for a in (1, 2, 3, None)], 2),
    ("share_of_ed_at_weekend_2y", [ed("2024-02-10"), ed("2024-02-11"), ed("2024-02-12")], 2 / 3),
    ("share_of_ed_at_night_2y", [ed(event_time=t) for t in (0, 8 * 3600 - 1, 8 * 3600, None)], 2 / 4),
    ("calls_999_90d", [call(service="999"), call(service="111")], 1),
    ("conveyed_1y", [call(service="999", conveyed=c) for c in (True, False, None)], 1),
    ("not_conveyed_1y", [call(service=s, conveyed=False) for s in ("999", "111")], 1),
    ("fallers_left_at_home_1y", [call(complaint="fall", conveyed=c) for c in (True, False, None)], 1),
    ("change_in_gp_contacts", [contact("2024-02-10"), contact("2024-01-10"), contact("2023-08-01"), contact("2023-02-28")], 2 - 1),
    ("share_of_gp_missed_1y", [contact("2024-02-10"), contact("2024-02-11", "did_not_attend"), contact("2024-02-12", "cancelled")], 1 / 2),
    ("unmet_requests_2y", [council("request", "2023-01-01", "2023-02-01", outcome=o) for o in ("nfa", "services", "nfa")], 2),
    ("review_overdue", [SINCE_A_YEAR], 1),
    ("review_overdue", [SINCE_A_YEAR, council("review", "2023-03-02", "2023-03-03")], 0),  # 365 days ago
    ("review_overdue", [SINCE_A_YEAR, council("review", "2023-03-01", "2023-03-02")], 1),  # 366
    ("review_overdue", [council("service", "2023-06-01", service_type="long_term_community")], 0),  # not yet a year
    ("review_overdue", [council("service", "2023-01-01", service_type="short_term_other")], 0),
    ("review_overdue", [], 0),
    ("change_in_home_care_hours_90d", [home_care("2023-01-01", "2024-01-15", 7.0), home_care("2024-01-15", None, 14.0)], 7),
    ("home_care_hours_90_days_ago", [home_care("2023-01-01", "2023-12-02", 7.0)], 0),  # ended that day
    ("known_to_council", [council("request", "2010-01-01", "2010-02-01")], 1),
    ("known_to_council", [], 0),
    ("respite_1y", [council("service", "2024-01-01", "2024-01-15", component="respite")], 1),
    ("direct_payment_open", [council("service", "2023-01-01", component="direct_payment")], 1),
    ("home_care_visits_made", [week("2024-02-05", 10), week("2024-02-12", 14), week("2024-02-01", 7)], 24),  # from 2 February
    ("share_of_home_care_made", [week("2024-02-05", 10), week("2024-02-12", 14)], 24 / 28),
    ("share_of_home_care_made", [], NAN),
    ("change_in_home_care_visits", [week("2024-02-05", 10), week("2024-02-12", 14), week("2024-01-15", 20)], 24 - 20),
    ("home_care_carers", [week("2024-02-05", 10, carers=3), week("2024-02-12", 14, carers=6)], 4.5),
    ("minutes_a_home_care_visit", [week("2024-02-05", 10, minutes=250.0), week("2024-02-12", 10, minutes=350.0)], 30),
    ("home_care_weeks_without_visit_1y", [week("2024-02-05", 0), week("2024-02-12", 14)], 1),
    ("on_district_nursing_caseload", [("caseload", {"event_date": "2024-01-01", "team": t}) for t in ("district_nursing", "falls")], 1),
    ("caseloads_open", [("caseload", {"event_date": "2024-01-01", "end_date": e}) for e in (None, "2024-02-01")], 1),
    ("caseload_days_1y", [("caseload", {"event_date": "2024-02-20"})], 10),
    ("community_teams_1y", [("community_contact", {"event_date": "2024-01-01", "team": t}) for t in ("falls", "falls", "palliative")], 2),
    ("latest_news2", [("assessment", {"event_date": "2024-01-01", "tool": "news2", "score": 5.0})], 5),
    ("comprehensive_assessment_2y", [("assessment", {"event_date": "2024-01-01", "tool": "cga", "score": None})], 1),
    ("dwelling_unknown", [lives(kind=None)], 1),
    ("dwelling_unknown", [lives(kind="own_home")], 0),
    ("living_alone_unknown", [lives(lives_alone=None)], 1),
    ("living_alone_unknown", [lives(lives_alone=False)], 0),
    ("alone_without_carer", [lives(lives_alone=True)], 1),
    ("alone_without_carer", [lives(lives_alone=True), ("carer", {"event_date": "2023-01-01", "has_carer": True})], 0),
    ("lonely", [told("267076002")], 1),
    ("bereaved_2y", [told("33553000", "2022-03-02"), told("33553000", "2010-01-01")], 1),
    ("needs_interpreter", [told("315594003")], 1),
    ("moves_of_home_3y", [("residence", {"event_date": day}) for day in ("2021-03-01", "2022-05-01", "2010-01-01")], 1),
    ("changes_of_practice_3y", [("registration", {"event_date": day}) for day in ("2023-05-01", "2010-01-01")], 1),
    ("days_since_first_registration", [("registration", {"event_date": day}) for day in ("2024-02-20", "2024-01-31")], 30),
    ("fed_spell", [], 1),
    ("season_winter", [], math.cos(2 * math.pi * (T - date(1970, 1, 1)).days / 365.25)),
    ("observed_days_spell", [], 1095),
]  # fmt: skip


@pytest.fixture(scope="module", params=[from_record, plainly], ids=["compiled", "plain"])
def values(request, tmp_path_factory):
    """Value of each case, by its place."""
    return of_cases(request.param, tmp_path_factory.mktemp("cases") / "record", CASES, T)


@pytest.mark.parametrize("case", range(len(CASES)), ids=[name for name, _, _ in CASES])
def test_what_a_predictor_counts(values, case):
    expected = CASES[case][2]
    assert values[case] == pytest.approx(np.float32(expected), rel=1e-6, nan_ok=True)


def test_what_the_council_has_no_record_of_is_not_said_to_be_no_care():
    for predictor in named(
        ["known_to_council", "home_care_hours", "council_services_open", "days_since_council_contact"]
    ):
        nothing = predictor.phrase(NAN if predictor.says_absent else 0.0)
        assert "council" in nothing
        assert nothing not in ("no care", "no home care")
