"""Social care as the council knows it. No record means not known to the council, not no care."""

from __future__ import annotations

from typing import Any

from features.engine.language import Kind, Predictor, facts

DOMAIN = "social care"


def _open(name: str, words: str, **where: Any) -> Predictor:
    return Predictor(name, Kind.OPEN, facts("social_care", event="service", **where), DOMAIN, f"{words}: {{n}}",
                     says_none=f"the council knows of no {words}")  # fmt: skip


PREDICTORS = (
    Predictor("council_requests_1y", Kind.COUNT, facts("social_care", event="request"), DOMAIN,
              "requests for council support in the last year: {n}", 365,
              says_none="no request for council support in the last year", actionable=True),
    Predictor("council_assessments_1y", Kind.COUNT, facts("social_care", event="assessment"), DOMAIN,
              "council assessments in the last year: {n}", 365, says_none="no council assessment in the last year"),
    _open("home_care_open", "home care packages", component="home_care"),
    Predictor("home_care_hours", Kind.OPEN_SUM, facts("social_care", event="service", component="home_care",
                                                      value="units_a_week"), DOMAIN,
              "hours of home care a week: {n}", says_none="no home care hours known to the council"),
    _open("equipment_or_telecare_open", "equipment or telecare services", component=("equipment", "telecare")),
    _open("residential_open", "residential or nursing placements",
          service_type=("long_term_residential", "long_term_nursing")),
    Predictor("reablement_1y", Kind.COUNT, facts("social_care", event="service", component="reablement"), DOMAIN,
              "spells of reablement in the last year: {n}", 365, says_none="no reablement in the last year"),
    Predictor("days_since_council_contact", Kind.DAYS_SINCE_LAST, facts("social_care"), DOMAIN,
              "{n} days since the council last recorded anything", says_absent="not known to the council"),
)  # fmt: skip
