"""What is prescribed: by chapter and section of the formulary, how many at once, what is new, and what needs care."""

from __future__ import annotations

from features.codelists import load
from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "medicines"
SET, CHAPTERS, HIGH_RISK, FALLS, BURDEN = "medicines_bnf", "chapters_bnf", "high_risk_bnf", "falls_risk_bnf", "anticholinergic_burden_bnf"  # fmt: skip
BNF = "British National Formulary sections"
POLYPHARMACY = "polypharmacy: 5 or more, electronic frailty index, 10.1093/ageing/afw039; 10 or more, NHS structured medication reviews"
#: Characters of a BNF code that name the chemical substance.
SUBSTANCE = 9
#: Sections counted over a year: words, and whether a team can act.
SECTIONS = {
    "antibiotic": ("antibiotic courses", True), "steroid": ("steroid courses", True), "opioid": ("opioid items", True),
    "anticoagulant": ("anticoagulant items", False), "diuretic": ("diuretic items", False),
    "antipsychotic": ("antipsychotic items", True), "antidepressant": ("antidepressant items", False),
    "hypnotic": ("sleeping tablets and sedatives", True), "insulin": ("insulin items", False),
    "nutrition": ("nutritional supplements", False), "bronchodilator": ("inhaled bronchodilators", True),
    "inhaled_steroid": ("inhaled steroids", False), "laxative": ("laxatives", False), "ulcer_healing": ("stomach acid drugs", False),
    "anti_inflammatory": ("anti-inflammatory items", True), "antiepileptic": ("antiepileptic items", False),
    "parkinsons_drug": ("drugs for parkinsonism", False), "dementia_drug": ("drugs for dementia", False),
    "nitrate": ("nitrates", False), "beta_blocker": ("beta blockers", False), "lipid_lowering": ("lipid-lowering items", False),
    "diabetes_tablet": ("drugs for diabetes other than insulin", False), "bladder": ("drugs for bladder control", False),
    "bone_protection": ("bone protection", False), "oxygen": ("oxygen", False), "immunosuppressant": ("immunosuppressants", False),
    "simple_analgesic": ("simple painkillers", False), "antiemetic": ("drugs for sickness and dizziness", False),
}  # fmt: skip
#: Chapters counted over a year, in words.
SAID = {"gastrointestinal": "stomach and bowel", "cardiovascular": "heart and circulation", "respiratory": "lung",
        "nervous_system": "nervous system", "infection": "infection", "endocrine": "hormone", "genitourinary": "urinary and gynaecological",
        "cancer_and_immune": "cancer and immune", "nutrition_and_blood": "nutrition and blood", "musculoskeletal": "bone and joint",
        "eye": "eye", "ear_nose_throat": "ear, nose and throat", "skin": "skin"}  # fmt: skip


def _items(group: str) -> Predictor:
    words, actionable = SECTIONS[group]
    return Predictor(f"{group}_items_1y", Kind.COUNT, facts("prescription", codes=f"{SET}:{group}"), DOMAIN,
                     f"{words} prescribed in the last year: {{n}}", 365, actionable=actionable, reference=BNF,
                     says_none=f"no {words} prescribed in the last year")  # fmt: skip


def _chapter(chapter: str) -> Predictor:
    return Predictor(f"{chapter}_medicines_1y", Kind.COUNT, facts("prescription", codes=f"{CHAPTERS}:{chapter}"), DOMAIN,
                     f"{SAID[chapter]} items prescribed in the last year: {{n}}", 365, reference="British National Formulary chapters",
                     says_none=f"no {SAID[chapter]} item prescribed in the last year")  # fmt: skip


def _taken(group: str, words: str, of: str = HIGH_RISK) -> Predictor:
    return Predictor(f"takes_{group}", Kind.ANY, facts("prescription", codes=f"{of}:{group}"), DOMAIN, f"takes {words}", 90,
                     says_none=f"no {words} in the last 90 days", actionable=True, reference="; ".join(load(of).sources))  # fmt: skip


def _different(within: int, words: str) -> Predictor:
    suffix = {90: "90d", 365: "1y"}[within]
    return Predictor(f"different_medicines_{suffix}", Kind.DISTINCT, facts("prescription", distinct="code", prefix=SUBSTANCE), DOMAIN,
                     f"different medicines in the last {words}: {{n}}", within, says_none=f"no medicine in the last {words}",
                     actionable=True, reference=POLYPHARMACY)  # fmt: skip


ANTICOAGULANT, NSAID = _taken("anticoagulant", "an anticoagulant"), _taken("nsaid", "an anti-inflammatory drug")
DIURETIC = _taken("diuretic", "a diuretic", SET)
ACE_OR_ARB = Derived("takes_ace_or_arb", Op.EITHER, (_taken("ace_inhibitor", "an ACE inhibitor", SET),
                     _taken("angiotensin_blocker", "an angiotensin blocker", SET)), DOMAIN, "takes an ACE inhibitor or angiotensin blocker",
                     says_none="neither ACE inhibitor nor angiotensin blocker", reference=BNF)  # fmt: skip
NOW = _different(90, "90 days")
BEFORE = Predictor("different_medicines_before", Kind.DISTINCT, facts("prescription", distinct="code", prefix=SUBSTANCE), DOMAIN,
                   "different medicines in the 90 days before: {n}", 180, says_none="no medicine in the 90 days before", ago=90)  # fmt: skip
