"""How a person lives, who cares for them, and what they have said they want."""

from __future__ import annotations

from typing import Any

from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "home and carers"
KINDS = ("own_home", "sheltered", "extra_care", "supported", "care_home", "nursing_home", "other")
SOCIAL = "social circumstances as general practice codes them"
WISHES = "PRSB palliative and end-of-life care standard; Mental Capacity Act 2005"


def _now(name: str, table: str, words: str, none: str, actionable: bool = False, reference: str = "", **where: Any) -> Predictor:  # fmt: skip
    return Predictor(name, Kind.OPEN, facts(table, **where), DOMAIN, words, says_none=none, actionable=actionable, reference=reference)  # fmt: skip


def _told(name: str, category: str, words: str, none: str, within: int | None = None) -> Predictor:
    return Predictor(name, Kind.ANY, facts("gp_event", codes=f"social_snomed:{category}"), DOMAIN, words, within, says_none=none,
                     actionable=True, reference=SOCIAL)  # fmt: skip


def _unknown(name: str, words: str, none: str, *parts: Predictor) -> Derived:
    return Derived(name, Op.NEITHER, parts, DOMAIN, words, says_none=none)


ALONE = _now("lives_alone", "residence", "lives alone", "not recorded as living alone", True, lives_alone=True)
ACCOMPANIED = _now(
    "lives_with_others", "residence", "lives with others", "not recorded as living with others", lives_alone=False
)
CARER = _now("has_carer", "carer", "has an unpaid carer", "no unpaid carer recorded", has_carer=True)
NO_CARER = _told("no_carer", "no_carer", "recorded as having no carer", "not recorded as having no carer")
HOUSED = _now(
    "dwelling_recorded", "residence", "kind of dwelling recorded", "kind of dwelling not recorded", kind=KINDS
)

PREDICTORS: tuple[Declared, ...] = (
    _now("care_home", "residence", "lives in a care home", "not recorded as living in a care home", kind=("care_home", "nursing_home")),
    Predictor("days_since_care_home", Kind.DAYS_SINCE_LAST, facts("residence", kind=("care_home", "nursing_home")), DOMAIN,
              "moved into a care home {n} days ago", says_absent="not recorded as having lived in a care home"),
    _now("supported_housing", "residence", "lives in sheltered, extra-care or supported housing",
         "not in sheltered or supported housing", kind=("sheltered", "extra_care", "supported")),
    _unknown("dwelling_unknown", "kind of dwelling not known", "kind of dwelling known", HOUSED),
    ALONE,
    _unknown("living_alone_unknown", "whether the person lives alone not known", "known whether the person lives alone", ALONE, ACCOMPANIED),
    CARER,
    NO_CARER,
    Derived("alone_without_carer", Op.BOTH, (ALONE, _unknown("no_carer_recorded", "no carer", "a carer", CARER)), DOMAIN,
            "lives alone with no carer recorded", says_none="not alone without a carer, as far as recorded", actionable=True),
    _now("carer_strained", "carer", "the carer is under strain", "no strain on a carer recorded", True, strained=True),
    _now("is_carer", "carer", "cares for somebody else", "not recorded as caring for somebody", True, is_carer=True),
    _told("lonely", "lonely", "recorded as lonely or isolated", "not recorded as lonely"),
    _told("bereaved_2y", "bereaved", "bereaved in the last two years", "no bereavement recorded in two years", 730),
    _told("housing_problem_3y", "housing", "housing problems in the last three years", "no housing problem recorded in three years", 1095),
    _now("care_plan", "preference", "has a care plan", "no care plan recorded", True, kind="care_plan"),
    _now("end_of_life_plan", "preference", "has an end-of-life plan or is on the palliative register", "no end-of-life plan recorded",
         kind=("end_of_life_plan", "respect", "palliative_register")),
    _now("power_of_attorney", "preference", "has given power of attorney", "no power of attorney recorded", reference=WISHES,
         kind="power_of_attorney"),
    _now("advance_decision", "preference", "has made an advance decision", "no advance decision recorded", reference=WISHES,
         kind="advance_decision"),
)  # fmt: skip
