"""Leaving hospital: how long ago, where to, how late, and whether the person was soon back."""

from __future__ import annotations

from features.engine.language import Declared, Facts, Kind, Predictor, facts
from features.predictors.hospital import CARE_HOMES, EMERGENCY_METHODS, IN_A_BED, METHODS

DOMAIN = "hospital use"
DESTINATIONS = "NHS Data Dictionary, discharge destination: 19 usual residence, 54, 65, 85 care homes, 51-53, 87 hospitals, 88 hospice"
HOSPITALS = ("51", "52", "53", "87")
ELSEWHERE = ("29", "88", *HOSPITALS, *CARE_HOMES)
LEFT = facts("spell", patient_class=IN_A_BED, date="end_date")
EMERGENCY_LEFT = facts("spell", admission_method=EMERGENCY_METHODS, patient_class=IN_A_BED, date="end_date")
#: Emergencies but for transfers between hospitals, which begin a stay and no readmission.
BACK = facts("spell", admission_method=[m for m in EMERGENCY_METHODS if m != "2B"], patient_class=IN_A_BED)
READMISSION = (
    "NHS Outcomes Framework 3b, emergency readmission within 30 days of discharge; here after an emergency stay"
)
READY = facts("spell", patient_class=IN_A_BED, date="ready_date")
DELAY = "NHS Data Dictionary, discharge ready date"


def _to(name: str, where: tuple[str, ...], words: str, actionable: bool = False) -> Predictor:
    of = facts("spell", patient_class=IN_A_BED, discharge_destination=where, date="end_date")
    return Predictor(f"discharges_{name}_2y", Kind.COUNT, of, DOMAIN, f"discharges {words} in two years: {{n}}", 730,
                     says_none=f"no discharge {words} in two years", reference=DESTINATIONS, actionable=actionable)  # fmt: skip


def _since(name: str, of: Facts, words: str, absent: str, reference: str = "") -> Predictor:
    return Predictor(f"days_since_{name}", Kind.DAYS_SINCE_LAST, of, DOMAIN, f"{{n}} days since the last {words}", says_absent=absent,
                     reference=reference)  # fmt: skip


def _readmitted(within: int, suffix: str, words: str) -> Predictor:
    return Predictor(f"readmissions_{suffix}", Kind.SOON, BACK, DOMAIN,
                     f"emergency readmissions within 30 days in {words}: {{n}}", within, gap=30, actionable=True,
                     says_none=f"no emergency readmission within 30 days in {words}", reference=READMISSION)  # fmt: skip


AWAY = _to("elsewhere", ELSEWHERE, "to somewhere other than the usual home", actionable=True)
PREDICTORS: tuple[Declared, ...] = (
    _since("discharge", LEFT, "discharge from hospital", "no discharge from hospital on record"),
    _since("emergency_discharge", EMERGENCY_LEFT, "discharge from an emergency stay", "no discharge from an emergency stay on record", METHODS),
    _readmitted(365, "1y", "the last year"),
    _readmitted(1095, "3y", "three years"),
    Predictor("delayed_days_1y", Kind.DAYS, READY, DOMAIN, "days in hospital after being ready to leave, last year: {n}", 365,
              says_none="no days in hospital after being ready to leave in the last year", actionable=True, reference=DELAY),
    Predictor("delayed_discharges_2y", Kind.COUNT, READY, DOMAIN, "stays of a day or more beyond being ready to leave in two years: {n}",
              730, lasting=1, says_none="no delayed discharge in two years", actionable=True, reference=DELAY),
    _to("home", ("19",), "to the usual home"),
    _to("to_care_home", CARE_HOMES, "to a care home", actionable=True),
    _to("to_hospital", HOSPITALS, "to another hospital"),
    AWAY,
    Predictor("left_against_advice_3y", Kind.COUNT, facts("spell", discharge_method=("2", "6", "7"), date="end_date"), DOMAIN,
              "discharged themselves from hospital in three years: {n}", 1095, says_none="never discharged themselves in three years",
              actionable=True, reference="NHS Data Dictionary, discharge method: 2, 6 and 7, by the patient or a relative"),
)  # fmt: skip
