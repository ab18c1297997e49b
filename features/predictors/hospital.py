"""Stays in hospital: how many, how long, of which kind, and what they were for."""

from __future__ import annotations

from features.engine.language import Circumstance, Declared, Derived, Facts, Kind, Op, Predictor, What, facts
from features.record.hospital import EMERGENCY_METHODS

DOMAIN = "hospital use"
IN_A_BED = ("ordinary", "maternity")
EMERGENCY = facts("spell", admission_method=EMERGENCY_METHODS, patient_class=IN_A_BED)
ELECTIVE = facts("spell", admission_method=("11", "12", "13"), patient_class=IN_A_BED)
ANY = facts("spell", patient_class=IN_A_BED)
DAY_CASE = facts("spell", patient_class="day_case")
METHODS = "NHS Data Dictionary, admission method: 21-25, 28, 2A, 2B, 2D are emergencies"
PLANNED = "NHS Data Dictionary, admission method: 11, 12, 13 are elective"
LONG_STAY = "NHS England, long length of stay: 7 days or more, and 21 days or more"
CARE_HOMES = ("54", "65", "85")
FROM = "NHS Data Dictionary, source of admission: 54, 65 and 85 are care homes"
DAY = {30: "30 days", 90: "90 days", 365: "year", 730: "two years", 1095: "three years"}
SUFFIX = {30: "30d", 90: "90d", 365: "1y", 730: "2y", 1095: "3y"}


def _count(name: str, of: Facts, within: int, words: str, none: str, reference: str = "", lasting: int = 0,
           actionable: bool = False) -> Predictor:  # fmt: skip
    """How many in a window: ``words`` for many, ``none`` for one that was not."""
    return Predictor(f"{name}_{SUFFIX[within]}", Kind.COUNT, of, DOMAIN, f"{words} in the last {DAY[within]}: {{n}}", within,
                     says_none=f"no {none} in the last {DAY[within]}", reference=reference, lasting=lasting, actionable=actionable)  # fmt: skip


def _emergencies(within: int) -> Predictor:
    return _count("emergency_admissions", EMERGENCY, within, "emergency admissions", "emergency admission", METHODS, actionable=True)  # fmt: skip


def _bed_days(name: str, of: Facts, within: int, words: str, none: str, reference: str = "") -> Predictor:
    return Predictor(f"{name}_{SUFFIX[within]}", Kind.DAYS, of, DOMAIN, f"{words}, last {DAY[within]}: {{n}}", within,
                     says_none=f"{none} in the last {DAY[within]}", reference=reference)  # fmt: skip


def _emergency_days(within: int) -> Predictor:
    return _bed_days("emergency_bed_days", EMERGENCY, within, "days in hospital after emergency admission",
                     "no days in hospital as an emergency", METHODS)  # fmt: skip


def _coded(name: str, within: int, codes: str, words: str, none: str, reference: str, position: int | None = None) -> Predictor:  # fmt: skip
    of = facts("diagnosis", codes=codes) if position is None else facts("diagnosis", codes=codes, position=position)
    return Predictor(f"{name}_{SUFFIX[within]}", Kind.COUNT, of, DOMAIN, f"{words}: {{n}}", within, says_none=none, actionable=True,
                     reference=reference)  # fmt: skip


def _diagnoses(within: int, words: str) -> Predictor:
    return Predictor(f"hospital_diagnoses_{SUFFIX[within]}", Kind.DISTINCT, facts("diagnosis", distinct="code", prefix=3), DOMAIN,
                     f"different diagnoses coded in hospital in {words}: {{n}}", within,
                     says_none=f"no hospital diagnosis in {words}")  # fmt: skip


#: Codes of one cause of admission: name, code set, position, words of many, words of none, source.
AVOIDABLE = "NHS Outcomes Framework 2.3.i, ambulatory care sensitive conditions"
FALLS = "ICD-10 W00-W19, R29.6"
FRAGILITY = "NICE CG146, sites of fragility fracture"
EMERGENCIES = {within: _emergencies(within) for within in (30, 90, 365, 730, 1095)}
BED_DAYS = _bed_days("bed_days", ANY, 1095, "days in hospital", "no days in hospital")
OF_A_NIGHT = Predictor("emergency_stays_of_two_days_2y", Kind.COUNT, EMERGENCY, DOMAIN, "emergency stays of two days or more: {n}", 730,
                       lasting=2, says_none="no emergency stay of two days or more", reference=METHODS)  # fmt: skip
OBSERVED = Circumstance("days_of_hospital_record", What.OBSERVED, "spell", DOMAIN, "days of hospital record: {n}")
HALF = Predictor("emergencies_half_year", Kind.COUNT, EMERGENCY, DOMAIN, "emergency admissions in half a year: {n}", 182,
                 says_none="no emergency admission in half a year", reference=METHODS)  # fmt: skip
