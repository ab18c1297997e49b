"""Immunisations, reviews, smoking and drinking, as general practice records them."""

from __future__ import annotations

from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "prevention"
REVIEWS, LIFESTYLE = "reviews_snomed", "lifestyle_snomed"
IMMUNISATION = "Green Book, UK Health Security Agency"
REVIEW = "Quality and Outcomes Framework; structured medication reviews, Network Contract DES"


def _given(name: str, words: str, within: int | None, since: str) -> Predictor:
    return Predictor(name, Kind.ANY, facts("gp_event", codes=f"{REVIEWS}:{name.split('_')[0]}_vaccine"), DOMAIN, f"{words} {since}".strip(),
                     within, says_none=f"no {words} {since}".strip() + " recorded", actionable=True, reference=IMMUNISATION)  # fmt: skip


def _reviewed(name: str, words: str) -> Predictor:
    return Predictor(f"{name}_1y", Kind.ANY, facts("gp_event", codes=f"{REVIEWS}:{name}"), DOMAIN, f"{words} in the last year", 365,
                     says_none=f"no {words} in the last year", actionable=True, reference=REVIEW)  # fmt: skip


def _habit(name: str, words: str, within: int | None = None) -> Predictor:
    return Predictor(name, Kind.ANY, facts("gp_event", codes=f"{LIFESTYLE}:{name}"), DOMAIN, words, within,
                     says_none=f"not recorded: {words}", actionable=True, reference="NICE NG209, NG7: smoking and drinking as recorded")  # fmt: skip


SMOKES, STOPPED = (
    _habit("current_smoker", "recorded as a smoker in the last three years", 1095),
    _habit("ex_smoker", "recorded as an ex-smoker"),
)

PREDICTORS: tuple[Declared, ...] = (
    _given("influenza_vaccine_1y", "influenza immunisation", 365, "in the last year"),
    _given("pneumococcal_vaccine", "pneumococcal immunisation", None, ""),
    _given("shingles_vaccine", "shingles immunisation", None, ""),
    _given("covid_vaccine_1y", "COVID-19 immunisation", 365, "in the last year"),
    _reviewed("medication_review", "medication review"),
    _reviewed("asthma_copd_review", "asthma or COPD review"),
    _reviewed("diabetes_review", "diabetes review"),
    _reviewed("dementia_review", "dementia medication review"),
    Predictor("days_since_medication_review", Kind.DAYS_SINCE_LAST, facts("gp_event", codes=f"{REVIEWS}:medication_review"), DOMAIN,
              "medication review {n} days ago", says_absent="no medication review recorded", actionable=True, reference=REVIEW),
    SMOKES,
    STOPPED,
    Derived("ever_smoked", Op.EITHER, (SMOKES, STOPPED), DOMAIN, "recorded as having smoked", says_none="never recorded as having smoked",
            reference="NICE NG209"),
    _habit("heavy_drinking", "recorded as drinking heavily in the last three years", 1095),
)  # fmt: skip
