"""Home care as it was given: visits made and missed, and how many people came, as electronic call monitoring tells it."""

from __future__ import annotations

from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "social care"
CONTINUITY = "NICE NG21, home care: continuity of care workers; visits missed"
MONTH = 28


def _sum(column: str, words: str, ago: int = 0, within: int = MONTH) -> Predictor:
    suffix = "_before" if ago else "" if within == MONTH else "_1y"
    when = "the four weeks before" if ago else "four weeks" if within == MONTH else "a year"
    return Predictor(f"home_care_{column}{suffix}", Kind.SUM, facts("home_care_week", value=column), DOMAIN, f"{words} in {when}: {{n}}",
                     within + ago, ago=ago, says_none=f"no {words} told of in {when}", reference=CONTINUITY)  # fmt: skip


MADE, PLANNED = _sum("visits_made", "home-care visits"), _sum("visits_planned", "planned home-care visits")
EARLIER = _sum("visits_made", "home-care visits", MONTH)

PREDICTORS: tuple[Declared, ...] = (
    MADE,
    Derived("change_in_home_care_visits", Op.DIFFERENCE, (MADE, EARLIER), DOMAIN,
            "home-care visits in four weeks over those of the four weeks before: {n}",
            says_none="as many home-care visits as in the four weeks before", reference=CONTINUITY),
    Derived("share_of_home_care_made", Op.RATIO, (MADE, PLANNED), DOMAIN, "{n:.2f} of planned home-care visits made in four weeks",
            says_none="no planned home-care visit made in four weeks", says_absent="no home-care visit planned in four weeks",
            actionable=True, reference=CONTINUITY),
    Predictor("home_care_carers", Kind.MEAN, facts("home_care_week", value="carers"), DOMAIN,
              "different carers a week, over 90 days: {n}", 90, says_absent="no home-care week told of in 90 days", actionable=True,
              reference=CONTINUITY),
    Predictor("most_home_care_carers_1y", Kind.GREATEST, facts("home_care_week", value="carers"), DOMAIN,
              "most different carers in a week of the last year: {n}", 365, says_absent="no home-care week told of in the last year",
              reference=CONTINUITY),
    Derived("minutes_a_home_care_visit", Op.RATIO, (_sum("minutes", "minutes of home care"), MADE), DOMAIN,
            "{n:.0f} minutes a home-care visit", says_none="home-care visits of no length",
            says_absent="no home-care visit in four weeks to tell the length of", reference="NICE NG21, home care: visits of half an hour or more"),
    Predictor("home_care_weeks_without_visit_1y", Kind.COUNT, facts("home_care_week", visits_made=0), DOMAIN,
              "weeks of the last year in which no home carer came: {n}", 365, says_none="no week told of in which no home carer came",
              actionable=True, reference=CONTINUITY),
)  # fmt: skip
