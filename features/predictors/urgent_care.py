"""Emergency departments, 999 and 111."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "urgent care"
ED = facts("ed_attendance")

PREDICTORS = (
    Predictor("ed_attendances_90d", Kind.COUNT, ED, DOMAIN, "A&E attendances in the last 90 days: {n}", 90,
              says_none="no A&E attendance in the last 90 days", actionable=True),
    Predictor("ed_attendances_1y", Kind.COUNT, ED, DOMAIN, "A&E attendances in the last year: {n}", 365,
              says_none="no A&E attendance in the last year", actionable=True),
    Predictor("ed_attendances_2y", Kind.COUNT, ED, DOMAIN, "A&E attendances in the last two years: {n}", 730,
              says_none="no A&E attendance in two years"),
    Predictor("days_since_ed", Kind.DAYS_SINCE_LAST, ED, DOMAIN, "{n} days since the last A&E attendance",
              says_absent="no A&E attendance on record"),
    Predictor("ed_by_ambulance_1y", Kind.COUNT, facts("ed_attendance", arrival_mode="ambulance"), DOMAIN,
              "A&E attendances by ambulance in the last year: {n}", 365,
              says_none="no A&E attendance by ambulance in the last year"),
    Predictor("calls_999_1y", Kind.COUNT, facts("ambulance", service="999"), DOMAIN, "999 calls in the last year: {n}", 365,
              says_none="no 999 call in the last year", actionable=True),
    Predictor("calls_111_1y", Kind.COUNT, facts("ambulance", service="111"), DOMAIN, "111 calls in the last year: {n}", 365,
              says_none="no 111 call in the last year"),
    Predictor("calls_for_falls_1y", Kind.COUNT, facts("ambulance", complaint="fall"), DOMAIN,
              "ambulance calls for a fall in the last year: {n}", 365,
              says_none="no ambulance call for a fall in the last year", actionable=True),
)  # fmt: skip
