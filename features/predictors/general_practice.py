"""Contacts with general practice, and what the practice recorded beside diagnoses."""

from __future__ import annotations

from features.engine.language import Declared, Derived, Facts, Kind, Op, Predictor, facts

DOMAIN = "general practice"
EFI = "Clegg and others 2016, electronic frailty index, 10.1093/ageing/afw039"
SEEN = facts("gp_contact", status="attended")
MISSED = facts("gp_contact", status="did_not_attend")
WORDS = {30: ("30d", "30 days"), 90: ("90d", "90 days"), 365: ("1y", "year")}


def _count(name: str, of: Facts, within: int, words: str, none: str, actionable: bool = False) -> Predictor:
    suffix, lapse = WORDS[within]
    return Predictor(f"{name}_{suffix}", Kind.COUNT, of, DOMAIN, f"{words} in the last {lapse}: {{n}}", within,
                     says_none=f"no {none} in the last {lapse}", actionable=actionable)  # fmt: skip


def _contacts(within: int) -> Predictor:
    return _count("gp_contacts", SEEN, within, "contacts with the practice", "contact with the practice")


def _mode(mode: str, words: str, none: str, within: int = 365) -> Predictor:
    return _count(f"gp_{mode}", facts("gp_contact", status="attended", mode=mode), within, words, none)


def _half(ago: int) -> Predictor:
    when = "the half-year before" if ago else "half a year"
    return Predictor(f"gp_half_year{'_before' if ago else ''}", Kind.COUNT, SEEN, DOMAIN, f"contacts with the practice in {when}: {{n}}",
                     182 + ago, ago=ago, says_none=f"no contact with the practice in {when}")  # fmt: skip


YEAR, ABSENT = _contacts(365), _count("gp_missed", MISSED, 365, "practice appointments missed", "practice appointment missed", True)  # fmt: skip
DUE = Derived("gp_due_1y", Op.SUM, (YEAR, ABSENT), DOMAIN, "practice appointments kept or missed: {n}",
              says_none="no practice appointment")  # fmt: skip
TELEPHONE = _mode("telephone", "telephone consultations", "telephone consultation")

PREDICTORS: tuple[Declared, ...] = (
    _contacts(30),
    _contacts(90),
    YEAR,
    Derived("change_in_gp_contacts", Op.DIFFERENCE, (_half(0), _half(182)), DOMAIN,
            "contacts with the practice in the last half-year, over those of the half-year before: {n}",
            says_none="as many contacts with the practice as in the half-year before"),
    Predictor("days_since_gp_contact", Kind.DAYS_SINCE_LAST, SEEN, DOMAIN,
              "{n} days since the last contact with the practice", says_absent="no contact with the practice on record"),
    _mode("face_to_face", "face-to-face consultations", "face-to-face consultation"),
    TELEPHONE,
    _mode("video", "video consultations", "video consultation"),
    _count("home_visits", facts("gp_contact", mode="home_visit"), 365, "home visits", "home visit"),
    ABSENT,
    Derived("share_of_gp_missed_1y", Op.RATIO, (ABSENT, DUE), DOMAIN, "{n:.2f} of practice appointments missed",
            says_none="no practice appointment missed, of those due", says_absent="no practice appointment due in the last year",
            actionable=True),
    _count("gp_cancelled", facts("gp_contact", status="cancelled"), 365, "practice appointments cancelled", "practice appointment cancelled"),
    Predictor("falls_2y", Kind.COUNT, facts("gp_event", codes="findings_snomed:fall"), DOMAIN,
              "falls recorded by the practice in two years: {n}", 730, says_none="no fall recorded in two years",
              actionable=True, reference=EFI),
    Predictor("infections_1y", Kind.COUNT, facts("gp_event", codes="findings_snomed:infection"), DOMAIN,
              "infections recorded by the practice in the last year: {n}", 365,
              says_none="no infection recorded in the last year", actionable=True,
              reference="infections that the NHS Outcomes Framework counts among avoidable causes of admission"),
    Predictor("frailty_findings_2y", Kind.DISTINCT, facts("gp_event", codes="findings_snomed", distinct="code"), DOMAIN,
              "different findings of the electronic frailty index recorded in two years: {n}", 730,
              says_none="no finding of the electronic frailty index recorded in two years", reference=EFI),
    Predictor("housebound", Kind.ANY, facts("gp_event", codes="findings_snomed:housebound"), DOMAIN, "recorded as housebound",
              says_none="not recorded as housebound", actionable=True, reference=EFI),
    Predictor("frailty_moderate_or_severe", Kind.ANY, facts("gp_event", code=("925831000000107", "925861000000102")), DOMAIN,
              "coded by the practice for the yearly review of falls and medicines", says_none="not coded for the yearly review of falls and medicines",
              actionable=True, reference="GP contract 2017/18, frailty identification"),
    Predictor("different_codes_1y", Kind.DISTINCT, facts("gp_event", distinct="code"), DOMAIN,
              "different things recorded by the practice in the last year: {n}", 365,
              says_none="nothing recorded by the practice in the last year"),
)  # fmt: skip
