"""What is prescribed."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "medicines"
SET = "medicines_bnf"
BNF = "British National Formulary sections"


def _items(group: str, words: str, within: int = 365, actionable: bool = False) -> Predictor:
    return Predictor(f"{group}_items_1y", Kind.COUNT, facts("prescription", codes=f"{SET}:{group}"), DOMAIN,
                     f"{words} prescribed in the last year: {{n}}", within, actionable=actionable, reference=BNF,
                     says_none=f"no {words} prescribed in the last year")  # fmt: skip


PREDICTORS = (
    Predictor("prescriptions_90d", Kind.COUNT, facts("prescription"), DOMAIN, "items prescribed in the last 90 days: {n}", 90,
              says_none="nothing prescribed in the last 90 days"),
    Predictor("prescriptions_1y", Kind.COUNT, facts("prescription"), DOMAIN, "items prescribed in the last year: {n}", 365,
              says_none="nothing prescribed in the last year"),
    Predictor("different_medicines_90d", Kind.DISTINCT, facts("prescription", distinct="code", prefix=9), DOMAIN,
              "different medicines in the last 90 days: {n}", 90, says_none="no medicine in the last 90 days", actionable=True,
              reference="polypharmacy: 5 or more, electronic frailty index, 10.1093/ageing/afw039"),
    Predictor("different_medicines_1y", Kind.DISTINCT, facts("prescription", distinct="code", prefix=9), DOMAIN,
              "different medicines in the last year: {n}", 365, says_none="no medicine in the last year", actionable=True),
    _items("antibiotic", "antibiotic courses", actionable=True),
    _items("steroid", "steroid courses", actionable=True),
    _items("opioid", "opioid items", actionable=True),
    Predictor("anticholinergic_items_1y", Kind.COUNT, facts("prescription", codes="anticholinergics_bnf"), DOMAIN,
              "items with marked anticholinergic effect in the last year: {n}", 365, actionable=True,
              says_none="no item with marked anticholinergic effect in the last year",
              reference="Anticholinergic Cognitive Burden, Boustani and others 2008, 10.2217/1745509X.4.3.311"),
    _items("anticoagulant", "anticoagulant items"),
    _items("diuretic", "diuretic items"),
    _items("antipsychotic", "antipsychotic items", actionable=True),
    _items("antidepressant", "antidepressant items"),
    _items("hypnotic", "sleeping tablets and sedatives", actionable=True),
    _items("insulin", "insulin items"),
    _items("nutrition", "nutritional supplements"),
)  # fmt: skip
