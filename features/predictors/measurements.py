"""What was measured, how it changes and varies, what lies outside its range, and that it was not measured."""

from __future__ import annotations

import math

from features.codelists import load
from features.engine.language import Between, Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "measurements"
SET = "measurements_snomed"
SOURCE = "; ".join(load(SET).sources)
HARMONY = "UK pathology harmony reference intervals"
#: How each is said. Averages over a day and scores are read by the frailty index alone.
WORDS = {"systolic": "systolic blood pressure", "diastolic": "diastolic blood pressure", "bmi": "body mass index", "weight": "weight in kg",
         "egfr": "eGFR", "creatinine": "creatinine", "haemoglobin": "haemoglobin", "albumin": "albumin", "sodium": "sodium",
         "potassium": "potassium", "hba1c": "HbA1c", "crp": "C-reactive protein", "tsh": "TSH", "platelets": "platelet count",
         "white_cells": "white cell count", "alt": "ALT", "alkaline_phosphatase": "alkaline phosphatase", "calcium": "adjusted calcium",
         "vitamin_d": "vitamin D", "cholesterol": "total cholesterol", "urine_albumin_creatinine": "urine albumin to creatinine ratio",
         "pulse": "pulse rate", "oxygen_saturation": "oxygen saturation"}  # fmt: skip
#: Those whose change over two years, spread, absence and age say more than their level.
CHANGING = ("bmi", "egfr", "haemoglobin", "weight", "albumin", "systolic", "hba1c", "sodium")
VARYING = ("systolic", "weight", "sodium", "potassium", "hba1c", "haemoglobin", "egfr")
EXPECTED = ("systolic", "weight", "egfr", "haemoglobin", "hba1c", "cholesterol")
AGED = ("systolic", "weight", "egfr", "haemoglobin")
#: Outside the range once in the last year: name, measurement, values, words, source.
OUTSIDE = (
    ("low_sodium", "sodium", Between(None, 133), "a sodium below 133", HARMONY),
    ("high_sodium", "sodium", Between(math.nextafter(146, 147), None), "a sodium above 146", HARMONY),
    ("low_potassium", "potassium", Between(None, 3.5), "a potassium below 3.5", HARMONY),
    ("high_potassium", "potassium", Between(math.nextafter(5.3, 6), None), "a potassium above 5.3", HARMONY),
    ("low_albumin", "albumin", Between(None, 35), "an albumin below 35", HARMONY),
    ("high_calcium", "calcium", Between(math.nextafter(2.6, 3), None), "an adjusted calcium above 2.6", HARMONY),
    ("low_haemoglobin", "haemoglobin", Between(25, 110), "a haemoglobin below 110", "QAdmissions, haemoglobin below 110 g/L, PMC3753502"),
    ("high_platelets", "platelets", Between(math.nextafter(480, 481), None), "platelets above 480", "QAdmissions, PMC3753502"),
    ("low_egfr", "egfr", Between(None, 30), "an eGFR below 30", "NICE NG203: stages 4 and 5 of chronic kidney disease"),
    ("low_systolic", "systolic", Between(None, 100), "a systolic pressure below 100", "NEWS2, Royal College of Physicians 2017"),
    ("high_systolic", "systolic", Between(180, None), "a systolic pressure of 180 or more", "NICE NG136: severe hypertension"),
    ("underweight", "bmi", Between(None, 18.5), "a body mass index below 18.5", "WHO; MUST, BAPEN"),
    ("low_oxygen", "oxygen_saturation", Between(None, 92), "an oxygen saturation below 92", "NEWS2, Royal College of Physicians 2017"),
    ("high_hba1c", "hba1c", Between(75, None), "an HbA1c of 75 or more", "Quality and Outcomes Framework, DM021: 75 mmol/mol, frailty"),
)  # fmt: skip


def _latest(what: str) -> Predictor:
    return Predictor(f"latest_{what}", Kind.LATEST, facts("gp_event", codes=f"{SET}:{what}", value="value"), DOMAIN,
                     f"last {WORDS[what]} {{n}}", 1095, says_absent=f"no {WORDS[what]} in three years", reference=SOURCE)  # fmt: skip


