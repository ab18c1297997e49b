"""Community health teams and scored assessments."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "community care"


def _contacts(team: str, words: str) -> Predictor:
    return Predictor(f"{team}_contacts_1y", Kind.COUNT, facts("community_contact", team=team, status="attended"), DOMAIN,
                     f"contacts with {words} in the last year: {{n}}", 365,
                     says_none=f"no contact with {words} in the last year")  # fmt: skip


PREDICTORS = (
    _contacts("district_nursing", "district nursing"),
    _contacts("community_matron", "a community matron"),
    _contacts("rehabilitation", "rehabilitation"),
    _contacts("falls", "the falls service"),
    Predictor("community_contacts_90d", Kind.COUNT, facts("community_contact", status="attended"), DOMAIN,
              "contacts with community teams in the last 90 days: {n}", 90,
              says_none="no contact with community teams in the last 90 days"),
    Predictor("latest_efi", Kind.LATEST, facts("assessment", tool="efi", value="score"), DOMAIN,
              "electronic frailty index {n:.2f}", 730, says_absent="no electronic frailty index in two years",
              reference="10.1093/ageing/afw039"),
    Predictor("latest_cfs", Kind.LATEST, facts("assessment", tool="cfs", value="score"), DOMAIN,
              "Clinical Frailty Scale {n}", 730, says_absent="no Clinical Frailty Scale in two years",
              reference="Rockwood and others 2005, 10.1503/cmaj.050051"),
)  # fmt: skip
