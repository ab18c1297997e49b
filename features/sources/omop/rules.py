"""Which rows of an OMOP table become which rows of the record: one declaration a rule, as SQL over a batch called ``r``.

``drops`` and ``refusals`` are tried in order; a row that none of them takes is offered. In SQL, ``p`` is the person, ``v`` the
row's own visit, ``s`` its place among the codes of a stay, ``c`` and ``o`` the standard concept and the source's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from features.sources.files import literal
from features.sources.omop.lookups import BORN, day, number, text
from features.sources.omop.settings import EMERGENCIES, STAYS, Settings

_SEX = "CASE r.gender_concept_id::BIGINT WHEN 8507 THEN 'male' WHEN 8532 THEN 'female' WHEN 8521 THEN 'indeterminate' ELSE 'unknown' END"
_VISIT = "LEFT JOIN visit v ON v.visit_occurrence_id = CAST(r.visit_occurrence_id AS VARCHAR)"
_STAY = "LEFT JOIN stay_code s ON s.condition_occurrence_id = CAST(r.condition_occurrence_id AS VARCHAR)"


@dataclass(frozen=True)
class Rule:
    """Rows of the OMOP table ``of`` into ``table``. ``on`` is the day whose sense is checked: it must read, and not lie
    before the person was born. ``source`` is the column with the source's own code."""

    name: str
    of: str
    table: str
    on: str
    known: str
    columns: Mapping[str, str]
    drops: tuple[tuple[str, str], ...] = ()
    refusals: tuple[tuple[str, str, str], ...] = ()
    joins: str = ""
    source: str = ""
    keyed: str = ""

    def sql(self, lag: int) -> str:
        """The SELECT: ``source_row``, what became of the row, and the native columns but ``feed``."""
        checks = (
            ("person_id", "person_not_in_person_table", "p.person_id IS NULL"),
            *self.refusals,
            (self.on, "missing", f"{text(f'r.{self.on}')} IS NULL"),
            (self.on, "not_a_date", f"{day(f'r.{self.on}')} IS NULL"),
            (self.on, "before_birth", f"{day(f'r.{self.on}')} < p.born"),
        )
        if self.of == "person":
            checks = self.refusals
        drops = " ".join(f"WHEN {test} THEN {literal(name)}" for name, test in self.drops)
        told = {
            "its_drop": f"CASE {drops} END" if drops else "NULL",
            "its_field": f"CASE {' '.join(f'WHEN {test} THEN {literal(field)}' for field, _, test in checks)} END",
            "its_reason": f"CASE {' '.join(f'WHEN {test} THEN {literal(reason)}' for _, reason, test in checks)} END",
            "its_value": f"CASE {' '.join(f'WHEN {test} THEN CAST(r.{field} AS VARCHAR)' for field, _, test in checks)} END",
        }
        native = {
            "local_id": text("r.person_id"),
            **({"row_key": key(self.of, f"r.{self.keyed}")} if self.keyed else {}),
            "known_at": f"({self.known}) + {lag}",
            **self.columns,
        }
        chosen = ", ".join([*(f"CAST({sql} AS VARCHAR) AS {name}" for name, sql in told.items()),
                            *(f"{sql} AS {name}" for name, sql in native.items())])  # fmt: skip
        return f"SELECT r.source_row, {chosen} FROM rows r LEFT JOIN people p ON p.person_id = {text('r.person_id')} {self.joins}"