def _change(what: str) -> Predictor:
    return Predictor(f"change_in_{what}", Kind.SLOPE, facts("gp_event", codes=f"{SET}:{what}", value="value"), DOMAIN,
                     f"{WORDS[what]} changing by {{n}} a year", 730, actionable=what in ("bmi", "weight"), reference=SOURCE,
                     says_absent=f"too few measurements to see a change in {WORDS[what]}")  # fmt: skip


def _spread(what: str) -> Predictor:
    return Predictor(f"spread_of_{what}", Kind.DEVIATION, facts("gp_event", codes=f"{SET}:{what}", value="value"), DOMAIN,
                     f"{WORDS[what]} varying by {{n}} (standard deviation over two years)", 730, reference=SOURCE,
                     says_absent=f"too few measurements to see how {WORDS[what]} varies")  # fmt: skip


def _unmeasured(what: str) -> Derived:
    seen = Predictor(f"measured_{what}_1y", Kind.ANY, facts("gp_event", codes=f"{SET}:{what}"), DOMAIN, f"{WORDS[what]} measured", 365,
                     says_none=f"{WORDS[what]} not measured", reference=SOURCE)  # fmt: skip
    return Derived(f"not_measured_{what}_1y", Op.NEITHER, (seen,), DOMAIN, f"{WORDS[what]} not measured in the last year",
                   says_none=f"{WORDS[what]} measured in the last year", actionable=True, reference=SOURCE)  # fmt: skip


def _since(what: str) -> Predictor:
    return Predictor(f"days_since_{what}", Kind.DAYS_SINCE_LAST, facts("gp_event", codes=f"{SET}:{what}"), DOMAIN,
                     f"{WORDS[what]} last measured {{n}} days ago", says_absent=f"{WORDS[what]} never measured", reference=SOURCE)  # fmt: skip


def _outside(name: str, what: str, of: Between, words: str, source: str) -> Predictor:
    return Predictor(f"{name}_1y", Kind.ANY, facts("gp_event", codes=f"{SET}:{what}", value=of), DOMAIN, f"{words} in the last year", 365,
                     says_none=f"not {words} in the last year", reference=source)  # fmt: skip


LATEST = {what: _latest(what) for what in WORDS}
WEIGHT_A_YEAR_AGO = Predictor("weight_a_year_ago", Kind.LATEST, facts("gp_event", codes=f"{SET}:weight", value="value"), DOMAIN,
                              "weight a year ago {n}", 1095, ago=365, says_absent="no weight a year ago", reference=SOURCE)  # fmt: skip
#: eGFR categories G5, G4, G3b, G3a, G2 and G1 from the lowest.
STAGES = (15, 30, 45, 60, 90)

PREDICTORS: tuple[Declared, ...] = (
    *LATEST.values(),
    *(_change(what) for what in CHANGING),
    *(_spread(what) for what in VARYING),
    *(_unmeasured(what) for what in EXPECTED),
    *(_since(what) for what in AGED),
    *(_outside(*range_) for range_ in OUTSIDE),
    Derived("egfr_stage", Op.BAND, (LATEST["egfr"],), DOMAIN, "eGFR category {n} (0 is below 15, 5 is 90 or more)", cuts=STAGES,
            says_none="eGFR below 15", says_absent="no eGFR in three years", reference="NICE NG203, eGFR categories G1 to G5"),
    Derived("weight_against_a_year_ago", Op.RATIO, (LATEST["weight"], WEIGHT_A_YEAR_AGO), DOMAIN,
            "weight {n:.2f} times that of a year ago", says_absent="no weight to compare with a year ago", actionable=True,
            reference="MUST, BAPEN: unplanned loss of 5% or more"),
    Derived("pulse_pressure", Op.DIFFERENCE, (LATEST["systolic"], LATEST["diastolic"]), DOMAIN, "pulse pressure {n}",
            says_absent="no blood pressure in three years", reference=SOURCE),
    Predictor("measurements_1y", Kind.COUNT, facts("gp_event", codes=SET), DOMAIN, "measurements in the last year: {n}", 365,
              says_none="no measurement in the last year", reference=SOURCE),
)  # fmt: skip
