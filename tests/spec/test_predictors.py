"""What the catalogue's own predictors count and leave alone: rows in, value out, on the compiled path and the plain one.

The index date is 1 March 2024. Each case is a person of their own in one record.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.engines import from_record, of_cases, plainly

T = date(2024, 3, 1)
NAN = float("nan")


def stay(day, method="21", **more):
    return ("spell", {"event_date": day, "end_date": day, "admission_method": method, **more})


def gp(day, code, value=None):
    return ("gp_event", {"event_date": day, "code": code, "value": value})


def coded(day, code, position=1, system="icd10"):
    return ("diagnosis", {"event_date": day, "code": code, "position": position, "system": system})


def item(day, code):
    return ("prescription", {"event_date": day, "code": code})


def service(**more):
    return ("social_care", {"event": "service", **more})


EVERY_EMERGENCY = [stay("2024-02-10", method) for method in ("21", "22", "23", "24", "25", "28", "2A", "2B", "2D")]
NO_EMERGENCY = [
    stay("2024-02-10", method) for method in ("11", "12", "13", "2C", "31", "32", "81", "82", "98", "99", None)
]
DIABETES, COPD, FALL, HOUSEBOUND = "73211009", "13645005", "1912002", "160689007"
EGFR, BMI = "1020291000000106", "60621009"

CASES = [
    ("emergency_admissions_30d", EVERY_EMERGENCY, 9),
    ("emergency_admissions_30d", NO_EMERGENCY, 0),
    ("emergency_admissions_30d", [stay("2024-02-10", patient_class="hospital_at_home")], 0),
    ("any_admissions_1y", NO_EMERGENCY, 11),  # whatever the method, and without one
    ("any_admissions_1y", [stay("2024-02-10", patient_class="day_case")], 0),
    ("day_cases_1y", [stay("2024-02-10", "11", patient_class="day_case")], 1),
    ("elective_admissions_1y", NO_EMERGENCY, 3),
    ("emergency_admissions_1y", [stay("2023-03-02"), stay("2023-03-01")], 1),  # 365 days before 1 March 2024: 2 March 2023
    ("days_since_emergency_admission", [stay("2024-02-20"), stay("2024-02-25", "11")], 10),
    ("days_since_any_admission", [stay("2024-02-20"), stay("2024-02-25", "11")], 5),
    ("days_since_any_admission", [], NAN),
    ("emergency_bed_days_1y", [stay("2024-02-01", end_date="2024-02-05"), stay("2024-02-25", end_date=None)], 4 + 5),
    ("long_emergency_stays_2y", [stay("2024-01-01", end_date="2024-01-22"), stay("2024-02-01", end_date="2024-02-21")], 1),
    ("in_hospital_now", [stay("2024-02-25", end_date=None)], 1),
    ("in_hospital_now", [stay("2024-02-25")], 0),
    ("avoidable_admission_codes_2y", [coded("2024-02-10", "J440"), coded("2024-02-10", "J440", 2), coded("2024-02-10", "J189")], 1),
    ("fall_admission_codes_2y", [coded("2024-02-10", "W19X", 3), coded("2024-02-10", "R296"), coded("2024-02-10", "W20X")], 2),
    ("fragility_fracture_codes_3y", [coded("2024-02-10", "S720"), coded("2024-02-10", "S620")], 1),
    # I10X and I100 agree in their first three characters; systems are counted together.
    ("hospital_diagnoses_1y", [coded("2024-02-10", "I10X"), coded("2024-02-12", "I100"), coded("2024-02-12", "4280", 1, "icd9cm")], 2),
    ("outpatients_missed_1y", [("outpatient", {"event_date": "2024-02-10", "status": s})
                               for s in ("attended", "did_not_attend", "cancelled_by_patient")], 1),
    ("ed_by_ambulance_1y", [("ed_attendance", {"event_date": "2024-02-10", "arrival_mode": m}) for m in ("ambulance", "walk_in")], 1),
    ("calls_111_1y", [("ambulance", {"event_date": "2024-02-10", "service": s}) for s in ("111", "999")], 1),
    ("gp_contacts_90d", [("gp_contact", {"event_date": "2024-02-10", "status": s}) for s in ("attended", "booked", "cancelled")], 1),
    ("long_term_conditions", [gp("1999-01-01", DIABETES), gp("2020-01-01", DIABETES), gp("2010-01-01", COPD), gp("2020-01-01", FALL)], 2),
    ("diabetes", [gp("1999-01-01", DIABETES)], 1),
    ("diabetes", [gp("1999-01-01", COPD)], 0),
    ("days_since_diabetes", [gp("2024-02-20", DIABETES), gp("2024-01-31", DIABETES)], 30),
    ("falls_2y", [gp("2022-03-02", FALL), gp("2022-03-01", FALL)], 1),  # 730 days before: 2 March 2022 (2024 is a leap year)
    ("housebound", [gp("2015-01-01", HOUSEBOUND)], 1),
    ("frailty_moderate_or_severe", [gp("2023-01-01", "925791000000100")], 0),  # mild
    ("frailty_moderate_or_severe", [gp("2023-01-01", "925861000000102")], 1),
    ("latest_egfr", [gp("2024-01-01", EGFR, 55.0), gp("2024-02-01", EGFR, None), gp("2023-12-01", EGFR, 60.0)], 55),
    ("latest_egfr", [gp("2024-01-01", BMI, 25.0)], NAN),
    ("change_in_bmi", [gp("2023-03-02", BMI, 25.0), gp("2024-02-29", BMI, 23.0)], -2 / 364 * 365.25),
    ("prescriptions_90d", [item("2024-02-10", "0212000B0AAAAAA")] * 3, 3),
    ("different_medicines_90d", [item("2024-02-10", "0212000B0AAAAAA"), item("2024-02-11", "0212000B0BBBBBB")], 1),
    ("antibiotic_items_1y", [item("2024-02-10", "0501013B0AAAAAA"), item("2024-02-10", "0502010A0AAAAAA")], 1),
    ("anticholinergic_items_1y", [item("2024-02-10", "0403010B0AAAAAA"), item("2024-02-10", "0403030Q0AAAAAA")], 1),
    ("community_contacts_90d", [("community_contact", {"event_date": "2024-02-10", "status": s}) for s in ("attended", "cancelled")], 1),
    ("latest_cfs", [("assessment", {"event_date": "2024-02-10", "tool": "cfs", "score": 6.0}),
                    ("assessment", {"event_date": "2024-02-11", "tool": "efi", "score": 0.4})], 6),
    ("home_care_hours", [service(event_date="2024-01-01", component="home_care", units_a_week=10.5),
                         service(event_date="2023-01-01", component="home_care", units_a_week=7.0, end_date="2023-06-01"),
                         service(event_date="2024-01-01", component="telecare", units_a_week=2.0)], 10.5),
    ("home_care_open", [service(event_date="2024-01-01", component="home_care")], 1),  # hours not told
    ("council_requests_1y", [("social_care", {"event_date": "2024-02-01", "end_date": "2024-02-10", "event": e})
                             for e in ("request", "assessment", "review")], 1),
    ("reablement_1y", [service(event_date="2023-10-01", end_date="2023-11-12", component="reablement")], 1),
    ("care_home", [("residence", {"event_date": "2023-01-01", "kind": "nursing_home"})], 1),
    ("care_home", [("residence", {"event_date": "2022-01-01", "kind": "care_home", "end_date": "2023-01-01"}),
                   ("residence", {"event_date": "2023-01-01", "kind": "own_home"})], 0),
    ("deprivation_decile", [("residence", {"event_date": "2010-01-01", "imd_decile": 9}),
                            ("residence", {"event_date": "2020-01-01", "imd_decile": 2})], 2),
    ("lives_alone", [("residence", {"event_date": "2020-01-01", "lives_alone": None})], 0),
    ("carer_strained", [("carer", {"event_date": "2023-01-01", "strained": True})], 1),
    ("care_plan", [("preference", {"event_date": "2023-01-01", "kind": "power_of_attorney"})], 0),
    ("end_of_life_plan", [("preference", {"event_date": "2023-01-01", "kind": "respect"})], 1),
    ("days_since_registration", [("registration", {"event_date": "2024-02-20"})], 10),
    ("age", [("person", {"birth_month": "1944-03-01"})], (T - date(1944, 3, 1)).days / 365.25),
    ("female", [("person", {"sex": "male"})], 0),
]  # fmt: skip


@pytest.fixture(scope="module", params=[from_record, plainly], ids=["compiled", "plain"])
def values(request, tmp_path_factory):
    """Value of each case, by its place."""
    return of_cases(request.param, tmp_path_factory.mktemp("cases") / "record", CASES, T)


@pytest.mark.parametrize("case", range(len(CASES)), ids=[name for name, _, _ in CASES])
def test_what_a_predictor_counts(values, case):
    expected = CASES[case][2]
    assert values[case] == pytest.approx(np.float32(expected), rel=1e-6, nan_ok=True)
