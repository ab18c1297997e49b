"""Social care as the council knows it. No record means not known to the council, not no care: whoever pays for their own has
none."""

from __future__ import annotations

from typing import Any

from features.engine.language import Declared, Derived, Facts, Kind, Op, Predictor, facts

DOMAIN = "social care"
LONG_TERM = ("long_term_community", "long_term_residential", "long_term_nursing")
REVIEWS = "Care and Support Statutory Guidance, chapter 13: a plan is reviewed at least every 12 months; paragraph not yet checked"
HOME_CARE = facts("social_care", event="service", component="home_care", value="units_a_week")
SERVICES = "Adult social care client level data, release 2"


def _open(name: str, words: str, none: str = "", actionable: bool = False, **where: Any) -> Predictor:
    return Predictor(name, Kind.OPEN, facts("social_care", event="service", **where), DOMAIN, f"{words}: {{n}}",
                     says_none=f"the council knows of no {none or words}", actionable=actionable, reference=SERVICES)  # fmt: skip


def _events(name: str, of: Facts, words: str, none: str, within: int = 365, actionable: bool = False) -> Predictor:
    suffix, lapse = {365: ("1y", "in the last year"), 730: ("2y", "in two years")}[within]
    return Predictor(f"{name}_{suffix}", Kind.COUNT, of, DOMAIN, f"{words} {lapse}: {{n}}", within,
                     says_none=f"the council knows of no {none} {lapse}", actionable=actionable, reference=SERVICES)  # fmt: skip


def _hours(name: str, words: str, none: str, ago: int = 0) -> Predictor:
    return Predictor(name, Kind.OPEN_SUM, HOME_CARE, DOMAIN, words, ago=ago, says_none=none, reference=SERVICES)  # fmt: skip


def _unmet(outcome: str) -> Facts:
    return facts("social_care", event="request", outcome=outcome)


HOURS = _hours("home_care_hours", "hours of home care a week: {n}", "no home care hours known to the council")
BEFORE = _hours("home_care_hours_90_days_ago", "hours of home care a week 90 days ago: {n}",
                "no home care hours known to the council 90 days ago", 90)  # fmt: skip
FOR_A_YEAR = Predictor("long_term_services_for_a_year", Kind.OPEN, facts("social_care", event="service", service_type=LONG_TERM), DOMAIN,
                       "long-term services that have gone on for a year: {n}", lasting=365,
                       says_none="the council knows of no long-term service that has gone on for a year", reference=REVIEWS)  # fmt: skip
REVIEWED = Predictor("council_reviewed_1y", Kind.ANY, facts("social_care", event="review"), DOMAIN,
                     "the council reviewed the plan in the last year", 365, says_none="no review by the council in the last year",
                     reference=REVIEWS)  # fmt: skip
NOT_REVIEWED = Derived("not_reviewed_1y", Op.NEITHER, (REVIEWED,), DOMAIN, "not reviewed in the last year", says_none="reviewed",
                       reference=REVIEWS)  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    Predictor("known_to_council", Kind.ANY, facts("social_care"), DOMAIN, "known to the council", says_none="not known to the council",
              reference=SERVICES),
    _events("council_requests", facts("social_care", event="request"), "requests for council support", "request for support", actionable=True),
    Predictor("days_since_council_request", Kind.DAYS_SINCE_LAST, facts("social_care", event="request"), DOMAIN,
              "{n} days since the last request for council support", says_absent="no request for council support on record", reference=SERVICES),
    _events("unmet_requests", _unmet("nfa"), "requests to the council that ended without a service", "request that ended without a service",
            730, actionable=True),
    _events("council_assessments", facts("social_care", event="assessment"), "council assessments", "assessment"),
    Predictor("days_since_council_review", Kind.DAYS_SINCE_LAST, facts("social_care", event="review"), DOMAIN,
              "{n} days since the council last reviewed the plan", says_absent="no review by the council on record", actionable=True,
              reference=REVIEWS),
    Derived("review_overdue", Op.BOTH, (FOR_A_YEAR, NOT_REVIEWED), DOMAIN, "a long-term service without a review for a year",
            says_none="no review of a long-term service overdue", actionable=True, reference=REVIEWS),
    _open("council_services_open", "services from the council", "service"),
    _open("home_care_open", "home care packages", component="home_care"),
    HOURS,
    BEFORE,
    Derived("change_in_home_care_hours_90d", Op.DIFFERENCE, (HOURS, BEFORE), DOMAIN, "hours of home care a week over those 90 days ago: {n}",
            says_none="as many hours of home care as 90 days ago", actionable=True, reference=SERVICES),
    _open("equipment_or_telecare_open", "equipment or telecare services", component=("equipment", "telecare")),
    _open("telecare_open", "telecare services", component="telecare"),
    _open("direct_payment_open", "direct payments", component="direct_payment"),
    _open("residential_open", "residential or nursing placements", service_type=("long_term_residential", "long_term_nursing")),
    _open("nursing_placement_open", "nursing placements", service_type="long_term_nursing"),
    _events("respite", facts("social_care", event="service", component="respite"), "stretches of respite", "respite"),
    _events("carer_support", facts("social_care", event="service", service_type="carer_support"), "services in support of the carer",
            "service in support of the carer", 730),
    Predictor("reablement_1y", Kind.COUNT, facts("social_care", event="service", component="reablement"), DOMAIN,
              "spells of reablement in the last year: {n}", 365, says_none="no reablement in the last year"),
    _open("reablement_open", "reablement services now", component="reablement"),
    Predictor("council_components_2y", Kind.DISTINCT, facts("social_care", event="service", distinct="component"), DOMAIN,
              "kinds of service from the council in two years: {n}", 730, says_none="no service begun by the council in two years",
              reference=SERVICES),
    Predictor("days_since_council_contact", Kind.DAYS_SINCE_LAST, facts("social_care"), DOMAIN,
              "{n} days since the council last recorded anything", says_absent="not known to the council"),
)  # fmt: skip
