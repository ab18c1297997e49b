"""Long-term conditions: which, since when, how many, and those that make each other worse."""

from __future__ import annotations

from features.codelists import load
from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "long-term conditions"
SET = "long_term_conditions_snomed"
SOURCE = "Quality and Outcomes Framework registers; electronic frailty index, 10.1093/ageing/afw039"
#: Conditions whose duration matters beside their presence.
DATED = ("heart_failure", "copd", "dementia", "cancer", "diabetes", "chronic_kidney_disease", "ischaemic_heart_disease",
         "atrial_fibrillation", "stroke", "hypertension", "asthma", "parkinsons_disease", "epilepsy", "depression",
         "severe_mental_illness", "osteoporosis", "end_stage_renal_disease", "metastatic_cancer", "cirrhosis",
         "alcohol_dependence", "peripheral_vascular_disease", "interstitial_lung_disease")  # fmt: skip
#: What a name does not say as a clinician would.
SAID = {"copd": "COPD", "parkinsons_disease": "Parkinson's disease", "end_stage_renal_disease": "end-stage kidney disease",
        "hiv": "HIV", "prostate_enlargement": "enlarged prostate", "polymyalgia": "polymyalgia rheumatica",
        "thyroid_disease": "thyroid disease", "skin_ulcer": "a skin ulcer", "diabetic_complications": "complications of diabetes"}  # fmt: skip
#: Conditions of one body system, counted together.
SYSTEMS = {
    "cardiovascular": ("heart and circulation", ("hypertension", "ischaemic_heart_disease", "heart_failure",
                       "atrial_fibrillation", "heart_valve_disease", "peripheral_vascular_disease", "venous_thromboembolism")),
    "respiratory": ("lung", ("copd", "asthma", "bronchiectasis", "interstitial_lung_disease", "sleep_apnoea")),
    "neurological": ("brain and nerve", ("stroke", "transient_ischaemic_attack", "dementia", "mild_cognitive_impairment",
                     "parkinsons_disease", "epilepsy", "multiple_sclerosis", "motor_neurone_disease", "hemiplegia", "migraine")),
    "mental_health": ("mental health", ("depression", "anxiety", "severe_mental_illness", "alcohol_dependence", "drug_dependence")),
    "musculoskeletal": ("bone and joint", ("arthritis", "inflammatory_arthritis", "gout", "osteoporosis", "polymyalgia",
                        "connective_tissue_disease", "fibromyalgia")),
    "metabolic": ("hormone and metabolic", ("diabetes", "diabetic_complications", "thyroid_disease", "obesity")),
    "digestive": ("liver and gut", ("liver_disease", "cirrhosis", "chronic_pancreatitis", "peptic_ulcer",
                  "inflammatory_bowel_disease", "diverticular_disease")),
    "kidney_and_bladder": ("kidney and bladder", ("chronic_kidney_disease", "end_stage_renal_disease", "prostate_enlargement",
                           "urinary_incontinence")),
}  # fmt: skip
#: Pairs that make each other worse or harder to treat.
TOGETHER = (("heart_failure", "chronic_kidney_disease"), ("heart_failure", "copd"), ("heart_failure", "diabetes"),
            ("heart_failure", "atrial_fibrillation"), ("atrial_fibrillation", "stroke"), ("diabetes", "chronic_kidney_disease"),
            ("copd", "depression"), ("dementia", "diabetes"), ("dementia", "parkinsons_disease"), ("heart_failure", "depression"))  # fmt: skip
MULTIMORBIDITY = (
    "two or more long-term conditions: NICE NG56; pairs as in the Cambridge Multimorbidity Score, PMC7004217"
)


def _words(condition: str) -> str:
    return SAID.get(condition, condition.replace("_", " "))


def _of(condition: str) -> str:
    return f"{SET}:{condition}"


def _has(condition: str) -> Predictor:
    return Predictor(condition, Kind.ANY, facts("gp_event", codes=_of(condition)), DOMAIN, _words(condition),
                     says_none=f"no {_words(condition).removeprefix('a ')} recorded", reference=SOURCE)  # fmt: skip


def _since(condition: str) -> Predictor:
    return Predictor(f"days_since_{condition}", Kind.DAYS_SINCE_FIRST, facts("gp_event", codes=_of(condition)), DOMAIN,
                     f"{_words(condition)} first recorded {{n}} days ago",
                     says_absent=f"no {_words(condition)} recorded", reference=SOURCE)  # fmt: skip


HAS = {condition: _has(condition) for condition in dict.fromkeys(load(SET).categories.values())}
NUMBER = Predictor("long_term_conditions", Kind.POINTS, facts("gp_event", codes=SET), DOMAIN,
                   "long-term conditions recorded: {n}", says_none="no long-term condition recorded", reference=SOURCE)  # fmt: skip
YEAR_AGO = Predictor("long_term_conditions_a_year_ago", Kind.POINTS, facts("gp_event", codes=SET), DOMAIN,
                     "long-term conditions recorded a year ago: {n}", ago=365, says_none="none a year ago", reference=SOURCE)  # fmt: skip


def _system(name: str) -> Derived:
    words, conditions = SYSTEMS[name]
    return Derived(f"{name}_conditions", Op.SUM, tuple(HAS[condition] for condition in conditions), DOMAIN,
                   f"{words} conditions: {{n}}", says_none=f"no {words} condition", reference=SOURCE)  # fmt: skip


def _both(one: str, other: str) -> Derived:
    return Derived(f"{one}_and_{other}", Op.BOTH, (HAS[one], HAS[other]), DOMAIN, f"{_words(one)} together with {_words(other)}",
                   says_none=f"not both {_words(one)} and {_words(other)}", reference=MULTIMORBIDITY)  # fmt: skip


SYSTEM_COUNTS = tuple(_system(name) for name in SYSTEMS)
PHYSICAL = tuple(HAS[condition] for condition in ("heart_failure", "copd", "diabetes", "cancer", "stroke", "chronic_kidney_disease"))  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    NUMBER,
    Predictor("condition_records_2y", Kind.COUNT, facts("gp_event", codes=SET), DOMAIN,
              "entries about long-term conditions in two years: {n}", 730,
              says_none="no entry about a long-term condition in two years", reference=SOURCE),
    Derived("new_conditions_1y", Op.DIFFERENCE, (NUMBER, YEAR_AGO), DOMAIN, "long-term conditions first recorded in the last year: {n}",
            says_none="no new long-term condition in the last year", actionable=True, reference=SOURCE),
    Derived("multimorbidity_band", Op.BAND, (NUMBER,), DOMAIN, "band of the number of long-term conditions (2, 4, 6 or more): {n}",
            cuts=(2, 4, 6), says_none="fewer than two long-term conditions", reference=MULTIMORBIDITY),
    *HAS.values(),
    *(_since(condition) for condition in DATED),
    *SYSTEM_COUNTS,
    *(_both(one, other) for one, other in TOGETHER),
    Derived("mental_and_physical", Op.BOTH,
            (Derived("any_mental_condition", Op.EITHER, tuple(HAS[c] for c in SYSTEMS["mental_health"][1]), DOMAIN, "a mental health condition",
                     says_none="no mental health condition"),
             Derived("any_physical_condition", Op.EITHER, PHYSICAL, DOMAIN, "a serious physical condition", says_none="none")),
            DOMAIN, "a mental health condition beside a serious physical one", says_none="no mental health condition beside a physical one",
            reference=MULTIMORBIDITY),
)  # fmt: skip