HALF_BEFORE = Predictor("emergencies_half_year_before", Kind.COUNT, EMERGENCY, DOMAIN,
                        "emergency admissions in the half-year before: {n}", 364, ago=182,
                        says_none="no emergency admission in the half-year before", reference=METHODS)  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    *EMERGENCIES.values(),
    Predictor("days_since_emergency_admission", Kind.DAYS_SINCE_LAST, EMERGENCY, DOMAIN,
              "{n} days since the last emergency admission", says_absent="no emergency admission on record",
              reference=METHODS),
    _emergency_days(365),
    _emergency_days(1095),
    Predictor("long_emergency_stays_2y", Kind.COUNT, EMERGENCY, DOMAIN,
              "emergency stays of three weeks or more in the last two years: {n}", 730, lasting=21,
              says_none="no emergency stay of three weeks or more in two years",
              reference="NHS England, long length of stay: 21 days or more"),
    _count("week_long_emergency_stays", EMERGENCY, 365, "emergency stays of a week or more", "emergency stay of a week or more", LONG_STAY, 7),
    Derived("short_emergency_stays_2y", Op.DIFFERENCE, (EMERGENCIES[730], OF_A_NIGHT), DOMAIN,
            "emergency stays of a night or less in the last two years: {n}", says_none="no emergency stay of a night or less in two years",
            reference=METHODS),
    Derived("change_in_emergency_admissions", Op.DIFFERENCE, (HALF, HALF_BEFORE), DOMAIN,
            "emergency admissions in the last half-year, over those of the half-year before: {n}",
            says_none="as many emergency admissions as in the half-year before", reference=METHODS),
    _count("weekend_emergency_admissions", facts("spell", admission_method=EMERGENCY_METHODS, patient_class=IN_A_BED, weekday=(6, 7)),
           730, "emergency admissions at a weekend", "emergency admission at a weekend", METHODS),
    _count("winter_emergency_admissions", facts("spell", admission_method=EMERGENCY_METHODS, patient_class=IN_A_BED, month=(12, 1, 2)),
           1095, "emergency admissions in winter", "emergency admission in winter", METHODS),
    _count("admissions_from_care_home", facts("spell", admission_method=EMERGENCY_METHODS, admission_source=CARE_HOMES), 730,
           "emergency admissions from a care home", "emergency admission from a care home", FROM),
    _count("elective_admissions", ELECTIVE, 365, "planned admissions", "planned admission", PLANNED),
    Predictor("days_since_elective_admission", Kind.DAYS_SINCE_LAST, ELECTIVE, DOMAIN, "{n} days since the last planned admission",
              says_absent="no planned admission on record", reference=PLANNED),
    _count("day_cases", DAY_CASE, 365, "day cases", "day case"),
    _count("maternity_admissions", facts("spell", patient_class="maternity"), 1095, "maternity admissions", "maternity admission"),
    _count("any_admissions", ANY, 365, "admissions of any kind", "admission of any kind"),
    _count("any_admissions", ANY, 730, "admissions of any kind", "admission of any kind"),
    Predictor("days_since_any_admission", Kind.DAYS_SINCE_LAST, ANY, DOMAIN, "{n} days since the last admission of any kind",
              says_absent="no admission on record"),
    _bed_days("bed_days", ANY, 365, "days in hospital", "no days in hospital"),
    Derived("share_of_days_in_hospital_3y", Op.RATIO, (BED_DAYS, OBSERVED), DOMAIN,
            "{n:.3f} of the days on record of the last three years in hospital", says_none="no days in hospital on record",
            says_absent="hospital record of three years not known"),
    Predictor("in_hospital_now", Kind.OPEN, ANY, DOMAIN, "in hospital now", says_none="not in hospital now"),
    Predictor("hospital_specialties_2y", Kind.DISTINCT, facts("spell", distinct="specialty"), DOMAIN,
              "specialties that admitted the person in two years: {n}", 730, says_none="admitted by no specialty in two years"),
    _coded("avoidable_admission_codes", 730, "acs_icd10", "admissions in two years for a condition that community care can often manage",
           "no admission in two years for a condition that community care can often manage", AVOIDABLE, 1),
    _coded("fall_admission_codes", 730, "fall_icd10", "falls coded in hospital in two years", "no fall coded in hospital in two years", FALLS),
    _coded("fragility_fracture_codes", 1095, "fragility_fracture_icd10", "fragility fractures coded in hospital in three years",
           "no fragility fracture coded in hospital in three years", FRAGILITY),
    _diagnoses(365, "the last year"),
    _diagnoses(730, "two years"),
)  # fmt: skip
