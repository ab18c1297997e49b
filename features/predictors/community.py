"""Community health teams, whose caseload a person is on, and scored assessments."""

from __future__ import annotations

from features.engine.language import Declared, Derived, Kind, Op, Predictor, facts

DOMAIN = "community care"
SEEN = facts("community_contact", status="attended")
EFI = "Clegg and others 2016, electronic frailty index, 10.1093/ageing/afw039"
CFS = "Rockwood and others 2005, 10.1503/cmaj.050051"
NEWS2 = "National Early Warning Score 2, Royal College of Physicians 2017"
CGA = "British Geriatrics Society, comprehensive geriatric assessment"
BARTHEL = "Mahoney and Barthel 1965, Maryland State Medical Journal 14:61"
#: Kinds of team in words.
TEAMS = {"district_nursing": "district nursing", "community_matron": "a community matron", "rehabilitation": "rehabilitation",
         "falls": "the falls service", "rapid_response": "rapid response", "palliative": "the palliative care team",
         "mental_health": "a mental health team", "virtual_ward": "a virtual ward"}  # fmt: skip
WORDS = {90: ("90d", "90 days"), 365: ("1y", "year")}


def _contacts(team: str, within: int = 365) -> Predictor:
    suffix, lapse = WORDS[within]
    return Predictor(f"{team}_contacts_{suffix}", Kind.COUNT, facts("community_contact", team=team, status="attended"), DOMAIN,
                     f"contacts with {TEAMS[team]} in the last {lapse}: {{n}}", within,
                     says_none=f"no contact with {TEAMS[team]} in the last {lapse}")  # fmt: skip


def _since(team: str) -> Predictor:
    return Predictor(f"days_since_{team}", Kind.DAYS_SINCE_LAST, facts("community_contact", team=team, status="attended"), DOMAIN,
                     f"{{n}} days since the last contact with {TEAMS[team]}", says_absent=f"no contact with {TEAMS[team]} on record")  # fmt: skip


def _caseload(team: str) -> Predictor:
    return Predictor(f"on_{team}_caseload", Kind.OPEN, facts("caseload", team=team), DOMAIN, f"on the caseload of {TEAMS[team]}",
                     says_none=f"not on the caseload of {TEAMS[team]}")  # fmt: skip


def _latest(tool: str, words: str, within: int, when: str, reference: str, name: str = "") -> Predictor:
    return Predictor(f"latest_{tool}", Kind.LATEST, facts("assessment", tool=tool, value="score"), DOMAIN, words, within,
                     says_absent=f"no {name} in {when}", reference=reference)  # fmt: skip


def _recorded(name: str, tool: str | tuple[str, ...], words: str, within: int, when: str, reference: str, actionable: bool = True) -> Predictor:  # fmt: skip
    return Predictor(name, Kind.ANY, facts("assessment", tool=tool), DOMAIN, f"{words} in {when}", within,
                     says_none=f"no {words} in {when}", actionable=actionable, reference=reference)  # fmt: skip


def _half(ago: int) -> Predictor:
    when = "the half-year before" if ago else "half a year"
    return Predictor(f"community_half_year{'_before' if ago else ''}", Kind.COUNT, SEEN, DOMAIN,
                     f"contacts with community teams in {when}: {{n}}", 182 + ago, ago=ago,
                     says_none=f"no contact with community teams in {when}")  # fmt: skip


PREDICTORS: tuple[Declared, ...] = (
    *(_contacts(team) for team in TEAMS),
    _contacts("district_nursing", 90),
    *(_since(team) for team in ("district_nursing", "rehabilitation")),
    Predictor("community_contacts_90d", Kind.COUNT, SEEN, DOMAIN,
              "contacts with community teams in the last 90 days: {n}", 90,
              says_none="no contact with community teams in the last 90 days"),
    Predictor("community_contacts_1y", Kind.COUNT, SEEN, DOMAIN, "contacts with community teams in the last year: {n}", 365,
              says_none="no contact with community teams in the last year"),
    Derived("change_in_community_contacts", Op.DIFFERENCE, (_half(0), _half(182)), DOMAIN,
            "contacts with community teams in the last half-year, over those of the half-year before: {n}",
            says_none="as many contacts with community teams as in the half-year before"),
    Predictor("community_teams_1y", Kind.DISTINCT, facts("community_contact", status="attended", distinct="team"), DOMAIN,
              "kinds of community team seen in the last year: {n}", 365, says_none="no community team seen in the last year"),
    Predictor("community_missed_1y", Kind.COUNT, facts("community_contact", status="did_not_attend"), DOMAIN,
              "community appointments missed in the last year: {n}", 365, says_none="no community appointment missed in the last year",
              actionable=True),
    Predictor("caseloads_open", Kind.OPEN, facts("caseload"), DOMAIN, "caseloads of community teams that the person is on: {n}",
              says_none="on no community team's caseload"),
    _caseload("district_nursing"),
    Predictor("caseload_days_1y", Kind.DAYS, facts("caseload"), DOMAIN, "days on community teams' caseloads in the last year: {n}", 365,
              says_none="no day on a community team's caseload in the last year"),
    _latest("efi", "recorded electronic frailty index {n:.2f}", 730, "two years", "10.1093/ageing/afw039", "electronic frailty index"),
    _latest("cfs", "Clinical Frailty Scale {n}", 730, "two years", CFS, "Clinical Frailty Scale"),
    _latest("news2", "last NEWS2 {n}", 365, "the last year", NEWS2, "NEWS2"),
    Predictor("highest_news2_1y", Kind.GREATEST, facts("assessment", tool="news2", value="score"), DOMAIN,
              "highest NEWS2 in the last year: {n}", 365, says_absent="no NEWS2 recorded for a year", reference=NEWS2),
    _latest("barthel", "Barthel index {n} of 20", 730, "two years", BARTHEL, "Barthel index"),
    _latest("falls_form", "falls risk score {n}", 1095, "three years", "falls form as the council sends it", "falls risk score"),
    _recorded("frailty_scored_1y", ("efi", "cfs"), "electronic frailty index or Clinical Frailty Scale", 365, "the last year", f"{EFI}; {CFS}"),
    _recorded("comprehensive_assessment_2y", "cga", "comprehensive geriatric assessment", 730, "two years", CGA),
    _recorded("falls_assessed_2y", "falls_form", "falls assessment", 730, "two years", "NICE NG249, falls: assessment"),
)  # fmt: skip
