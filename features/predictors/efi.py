"""The electronic frailty index: 36 deficits, each and together, with its value rules and bands.

Clegg and others 2016, Age and Ageing (10.1093/ageing/afw039). A deficit is there once it was ever recorded: by a code, or by a
measurement under the index's value rules as the Greater Manchester Care Record publishes them
(``subquery-efi-common.sql`` of gm-sde). Of those rules, the six-item cognitive test, the hip scan's T score and the
ankle–brachial index are left out: general practice's codes for them could not be confirmed.
"""

from __future__ import annotations

import math

from features.codelists import load
from features.engine.language import Between, Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "function"
SET, MEASURED = "efi_snomed", "measurements_snomed"
REFERENCE = "Clegg and others 2016, electronic frailty index, 10.1093/ageing/afw039"
RULES = f"{REFERENCE}; value rules as published in gm-sde, subquery-efi-common.sql"
DEFICITS = 36
#: Different medicines in a year that make polypharmacy a deficit.
POLYPHARMACY = 5
#: Fewest deficits that are mild, moderate and severe frailty.
BANDS = (5, 9, 13)
SAID = {
    "activity_limitation": "limits on daily activities", "chronic_kidney_disease": "chronic kidney disease",
    "hypotension_syncope": "low blood pressure or fainting", "memory_cognitive": "memory or thinking problems",
    "mobility": "mobility problems", "parkinsonism_tremor": "parkinsonism or tremor",
    "requirement_for_care": "needs care", "social_vulnerability": "social vulnerability", "falls": "falls",
    "weight_loss": "weight loss or poor appetite", "housebound": "housebound",
}  # fmt: skip


def above(bound: float) -> Between:
    """Values greater than ``bound``."""
    return Between(math.nextafter(bound, math.inf), None)


def _value(name: str, category: str, of: Between) -> Predictor:
    return Predictor(f"efi_value_{name}", Kind.ANY, facts("gp_event", codes=f"{MEASURED}:{category}", value=of), DOMAIN,
                     f"{name.replace('_', ' ')} ever measured", says_none=f"no {name.replace('_', ' ')} measured", reference=RULES)  # fmt: skip


def _of_sex(sex: str, low: Derived) -> Derived:
    is_it = Predictor(
        f"efi_{sex}", Kind.ANY, facts("person", date="birth_month", sex=sex), DOMAIN, sex, says_none=f"not {sex}"
    )
    return Derived(
        f"efi_{sex}_and_{low.name}", Op.BOTH, (is_it, low), DOMAIN, low.says, says_none=low.says_none, reference=RULES
    )


def _low_haemoglobin(sex: str, grams_a_litre: float) -> Derived:
    """Below the sex's bound; figures of 25 and less are in g/dL, a tenth of the bound."""
    parts = (_value(f"low_haemoglobin_{sex}", "haemoglobin", Between(math.nextafter(25, 26), grams_a_litre)),
             _value(f"low_haemoglobin_{sex}_dl", "haemoglobin", Between(math.nextafter(0, 1), grams_a_litre / 10)))  # fmt: skip
    low = Derived(f"efi_low_haemoglobin_{sex}", Op.EITHER, parts, DOMAIN, "low haemoglobin", says_none="no low haemoglobin", reference=RULES)  # fmt: skip
    return _of_sex(sex, low)


#: Measurements that make a deficit, beside its codes.
VALUES: dict[str, tuple[Predictor | Derived, ...]] = {
    "anaemia": (_low_haemoglobin("male", 130), _low_haemoglobin("female", 115)),
    "chronic_kidney_disease": (_value("low_egfr", "egfr", Between(math.nextafter(0, 1), 60)),
                               _value("raised_urine_albumin", "urine_albumin_creatinine", above(3))),
    "thyroid_disease": (_value("low_tsh", "tsh", Between(math.nextafter(0, 1), 0.36)), _value("high_tsh", "tsh", above(5.5))),
    "hypertension": (_value("high_average_systolic", "average_systolic", above(135)),
                     _value("high_average_diastolic", "average_diastolic", above(85))),
    "activity_limitation": (_value("low_barthel", "barthel", Between(None, math.nextafter(18, 19))),),
    "weight_loss": (_value("malnutrition_score", "malnutrition_score", Between(1, None)),),
    "respiratory_disease": (_value("copd_exacerbations", "copd_exacerbations", Between(1, None)),),
    "falls": (_value("falls_last_year", "falls_last_year", above(0)),),
}  # fmt: skip


def _deficit(name: str) -> Predictor | Derived:
    words = SAID.get(name, name.replace("_", " "))
    coded = Predictor(f"efi_{name}", Kind.ANY, facts("gp_event", codes=f"{SET}:{name}"), DOMAIN, f"deficit of the electronic frailty index: {words}",
                      says_none=f"no deficit of the electronic frailty index: {words}", reference=REFERENCE)  # fmt: skip
    if name not in VALUES:
        return coded
    return Derived(f"efi_{name}", Op.EITHER, (coded, *VALUES[name]), DOMAIN, coded.says, says_none=coded.says_none, reference=RULES)  # fmt: skip


MEDICINES = Predictor("efi_different_medicines_1y", Kind.DISTINCT, facts("prescription", distinct="code", prefix=9), DOMAIN,
                      "different medicines in the last year: {n}", 365, says_none="no medicine in the last year")  # fmt: skip
EACH: tuple[Predictor | Derived, ...] = (
    *(_deficit(name) for name in dict.fromkeys(load(SET).categories.values())),
    Derived("efi_polypharmacy", Op.BAND, (MEDICINES,), DOMAIN, "deficit of the electronic frailty index: five or more medicines in a year", cuts=(POLYPHARMACY,),
            says_none="no deficit of the electronic frailty index: polypharmacy", actionable=True, reference=REFERENCE),
)  # fmt: skip
TOTAL = Derived("efi_deficits", Op.SUM, EACH, DOMAIN, "{n} of the 36 deficits of the electronic frailty index",
                says_none="none of the 36 deficits of the electronic frailty index", actionable=True, reference=REFERENCE)  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    TOTAL,
    Derived("efi_fraction", Op.SUM, (TOTAL,), DOMAIN, "electronic frailty index {n:.2f}", weights=(1 / DEFICITS,),
            says_none="electronic frailty index 0", reference=REFERENCE),
    Derived("efi_band", Op.BAND, (TOTAL,), DOMAIN, "electronic frailty index band {n} (1 mild, 2 moderate, 3 severe)", cuts=BANDS,
            says_none="fit by the electronic frailty index", actionable=True, reference=REFERENCE),
    *EACH,
)  # fmt: skip
