"""Contacts with general practice, and what the practice recorded beside diagnoses."""

from __future__ import annotations

from features.engine.language import Kind, Predictor, facts

DOMAIN = "general practice"
EFI = "Clegg and others 2016, electronic frailty index, 10.1093/ageing/afw039"

PREDICTORS = (
    Predictor("gp_contacts_90d", Kind.COUNT, facts("gp_contact", status="attended"), DOMAIN,
              "contacts with the practice in the last 90 days: {n}", 90,
              says_none="no contact with the practice in the last 90 days"),
    Predictor("gp_contacts_1y", Kind.COUNT, facts("gp_contact", status="attended"), DOMAIN,
              "contacts with the practice in the last year: {n}", 365,
              says_none="no contact with the practice in the last year"),
    Predictor("days_since_gp_contact", Kind.DAYS_SINCE_LAST, facts("gp_contact", status="attended"), DOMAIN,
              "{n} days since the last contact with the practice", says_absent="no contact with the practice on record"),
    Predictor("days_since_registration", Kind.DAYS_SINCE_LAST, facts("registration", kind="regular"), DOMAIN,
              "registered with the practice {n} days ago", says_absent="day of registration not recorded"),
    Predictor("home_visits_1y", Kind.COUNT, facts("gp_contact", mode="home_visit"), DOMAIN,
              "home visits in the last year: {n}", 365, says_none="no home visit in the last year"),
    Predictor("gp_missed_1y", Kind.COUNT, facts("gp_contact", status="did_not_attend"), DOMAIN,
              "practice appointments missed in the last year: {n}", 365,
              says_none="no practice appointment missed in the last year", actionable=True),
    Predictor("falls_2y", Kind.COUNT, facts("gp_event", codes="findings_snomed:fall"), DOMAIN,
              "falls recorded by the practice in two years: {n}", 730, says_none="no fall recorded in two years",
              actionable=True, reference=EFI),
    Predictor("infections_1y", Kind.COUNT, facts("gp_event", codes="findings_snomed:infection"), DOMAIN,
              "infections recorded by the practice in the last year: {n}", 365,
              says_none="no infection recorded in the last year", actionable=True,
              reference="infections that the NHS Outcomes Framework counts among avoidable causes of admission"),
    Predictor("frailty_findings_2y", Kind.DISTINCT, facts("gp_event", codes="findings_snomed", distinct="code"), DOMAIN,
              "different symptoms of frailty recorded in two years: {n}", 730,
              says_none="no symptom of frailty recorded in two years", reference=EFI),
    Predictor("housebound", Kind.ANY, facts("gp_event", codes="findings_snomed:housebound"), DOMAIN, "recorded as housebound",
              says_none="not recorded as housebound", actionable=True, reference=EFI),
    Predictor("frailty_moderate_or_severe", Kind.ANY, facts("gp_event", code=("925831000000107", "925861000000102")), DOMAIN,
              "moderate or severe frailty diagnosed", says_none="no diagnosis of moderate or severe frailty",
              actionable=True, reference="GP contract 2017/18, frailty identification"),
    Predictor("different_codes_1y", Kind.DISTINCT, facts("gp_event", distinct="code"), DOMAIN,
              "different things recorded by the practice in the last year: {n}", 365,
              says_none="nothing recorded by the practice in the last year"),
)  # fmt: skip
