"""The Hospital Frailty Risk Score: points of hospital diagnoses in two years, once for each three-character code.

Gilbert and others 2018, Lancet (10.1016/S0140-6736(18)30668-8), for people of 75 and over: under 5 is low risk, 5 to 15 intermediate,
above 15 high.
"""

from __future__ import annotations

from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "function"
SET = "hfrs_icd10"
REFERENCE = "Gilbert and others 2018, Hospital Frailty Risk Score, 10.1016/S0140-6736(18)30668-8"
#: Points have one decimal place: a cut half-way between two scores lets no rounding decide.
CUTS = (4.95, 15.05)

SCORE = Predictor("hfrs_2y", Kind.POINTS, facts("diagnosis", codes=SET), DOMAIN, "Hospital Frailty Risk Score {n}", 730,
                  says_none="Hospital Frailty Risk Score 0", reference=REFERENCE)  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    SCORE,
    Predictor("hfrs_1y", Kind.POINTS, facts("diagnosis", codes=SET), DOMAIN, "Hospital Frailty Risk Score of the last year {n}", 365,
              says_none="Hospital Frailty Risk Score 0 in the last year", reference=REFERENCE),
    Derived("hfrs_band", Op.BAND, (SCORE,), DOMAIN, "Hospital Frailty Risk Score band {n} (1 intermediate, 2 high)", cuts=CUTS,
            says_none="low Hospital Frailty Risk Score", reference=REFERENCE),
    Predictor("hfrs_codes_2y", Kind.DISTINCT, facts("diagnosis", codes=SET, distinct="code", prefix=3), DOMAIN,
              "different diagnoses of the Hospital Frailty Risk Score in two years: {n}", 730,
              says_none="no diagnosis of the Hospital Frailty Risk Score in two years", reference=REFERENCE),
)  # fmt: skip
