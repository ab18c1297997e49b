"""What the predictors of conditions, measurements, medicines and prevention count: rows in, value out, compiled and plain.

The index date is 1 March 2024. Each case is a person of their own in one record.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.engines import ENGINES, of_cases

T = date(2024, 3, 1)
NAN = float("nan")
HEART_FAILURE, CKD, COPD, DEPRESSION, STROKE = "84114007", "709044004", "13645005", "35489007", "230690007"
SODIUM, WEIGHT, EGFR, SYSTOLIC, DIASTOLIC = (
    "1000661000000107",
    "27113001",
    "1020291000000106",
    "72313002",
    "1091811000000102",
)
WARFARIN, NAPROXEN, RAMIPRIL, FUROSEMIDE, AMITRIPTYLINE, SOLIFENACIN = (
    f"{code}AAAAAA" for code in ("0208020V0", "1001010P0", "0205051R0", "0202020L0", "0403010B0", "0704020AB")
)


def gp(code, day="2015-01-01", value=None):
    return ("gp_event", {"event_date": day, "code": code, "value": value})


def item(code, day="2024-02-10"):
    return ("prescription", {"event_date": day, "code": code})


CASES = [
    # Conditions: each once, by whichever of its codes.
    ("long_term_conditions", [gp(HEART_FAILURE), gp("42343007", "2020-01-01"), gp(COPD)], 2),
    ("new_conditions_1y", [gp(HEART_FAILURE), gp(HEART_FAILURE, "2024-01-01"), gp(COPD, "2024-01-01")], 1),
    ("new_conditions_1y", [gp(COPD, "2023-03-02")], 1),  # 365 days before: in the year
    ("new_conditions_1y", [gp(COPD, "2023-03-01")], 0),
    *(("multimorbidity_band", [gp(code) for code in (HEART_FAILURE, CKD, COPD, DEPRESSION, STROKE, "64859006")][:number], band)
      for number, band in ((0, 0), (1, 0), (2, 1), (4, 2), (6, 3))),
    ("cardiovascular_conditions", [gp(HEART_FAILURE), gp("49436004"), gp(COPD)], 2),
    ("heart_failure_and_chronic_kidney_disease", [gp(HEART_FAILURE), gp(CKD)], 1),
    ("heart_failure_and_chronic_kidney_disease", [gp(HEART_FAILURE)], 0),
    ("mental_and_physical", [gp(DEPRESSION), gp(STROKE)], 1),
    ("mental_and_physical", [gp(STROKE), gp(COPD)], 0),
    # Measurements.
    ("low_sodium_1y", [gp(SODIUM, "2023-12-01", 132.9), gp(SODIUM, "2024-02-01", 140.0)], 1),
    ("low_sodium_1y", [gp(SODIUM, "2023-12-01", 133.0)], 0),
    ("low_sodium_1y", [gp(SODIUM, "2023-02-01", 120.0)], 0),  # over a year ago
    ("high_sodium_1y", [gp(SODIUM, "2023-12-01", 146.0)], 0),
    ("high_sodium_1y", [gp(SODIUM, "2023-12-01", 146.1)], 1),
    ("spread_of_sodium", [gp(SODIUM, "2023-12-01", value) for value in (136.0, 138.0, 140.0)], 2),
    ("spread_of_sodium", [gp(SODIUM, "2023-12-01", 136.0), gp(SODIUM, "2024-01-01", 138.0)], NAN),
    ("not_measured_egfr_1y", [gp(EGFR, "2023-01-01", 60.0)], 1),
    ("not_measured_egfr_1y", [gp(EGFR, "2023-12-01", 60.0)], 0),
    *(("egfr_stage", [gp(EGFR, "2023-12-01", value)], stage) for value, stage in
      ((14.0, 0), (15.0, 1), (29.0, 1), (44.0, 2), (59.0, 3), (60.0, 4), (90.0, 5))),
    ("weight_against_a_year_ago", [gp(WEIGHT, "2023-01-01", 80.0), gp(WEIGHT, "2024-02-01", 72.0)], 0.9),
    ("weight_against_a_year_ago", [gp(WEIGHT, "2024-02-01", 72.0)], NAN),
    ("pulse_pressure", [gp(SYSTOLIC, "2024-01-01", 150.0), gp(DIASTOLIC, "2024-01-01", 70.0)], 80),
    # Medicines: by section, chapter and substance.
    ("bronchodilator_items_1y", [item("0301011R0AAAAAA"), item("0302000C0AAAAAA")], 1),
    ("respiratory_medicines_1y", [item("0301011R0AAAAAA"), item("0302000C0AAAAAA"), item(WARFARIN)], 2),
    *(("polypharmacy_band", [item(f"02120{i:02d}B0AAAAAA") for i in range(number)], band)
      for number, band in ((4, 0), (5, 1), (10, 2), (15, 3))),
    ("new_medicines_90d", [item(WARFARIN), item(RAMIPRIL), item(RAMIPRIL, "2023-06-01"), item(NAPROXEN, "2022-06-01"), item(NAPROXEN)], 2),
    ("change_in_medicines_90d", [item(WARFARIN), item(RAMIPRIL), item(RAMIPRIL, "2023-11-01")], 1),
    ("anticholinergic_burden_90d", [item(AMITRIPTYLINE), item(AMITRIPTYLINE, "2024-01-10"), item(SOLIFENACIN), item(FUROSEMIDE)], 3 + 3 + 1),
    ("anticholinergic_burden_90d", [item(AMITRIPTYLINE, "2023-11-01")], 0),
    ("falls_risk_medicines_90d", [item(AMITRIPTYLINE), item("0403030Q0AAAAAA"), item(FUROSEMIDE)], 2),
    ("high_risk_medicines_90d", [item(WARFARIN), item("0208020Z0AAAAAA"), item(NAPROXEN)], 2),
    ("anticoagulant_and_nsaid", [item(WARFARIN), item(NAPROXEN)], 1),
    ("anticoagulant_and_nsaid", [item(WARFARIN)], 0),
    ("kidney_harming_three", [item(RAMIPRIL), item(FUROSEMIDE), item(NAPROXEN)], 1),
    ("kidney_harming_three", [item("0205052N0AAAAAA"), item(FUROSEMIDE), item(NAPROXEN)], 1),  # losartan in place of ramipril
    ("kidney_harming_three", [item(RAMIPRIL), item(FUROSEMIDE)], 0),
    *(("repeat_antibiotics", [item("0501013B0AAAAAA")] * number, band) for number, band in ((2, 0), (3, 1), (6, 2))),
    # Prevention.
    ("influenza_vaccine_1y", [gp("86198006", "2023-10-01")], 1),
    ("influenza_vaccine_1y", [gp("86198006", "2022-10-01")], 0),
    ("medication_review_1y", [gp("719329004", "2023-10-01")], 1),
    ("days_since_medication_review", [], NAN),
    ("current_smoker", [gp("77176002", "2010-01-01"), gp("8517006", "2023-01-01")], 0),
    ("ever_smoked", [gp("77176002", "2023-01-01")], 1),
    ("ever_smoked", [gp("266919005", "2023-01-01")], 0),
]  # fmt: skip


@pytest.fixture(scope="module", params=["duckdb", "plain"])
def values(request, tmp_path_factory):
    """Value of each case, by its place."""
    return of_cases(ENGINES[request.param], tmp_path_factory.mktemp("cases") / "record", CASES, T)


@pytest.mark.parametrize("case", range(len(CASES)), ids=[name for name, _, _ in CASES])
def test_what_a_predictor_counts(values, case):
    assert values[case] == pytest.approx(np.float32(CASES[case][2]), rel=1e-6, nan_ok=True)
