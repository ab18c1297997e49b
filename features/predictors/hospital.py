"""Hospital stays, what they were for, and outpatient appointments."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts
from features.record.hospital import EMERGENCY_METHODS

DOMAIN = "hospital use"
IN_A_BED = ("ordinary", "maternity")
EMERGENCY = facts("spell", admission_method=EMERGENCY_METHODS, patient_class=IN_A_BED)
ELECTIVE = facts("spell", admission_method=("11", "12", "13"), patient_class=IN_A_BED)
ANY = facts("spell", patient_class=IN_A_BED)
METHODS = "NHS Data Dictionary, admission method: 21-25, 28, 2A, 2B, 2D are emergencies"
DAY = {30: "30 days", 90: "90 days", 365: "year", 730: "two years", 1095: "three years"}


def _emergencies(within: int) -> Predictor:
    suffix = {30: "30d", 90: "90d", 365: "1y", 730: "2y", 1095: "3y"}[within]
    return Predictor(f"emergency_admissions_{suffix}", Kind.COUNT, EMERGENCY, DOMAIN,
                     f"emergency admissions in the last {DAY[within]}: {{n}}", within,
                     says_none=f"no emergency admission in the last {DAY[within]}", actionable=True, reference=METHODS)  # fmt: skip


PREDICTORS = (
    *(_emergencies(within) for within in (30, 90, 365, 730, 1095)),
    Predictor("days_since_emergency_admission", Kind.DAYS_SINCE_LAST, EMERGENCY, DOMAIN,
              "{n} days since the last emergency admission", says_absent="no emergency admission on record",
              reference=METHODS),
    Predictor("emergency_bed_days_1y", Kind.DAYS, EMERGENCY, DOMAIN, "days in hospital after emergency admission, last year: {n}",
              365, says_none="no days in hospital as an emergency in the last year", reference=METHODS),
    Predictor("long_emergency_stays_2y", Kind.COUNT, EMERGENCY, DOMAIN,
              "emergency stays of three weeks or more in the last two years: {n}", 730, lasting=21,
              says_none="no emergency stay of three weeks or more in two years",
              reference="NHS England, long length of stay: 21 days or more"),
    Predictor("elective_admissions_1y", Kind.COUNT, ELECTIVE, DOMAIN, "planned admissions in the last year: {n}", 365,
              says_none="no planned admission in the last year",
              reference="NHS Data Dictionary, admission method: 11, 12, 13 are elective"),
    Predictor("day_cases_1y", Kind.COUNT, facts("spell", patient_class="day_case"), DOMAIN,
              "day cases in the last year: {n}", 365, says_none="no day case in the last year"),
    Predictor("any_admissions_1y", Kind.COUNT, ANY, DOMAIN, "admissions of any kind in the last year: {n}", 365,
              says_none="no admission of any kind in the last year"),
    Predictor("any_admissions_2y", Kind.COUNT, ANY, DOMAIN, "admissions of any kind in the last two years: {n}", 730,
              says_none="no admission of any kind in two years"),
    Predictor("days_since_any_admission", Kind.DAYS_SINCE_LAST, ANY, DOMAIN, "{n} days since the last admission of any kind",
              says_absent="no admission on record"),
    Predictor("bed_days_1y", Kind.DAYS, ANY, DOMAIN, "days in hospital in the last year: {n}", 365,
              says_none="no days in hospital in the last year"),
    Predictor("in_hospital_now", Kind.OPEN, ANY, DOMAIN, "in hospital now", says_none="not in hospital now"),
    Predictor("avoidable_admission_codes_2y", Kind.COUNT, facts("diagnosis", codes="acs_icd10", position=1), DOMAIN,
              "admissions in two years for a condition that community care can often manage: {n}", 730,
              says_none="no admission in two years for a condition that community care can often manage", actionable=True,
              reference="NHS Outcomes Framework 2.3.i, ambulatory care sensitive conditions"),
    Predictor("fall_admission_codes_2y", Kind.COUNT, facts("diagnosis", codes="fall_icd10"), DOMAIN,
              "falls coded in hospital in two years: {n}", 730, says_none="no fall coded in hospital in two years",
              actionable=True, reference="ICD-10 W00-W19, R29.6"),
    Predictor("fragility_fracture_codes_3y", Kind.COUNT, facts("diagnosis", codes="fragility_fracture_icd10"), DOMAIN,
              "fragility fractures coded in hospital in three years: {n}", 1095,
              says_none="no fragility fracture coded in hospital in three years", actionable=True,
              reference="NICE CG146, sites of fragility fracture"),
    Predictor("hospital_diagnoses_1y", Kind.DISTINCT, facts("diagnosis", distinct="code", prefix=3), DOMAIN,
              "different diagnoses coded in hospital in the last year: {n}", 365,
              says_none="no hospital diagnosis in the last year"),
    Predictor("hospital_diagnoses_2y", Kind.DISTINCT, facts("diagnosis", distinct="code", prefix=3), DOMAIN,
              "different diagnoses coded in hospital in two years: {n}", 730, says_none="no hospital diagnosis in two years"),
    Predictor("outpatients_attended_1y", Kind.COUNT, facts("outpatient", status="attended"), DOMAIN,
              "outpatient appointments attended in the last year: {n}", 365,
              says_none="no outpatient appointment attended in the last year"),
    Predictor("outpatients_missed_1y", Kind.COUNT, facts("outpatient", status="did_not_attend"), DOMAIN,
              "outpatient appointments missed in the last year: {n}", 365,
              says_none="no outpatient appointment missed in the last year", actionable=True),
)  # fmt: skip
