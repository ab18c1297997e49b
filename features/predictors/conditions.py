"""Long-term conditions, from the day they were first recorded."""

from __future__ import annotations

from features.codelists import load
from features.engine.language import Kind, Predictor, facts

DOMAIN = "long-term conditions"
SET = "long_term_conditions_snomed"
SOURCE = "Quality and Outcomes Framework registers; electronic frailty index, 10.1093/ageing/afw039"
#: Conditions whose duration matters beside their presence.
DATED = ("heart_failure", "copd", "dementia", "cancer", "diabetes", "chronic_kidney_disease")


def _has(condition: str) -> Predictor:
    words = condition.replace("_", " ").replace("copd", "COPD").replace("parkinsons", "Parkinson's")
    return Predictor(condition, Kind.ANY, facts("gp_event", codes=f"{SET}:{condition}"), DOMAIN, words,
                     says_none=f"no {words} recorded", reference=SOURCE)  # fmt: skip


def _since(condition: str) -> Predictor:
    words = condition.replace("_", " ").replace("copd", "COPD")
    return Predictor(f"days_since_{condition}", Kind.DAYS_SINCE_FIRST, facts("gp_event", codes=f"{SET}:{condition}"), DOMAIN,
                     f"{words} first recorded {{n}} days ago", says_absent=f"no {words} recorded", reference=SOURCE)  # fmt: skip


PREDICTORS = (
    Predictor("long_term_conditions", Kind.DISTINCT, facts("gp_event", codes=SET, distinct="code"), DOMAIN,
              "long-term conditions recorded: {n}", says_none="no long-term condition recorded", reference=SOURCE),
    Predictor("condition_records_2y", Kind.COUNT, facts("gp_event", codes=SET), DOMAIN,
              "entries about long-term conditions in two years: {n}", 730,
              says_none="no entry about a long-term condition in two years", reference=SOURCE),
    *(_has(condition) for condition in dict.fromkeys(load(SET).categories.values())),
    *(_since(condition) for condition in DATED),
)  # fmt: skip