def _coded(source: str, source_concept: str, concept: str, own: bool = True) -> tuple[str, dict[str, str], str]:
    """Joins, columns and the test for no code at all: the standard concept's code, the source concept's, the source's ``own``
    where it is well formed, or the concept's number."""
    joins = (f"LEFT JOIN concept c ON c.concept_id = {number(f'r.{concept}')} "
             f"LEFT JOIN concept o ON o.concept_id = {number(f'r.{source_concept}')} "
             f"LEFT JOIN coded k ON k.value = {text(f'r.{source}') if own else 'NULL'}")  # fmt: skip
    by_number = f"CASE WHEN {number(f'r.{concept}')} > 0 THEN CAST({number(f'r.{concept}')} AS VARCHAR) END"
    system = f"CASE WHEN c.system IS NOT NULL THEN c.system WHEN o.system IS NOT NULL THEN o.system WHEN k.system IS NOT NULL THEN k.system WHEN {by_number} IS NOT NULL THEN 'omop' END"
    code = f"CASE WHEN c.system IS NOT NULL THEN c.code WHEN o.system IS NOT NULL THEN o.code WHEN k.system IS NOT NULL THEN k.value ELSE {by_number} END"
    return joins, {"system": system, "code": code}, f"({system}) IS NULL"


def rules(settings: Settings, practice: str, scheme: str, received: str) -> tuple[Rule, ...]:
    """Every rule, for a practice (its code and scheme) and the day of the extract (ISO)."""
    condition, condition_code, no_condition = _coded("condition_source_value", "condition_source_concept_id", "condition_concept_id")  # fmt: skip
    drug, drug_code, no_drug = _coded("drug_source_value", "drug_source_concept_id", "drug_concept_id", own=False)
    measured, measured_code, no_measured = _coded("measurement_source_value", "measurement_source_concept_id", "measurement_concept_id")  # fmt: skip
    start, end = day("r.visit_start_date"), day("r.visit_end_date")
    began, ended = day("r.observation_period_start_date"), day("r.observation_period_end_date")
    registered = {
        "practice": literal(practice),
        "practice_scheme": literal(scheme),
        "kind": "'regular'",
        "event_date": began,
    }
    stay = {"event_date": start, "patient_class": "'ordinary'", "admission_method": "v.method"}

    def of_visit(name: str, table: str, settings_: tuple[str, ...], columns: Mapping[str, str]) -> Rule:
        return Rule(name, "visit_occurrence", table, "visit_start_date", start, {"event_date": start, **columns},
                    (*_elsewhere(settings_),), joins=_VISIT, keyed="visit_occurrence_id")  # fmt: skip

    backwards = (("visit_end_date", "end_before_start", f"{end} < {start}"),)
    of_stay = {"drops": _elsewhere(STAYS), "refusals": backwards, "joins": _VISIT, "keyed": "visit_occurrence_id"}
    late = f"{day('r.death_date')} > coalesce(p.observed_to, DATE '{received}') + {settings.death_within_days}"
    position = "CASE WHEN s.position <= 24 THEN s.position END"
    return (
        Rule("people", "person", "person", "year_of_birth", "coalesce(p.observed_from, p.born)",
             {"birth_month": BORN.replace("year_of_birth", "r.year_of_birth").replace("month_of_birth", "r.month_of_birth").replace("birth_datetime", "r.birth_datetime"), "sex": _SEX},
             refusals=(("year_of_birth", "not_a_date", "p.born IS NULL"),
                       ("year_of_birth", "born_after_extract", f"p.born > DATE '{received}'")), keyed="person_id"),
        Rule("people_not_observed", "person", "registration", "year_of_birth", "p.born", registered_nowhere(registered),
             drops=(("has_observation_period", "p.observed_from IS NOT NULL"),),
             refusals=(("person_id", "no_observation_period", "true"),)),
        Rule("observation_began", "observation_period", "registration", "observation_period_start_date", began, registered,
             refusals=(("observation_period_end_date", "end_before_start", f"{ended} < {began}"),), keyed="observation_period_id"),
        Rule("observation_ended", "observation_period", "registration", "observation_period_start_date", ended,
             {**registered, "end_date": ended, "end_reason": "'other'"},
             drops=(("still_observed", f"coalesce({ended} >= DATE '{received}' - {settings.still_observed_days}, true)"),),
             refusals=(("observation_period_end_date", "end_before_start", f"{ended} < {began}"),), keyed="observation_period_id"),
        Rule("deaths", "death", "death", "death_date", day("r.death_date"), {"event_date": day("r.death_date")},
             refusals=(("death_date", "death_long_after_observation", late),), keyed="person_id"),
        Rule("stays_began", "visit_occurrence", "spell", "visit_start_date", start,
             {**stay, "end_date": "NULL::DATE"}, **of_stay),  # type: ignore[arg-type]
        Rule("stays_ended", "visit_occurrence", "spell", "visit_start_date", end, {**stay, "end_date": end},
             **{**of_stay, "drops": (*_elsewhere(STAYS), ("not_ended", f"{end} IS NULL"))}),  # type: ignore[arg-type]
        of_visit("emergencies", "ed_attendance", EMERGENCIES,
                 {"disposal": "CASE WHEN v.setting = 'emergency_inpatient' THEN 'admitted' END"}),
        of_visit("outpatients", "outpatient", ("outpatient",), {"status": "'attended'"}),
        of_visit("contacts", "gp_contact", ("gp",), {"mode": "v.mode", "status": "'attended'"}),
        of_visit("ambulances", "ambulance", ("ambulance",), {"service": "'999'"}),
        Rule("conditions", "condition_occurrence", "gp_event", "condition_start_date", day("r.condition_start_date"),
             {"event_date": day("r.condition_start_date"), **condition_code},
             drops=(("of_a_stay", "s.position IS NOT NULL"),),
             refusals=(("condition_concept_id", "no_code", no_condition),),
             joins=f"{_STAY} {condition}", source="condition_source_value", keyed="condition_occurrence_id"),
        Rule("diagnoses", "condition_occurrence", "diagnosis", "condition_start_date", "s.told",
             {"spell_key": key("visit_occurrence", "s.visit_occurrence_id"), "event_date": "s.began", "position": position, **condition_code},
             drops=(("not_of_a_stay", "s.position IS NULL"), ("beyond_24_diagnoses", "s.position > 24")),
             refusals=(("condition_concept_id", "no_code", no_condition),),
             joins=f"{_STAY} {condition}", source="condition_source_value", keyed="condition_occurrence_id"),
        Rule("drugs", "drug_exposure", "prescription", "drug_exposure_start_date", day("r.drug_exposure_start_date"),
             {"event_date": day("r.drug_exposure_start_date"), **drug_code,
              "quantity": _positive("quantity"), "days": _positive("days_supply")},
             refusals=(("drug_concept_id", "not_a_drug", "coalesce(c.domain, o.domain) <> 'Drug'"),
                       ("drug_concept_id", "no_code", no_drug)),
             joins=drug, source="drug_source_value", keyed="drug_exposure_id"),
        Rule("measurements", "measurement", "gp_event", "measurement_date", day("r.measurement_date"),
             {"event_date": day("r.measurement_date"), **measured_code,
              "value": f"try_cast({text('r.value_as_number')} AS DOUBLE)", "unit": f"coalesce({text('r.unit_source_value')}, u.code)"},
             refusals=(("measurement_concept_id", "no_code", no_measured),),
             joins=f"{measured} LEFT JOIN concept u ON u.concept_id = {number('r.unit_concept_id')}",
             source="measurement_source_value", keyed="measurement_id"),
    )  # fmt: skip


def key(table: str, column: str) -> str:
    """SQL of a row's key: OMOP's own numbers mean something within their table alone."""
    return f"{literal(table + '/')} || {text(column)}"


def registered_nowhere(registered: Mapping[str, str]) -> dict[str, str]:
    """The columns of a registration that is never made: every row of its rule is dropped or refused."""
    return {**registered, "event_date": "p.observed_from"}


def _elsewhere(settings: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    among = ", ".join(literal(one) for one in settings)
    return (("visit_concept_not_used", "v.setting IS NULL"), ("other_setting", f"v.setting NOT IN ({among})"))


def _positive(column: str) -> str:
    """A number; 0 stands for not recorded."""
    held = f"try_cast({text(f'r.{column}')} AS DOUBLE)"
    return f"CASE WHEN {held} > 0 THEN {held} END"
