"""Who the person is, where they live and how settled they are there."""

from __future__ import annotations

from features.engine.language import Declared, Kind, Predictor, facts

DOMAIN = "age, sex and place"
REGULAR = facts("registration", kind="regular")
DEPRIVATION = "Indices of Deprivation, as versioned in the record"
ACCESSIBLE = "Accessible Information Standard, NHS England; code as general practice records it"


def _decile(name: str, words: str, ago: int = 0) -> Predictor:
    return Predictor(name, Kind.LATEST, facts("residence", value="imd_decile"), DOMAIN, words, ago=ago,
                     says_absent="deprivation of the neighbourhood not recorded", reference=DEPRIVATION)  # fmt: skip


DECILE = _decile("deprivation_decile", "lives in deprivation decile {n} of the country (1 is the most deprived)")

PREDICTORS: tuple[Declared, ...] = (
    Predictor("age", Kind.YEARS, facts("person", date="birth_month"), DOMAIN, "aged {n:.0f}"),
    Predictor("female", Kind.ANY, facts("person", date="birth_month", sex="female"), DOMAIN, "a woman", says_none="a man"),
    DECILE,
    Predictor("moves_of_home_3y", Kind.COUNT, facts("residence"), DOMAIN, "changes of home or household in three years: {n}", 1095,
              says_none="same home and household for three years"),
    Predictor("days_since_move", Kind.DAYS_SINCE_LAST, facts("residence"), DOMAIN, "{n} days since the home or household changed",
              says_absent="home not recorded"),
    Predictor("days_since_registration", Kind.DAYS_SINCE_LAST, REGULAR, DOMAIN,
              "registered with the practice {n} days ago", says_absent="day of registration not recorded"),
    Predictor("days_since_first_registration", Kind.DAYS_SINCE_FIRST, REGULAR, DOMAIN,
              "first registered in the area {n} days ago", says_absent="first registration in the area not recorded"),
    Predictor("changes_of_practice_3y", Kind.COUNT, REGULAR, DOMAIN, "registrations with a practice in three years: {n}", 1095,
              says_none="same practice for three years"),
    Predictor("needs_interpreter", Kind.ANY, facts("gp_event", codes="social_snomed:interpreter"), DOMAIN, "needs an interpreter",
              says_none="no need of an interpreter recorded", actionable=True, reference=ACCESSIBLE),
)  # fmt: skip
