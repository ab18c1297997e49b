"""What was measured, how it changes, and that it was not measured."""

from __future__ import annotations

from features.codelists import load
from features.engine.language import Kind, Predictor, facts

DOMAIN = "measurements"
SET = "measurements_snomed"
SOURCE = "; ".join(load(SET).sources)
WORDS = {"systolic": "systolic blood pressure", "bmi": "body mass index", "egfr": "eGFR", "haemoglobin": "haemoglobin",
         "albumin": "albumin", "sodium": "sodium", "hba1c": "HbA1c"}  # fmt: skip
#: Those whose change over two years says more than their level.
CHANGING = ("bmi", "egfr", "haemoglobin")


def _latest(what: str) -> Predictor:
    return Predictor(f"latest_{what}", Kind.LATEST, facts("gp_event", codes=f"{SET}:{what}", value="value"), DOMAIN,
                     f"last {WORDS[what]} {{n}}", 1095, says_absent=f"no {WORDS[what]} in three years", reference=SOURCE)  # fmt: skip


def _change(what: str) -> Predictor:
    return Predictor(f"change_in_{what}", Kind.SLOPE, facts("gp_event", codes=f"{SET}:{what}", value="value"), DOMAIN,
                     f"{WORDS[what]} changing by {{n}} a year", 730, actionable=what == "bmi", reference=SOURCE,
                     says_absent=f"too few measurements to see a change in {WORDS[what]}")  # fmt: skip


PREDICTORS = (
    *(_latest(what) for what in dict.fromkeys(load(SET).categories.values())),
    *(_change(what) for what in CHANGING),
)
