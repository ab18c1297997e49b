"""Outpatient appointments: kept, missed, cancelled, and with how many specialties."""

from __future__ import annotations

from features.engine.language import Declared, Derived, Facts, Kind, Op, Predictor, facts

DOMAIN = "hospital use"
KEPT = facts("outpatient", status="attended")
MISSED = facts("outpatient", status="did_not_attend")
WORDS = {90: ("90d", "90 days"), 365: ("1y", "year"), 730: ("2y", "two years")}


def _count(name: str, of: Facts, within: int, words: str, none: str, actionable: bool = False) -> Predictor:
    suffix, lapse = WORDS[within]
    return Predictor(f"{name}_{suffix}", Kind.COUNT, of, DOMAIN, f"{words} in the last {lapse}: {{n}}", within,
                     says_none=f"no {none} in the last {lapse}", actionable=actionable)  # fmt: skip


def _kept(within: int) -> Predictor:
    return _count("outpatients_attended", KEPT, within, "outpatient appointments attended", "outpatient appointment attended")  # fmt: skip


def _missed(within: int) -> Predictor:
    return _count("outpatients_missed", MISSED, within, "outpatient appointments missed", "outpatient appointment missed", True)  # fmt: skip


ATTENDED, ABSENT = _kept(730), _missed(730)
DUE = Derived("outpatients_due_2y", Op.SUM, (ATTENDED, ABSENT), DOMAIN, "outpatient appointments kept or missed in two years: {n}",
              says_none="no outpatient appointment in two years")  # fmt: skip
HALF = Predictor("outpatients_half_year", Kind.COUNT, KEPT, DOMAIN, "outpatient appointments in half a year: {n}", 182,
                 says_none="no outpatient appointment in half a year")  # fmt: skip
HALF_BEFORE = Predictor("outpatients_half_year_before", Kind.COUNT, KEPT, DOMAIN, "outpatient appointments in the half-year before: {n}",
                        364, ago=182, says_none="no outpatient appointment in the half-year before")  # fmt: skip

PREDICTORS: tuple[Declared, ...] = (
    _kept(90),
    _kept(365),
    _missed(365),
    Derived("share_of_outpatients_missed_2y", Op.RATIO, (ABSENT, DUE), DOMAIN, "{n:.2f} of outpatient appointments missed in two years",
            says_none="no outpatient appointment missed in two years, of those due", says_absent="no outpatient appointment due in two years",
            actionable=True),
    _count("outpatients_first", facts("outpatient", status="attended", first=True), 365, "first outpatient appointments",
           "first outpatient appointment"),
    _count("outpatients_follow_up", facts("outpatient", status="attended", first=False), 365, "follow-up outpatient appointments",
           "follow-up outpatient appointment"),
    _count("outpatients_cancelled_by_patient", facts("outpatient", status="cancelled_by_patient"), 365,
           "outpatient appointments that the patient cancelled", "outpatient appointment that the patient cancelled", True),
    _count("outpatients_cancelled_by_hospital", facts("outpatient", status="cancelled_by_provider"), 365,
           "outpatient appointments that the hospital cancelled", "outpatient appointment that the hospital cancelled", True),
    Predictor("outpatient_specialties_1y", Kind.DISTINCT, facts("outpatient", status="attended", distinct="specialty"), DOMAIN,
              "outpatient specialties seen in the last year: {n}", 365, says_none="no outpatient specialty seen in the last year"),
    Predictor("days_since_outpatient", Kind.DAYS_SINCE_LAST, KEPT, DOMAIN, "{n} days since the last outpatient appointment",
              says_absent="no outpatient appointment on record"),
    Derived("change_in_outpatients", Op.DIFFERENCE, (HALF, HALF_BEFORE), DOMAIN,
            "outpatient appointments in the last half-year, over those of the half-year before: {n}",
            says_none="as many outpatient appointments as in the half-year before"),
)  # fmt: skip
