"""Who the person is and how deprived the place they live in is."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "age, sex and place"

PREDICTORS = (
    Predictor("age", Kind.YEARS, facts("person", date="birth_month"), DOMAIN, "aged {n:.0f}"),
    Predictor("female", Kind.ANY, facts("person", date="birth_month", sex="female"), DOMAIN, "a woman", says_none="a man"),
    Predictor("deprivation_decile", Kind.LATEST, facts("residence", value="imd_decile"), DOMAIN,
              "lives in deprivation decile {n} of the country (1 is the most deprived)",
              says_absent="deprivation of the neighbourhood not recorded",
              reference="Indices of Deprivation, as versioned in the record"),
)  # fmt: skip
