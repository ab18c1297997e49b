"""How a person lives, who cares for them, and what they have said they want."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "home and carers"

PREDICTORS = (
    Predictor("care_home", Kind.OPEN, facts("residence", kind=("care_home", "nursing_home")), DOMAIN, "lives in a care home",
              says_none="not recorded as living in a care home"),
    Predictor("supported_housing", Kind.OPEN, facts("residence", kind=("sheltered", "extra_care", "supported")), DOMAIN,
              "lives in sheltered, extra-care or supported housing", says_none="not in sheltered or supported housing"),
    Predictor("lives_alone", Kind.OPEN, facts("residence", lives_alone=True), DOMAIN, "lives alone",
              says_none="not recorded as living alone", actionable=True),
    Predictor("has_carer", Kind.OPEN, facts("carer", has_carer=True), DOMAIN, "has an unpaid carer",
              says_none="no unpaid carer recorded"),
    Predictor("carer_strained", Kind.OPEN, facts("carer", strained=True), DOMAIN, "the carer is under strain",
              says_none="no strain on a carer recorded", actionable=True),
    Predictor("is_carer", Kind.OPEN, facts("carer", is_carer=True), DOMAIN, "cares for somebody else",
              says_none="not recorded as caring for somebody", actionable=True),
    Predictor("care_plan", Kind.OPEN, facts("preference", kind="care_plan"), DOMAIN, "has a care plan",
              says_none="no care plan recorded", actionable=True),
    Predictor("end_of_life_plan", Kind.OPEN, facts("preference", kind=("end_of_life_plan", "respect", "palliative_register")),
              DOMAIN, "has an end-of-life plan or is on the palliative register", says_none="no end-of-life plan recorded"),
)  # fmt: skip