BURDEN_REFERENCE = "Anticholinergic Cognitive Burden, Boustani and others 2008, 10.2217/1745509X.4.3.311"

PREDICTORS: tuple[Declared, ...] = (
    Predictor("prescriptions_90d", Kind.COUNT, facts("prescription"), DOMAIN, "items prescribed in the last 90 days: {n}", 90,
              says_none="nothing prescribed in the last 90 days"),
    Predictor("prescriptions_1y", Kind.COUNT, facts("prescription"), DOMAIN, "items prescribed in the last year: {n}", 365,
              says_none="nothing prescribed in the last year"),
    NOW,
    _different(365, "year"),
    Derived("polypharmacy_band", Op.BAND, (NOW,), DOMAIN, "band of the number of medicines (5, 10, 15 or more): {n}", cuts=(5, 10, 15),
            says_none="fewer than five medicines", actionable=True, reference=POLYPHARMACY),
    Derived("change_in_medicines_90d", Op.DIFFERENCE, (NOW, BEFORE), DOMAIN, "medicines more than in the 90 days before: {n}",
            says_none="as many medicines as in the 90 days before"),
    Predictor("new_medicines_90d", Kind.NEW, facts("prescription", distinct="code", prefix=SUBSTANCE), DOMAIN,
              "medicines new in the last 90 days: {n}", 90, quiet=365, says_none="no new medicine in the last 90 days", actionable=True,
              reference="a medicine is new when none of it was prescribed in the year before"),
    *(_items(group) for group in SECTIONS),
    *(_chapter(chapter) for chapter in SAID),
    Predictor("antibiotic_items_90d", Kind.COUNT, facts("prescription", codes=f"{SET}:antibiotic"), DOMAIN,
              "antibiotic courses in the last 90 days: {n}", 90, says_none="no antibiotic in the last 90 days", actionable=True, reference=BNF),
    Predictor("steroid_items_90d", Kind.COUNT, facts("prescription", codes=f"{SET}:steroid"), DOMAIN,
              "steroid courses in the last 90 days: {n}", 90, says_none="no steroid in the last 90 days", actionable=True, reference=BNF),
    Derived("repeat_antibiotics", Op.BAND, (_items("antibiotic"),), DOMAIN, "band of antibiotic courses in a year (3, 6 or more): {n}",
            cuts=(3, 6), says_none="fewer than three antibiotic courses in a year", actionable=True, reference=BNF),
    Derived("repeat_steroids", Op.BAND, (_items("steroid"),), DOMAIN, "band of steroid courses in a year (2, 4 or more): {n}", cuts=(2, 4),
            says_none="fewer than two steroid courses in a year", actionable=True, reference=BNF),
    Predictor("days_since_antibiotic", Kind.DAYS_SINCE_LAST, facts("prescription", codes=f"{SET}:antibiotic"), DOMAIN,
              "antibiotic {n} days ago", says_absent="no antibiotic on record", reference=BNF),
    Predictor("days_since_prescription", Kind.DAYS_SINCE_LAST, facts("prescription"), DOMAIN, "{n} days since the last prescription",
              says_absent="no prescription on record"),
    Predictor("anticholinergic_items_1y", Kind.COUNT, facts("prescription", codes="anticholinergics_bnf"), DOMAIN,
              "items with marked anticholinergic effect in the last year: {n}", 365, actionable=True,
              says_none="no item with marked anticholinergic effect in the last year", reference=BURDEN_REFERENCE),
    Predictor("anticholinergic_burden_90d", Kind.POINTS, facts("prescription", codes=BURDEN), DOMAIN, "anticholinergic burden {n}", 90,
              says_none="no anticholinergic burden", actionable=True, reference=BURDEN_REFERENCE),
    Predictor("falls_risk_medicines_90d", Kind.POINTS, facts("prescription", codes=FALLS), DOMAIN,
              "kinds of medicine that raise the risk of falls: {n}", 90, says_none="no medicine that raises the risk of falls",
              actionable=True, reference="STOPPFall, Seppala and others 2021, 10.1093/ageing/afaa249"),
    Predictor("high_risk_medicines_90d", Kind.POINTS, facts("prescription", codes=HIGH_RISK), DOMAIN,
              "kinds of medicine that need monitoring: {n}", 90, says_none="no medicine that needs monitoring", actionable=True,
              reference="; ".join(load(HIGH_RISK).sources)),
    ANTICOAGULANT,
    NSAID,
    *(_taken(group, words) for group, words in (("insulin", "insulin"), ("sulfonylurea", "a sulfonylurea"), ("digoxin", "digoxin"),
                                                ("lithium", "lithium"), ("methotrexate", "methotrexate"), ("strong_opioid", "a strong opioid"))),
    Derived("anticoagulant_and_nsaid", Op.BOTH, (ANTICOAGULANT, NSAID), DOMAIN, "takes an anticoagulant and an anti-inflammatory drug",
            says_none="not both anticoagulant and anti-inflammatory drug", actionable=True, reference="PINCER, 10.1016/S0140-6736(11)61817-5"),
    Derived("kidney_harming_three", Op.BOTH, (ACE_OR_ARB, DIURETIC, NSAID), DOMAIN,
            "takes an ACE inhibitor or angiotensin blocker, a diuretic and an anti-inflammatory drug",
            says_none="not all of ACE inhibitor or angiotensin blocker, diuretic and anti-inflammatory drug", actionable=True,
            reference="Lapi and others 2013, 10.1136/bmj.e8525: acute kidney injury"),
)  # fmt: skip
