"""What rows of one OMOP table need to know of others: whose they are, which visit they belong to, and what a concept means."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import duckdb

from features.coding import LOINC, SNOMED
from features.sources.files import literal, quoted
from features.sources.omop.cdm import Found
from features.sources.omop.settings import EMERGENCIES, STAYS, Settings, visit_concepts

#: Coding system of the record for each vocabulary of OMOP.
SYSTEM_OF = {
    "SNOMED": "snomed",
    "LOINC": "loinc",
    "RxNorm": "rxnorm",
    "dm+d": "dmd",
    "ICD10": "icd10",
    "ICD9CM": "icd9cm",
}
#: Settings of visits that make rows of each table.
TABLES_OF_VISITS = {"spell": STAYS, "ed_attendance": EMERGENCIES, "outpatient": ("outpatient",), "gp_contact": ("gp",),
                    "ambulance": ("ambulance",)}  # fmt: skip
#: Emergency admission by way of an emergency department, and by other means (NHS Data Dictionary, admission method).
BY_DEPARTMENT, BY_OTHER_MEANS = "21", "28"


def day(column: str) -> str:
    """SQL of a date or timestamp column, or of text that begins with an ISO date, as a date."""
    return f"try_cast(left(CAST({column} AS VARCHAR), 10) AS DATE)"


def text(column: str) -> str:
    """SQL of a column as text; blank is null."""
    return f"nullif(trim(CAST({column} AS VARCHAR)), '')"


def number(column: str) -> str:
    return f"try_cast({text(column)} AS BIGINT)"


class Lookups:
    """Tables ``people``, ``visit``, ``stay_code`` and ``concept`` in a connection. ``received`` is the day of the extract."""

    def __init__(self, found: Mapping[str, Found], settings: Settings) -> None:
        self.connection = duckdb.connect()
        self._found, self._settings = found, settings
        self._systems: dict[str, str | None] = {}
        self._load("person", "person_raw", "person_id", "year_of_birth", "month_of_birth", "birth_datetime")
        self._load("observation_period", "observed", "person_id", "observation_period_start_date", "observation_period_end_date")  # fmt: skip
        self._load("visit_occurrence", "visit_raw", "visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date", "visit_source_value", "admitted_from_source_value", "admitting_source_value")  # fmt: skip
        self._load("condition_occurrence", "condition_raw", "condition_occurrence_id", "visit_occurrence_id")
        self._load("death", "death_raw", "person_id", "death_date")
        self._load("concept", "concept_raw", "concept_id", "vocabulary_id", "concept_code", "domain_id")
        self.received = settings.received or self._day_after_the_newest()
        self._make()

    def systems_of(self, values: list[str | None]) -> None:
        """Table ``coded``: the coding system of each of ``values`` that reads as a code of one."""
        for value in values:
            if value is not None and value not in self._systems:
                of = (system.name for system in (SNOMED, LOINC) if system.well_formed(value))
                self._systems[value] = next(of, None)
        rows = [(value, self._systems[value]) for value in dict.fromkeys(values) if value and self._systems[value]]
        self.connection.execute("CREATE OR REPLACE TEMP TABLE coded (value VARCHAR, system VARCHAR)")
        if rows:
            self.connection.executemany("INSERT INTO coded VALUES (?, ?)", rows)

    def fed(self) -> set[str]:
        """Tables of the record, of those that visits and deaths make, for which the extract has something. Of the others it
        says nothing, which is not the same as that nothing happened."""
        run = self.connection.execute
        settings = {row[0] for row in run("SELECT DISTINCT setting FROM visit WHERE setting IS NOT NULL").fetchall()}
        made = {table for table, of in TABLES_OF_VISITS.items() if settings & set(of)}
        ((codes,),) = run("SELECT count(*) FROM stay_code").fetchall()
        late = self._settings.death_within_days
        ((deaths,),) = run(
            f"SELECT count(*) FROM death_raw JOIN people USING (person_id) "
            f"WHERE {day('death_date')} <= coalesce(observed_to, DATE '{self.received}') + {late}"
        ).fetchall()
        return made | ({"diagnosis"} if codes else set()) | ({"death"} if deaths else set())

    def _load(self, table: str, into: str, *columns: str) -> None:
        """The named columns of an OMOP table as text, empty where the extract has none."""
        self.connection.execute(f"CREATE TABLE {into} ({', '.join(f'{name} VARCHAR' for name in columns)})")
        if table not in self._found:
            return
        held = self._found[table]
        chosen = [f"{text(quoted(held.columns[name]))}" if name in held.columns else "NULL" for name in columns]
        for rows in held.file.batches():
            self.connection.register("rows", rows.frame)
            self.connection.execute(f"INSERT INTO {into} SELECT {', '.join(chosen)} FROM rows")
            self.connection.unregister("rows")

    def _day_after_the_newest(self) -> date:
        ((newest,),) = self.connection.execute(
            f"""SELECT max(d) FROM (
                SELECT {day("observation_period_end_date")} AS d FROM observed UNION ALL
                SELECT {day("visit_start_date")} FROM visit_raw UNION ALL SELECT {day("visit_end_date")} FROM visit_raw)"""
        ).fetchall()
        return newest + timedelta(days=1) if newest else date(1970, 1, 1)

    def _make(self) -> None:
        run = self.connection.execute
        # A month of birth that is not recorded is taken to be July: at most half a year off.
        run(f"""CREATE TABLE people AS
            SELECT person_id, any_value(born) AS born, min({day("observation_period_start_date")}) AS observed_from,
                max({day("observation_period_end_date")}) AS observed_to
            FROM (SELECT person_id, {BORN} AS born FROM person_raw) LEFT JOIN observed USING (person_id)
            GROUP BY person_id""")
        settings = ", ".join(f"({concept}, {literal(setting)}, {literal(visit_concepts().get(concept, ('', 'other'))[1])})"
                             for concept, setting in self._settings.setting_of.items())  # fmt: skip
        run(f"CREATE TABLE setting AS SELECT * FROM (VALUES {settings}) AS s(concept_id, setting, mode)")
        words = ("visit_source_value", "admitted_from_source_value", "admitting_source_value")
        said = " OR ".join(f"contains(lower(coalesce({name}, '')), {literal(word.lower())})"
                           for name in words for word in self._settings.emergency_source_values) or "false"  # fmt: skip
        run(f"""CREATE TABLE visit_plain AS
            SELECT visit_occurrence_id, person_id, setting, mode, {day("visit_start_date")} AS began,
                {day("visit_end_date")} AS ended, ({said}) AS says_emergency
            FROM visit_raw LEFT JOIN setting ON concept_id = {number("visit_concept_id")}""")
        run(f"""CREATE TABLE visit AS
            SELECT v.* EXCLUDE (says_emergency), CASE
                WHEN setting = 'emergency_inpatient' OR came.person_id IS NOT NULL THEN '{BY_DEPARTMENT}'
                WHEN says_emergency THEN '{BY_OTHER_MEANS}' END AS method
            FROM visit_plain v LEFT JOIN (
                SELECT DISTINCT s.visit_occurrence_id, s.person_id FROM visit_plain s JOIN visit_plain e
                    ON e.person_id = s.person_id AND e.setting = 'emergency' AND e.began BETWEEN s.began - 1 AND s.began
                WHERE s.setting = 'inpatient') came USING (visit_occurrence_id)""")
        run(f"""CREATE TABLE stay_code AS
            SELECT condition_occurrence_id, visit_occurrence_id, v.began, coalesce(v.ended, v.began) AS told,
                row_number() OVER (PARTITION BY visit_occurrence_id ORDER BY {number("condition_occurrence_id")}) AS position
            FROM condition_raw JOIN visit v USING (visit_occurrence_id) WHERE v.setting IN {STAYS}""")
        systems = " ".join(f"WHEN {literal(name)} THEN {literal(system)}" for name, system in SYSTEM_OF.items())
        run(f"""CREATE TABLE concept AS
            SELECT {number("concept_id")} AS concept_id, concept_code AS code, CASE vocabulary_id {systems} END AS system,
                domain_id AS domain, vocabulary_id AS vocabulary
            FROM concept_raw WHERE {number("concept_id")} > 0""")
        for raw in ("person_raw", "visit_raw", "visit_plain", "condition_raw", "concept_raw"):
            run(f"DROP TABLE {raw}")


BORN = (
    f"try_cast(printf('%s-%02d-01', {text('year_of_birth')}, coalesce({number('month_of_birth')}, "
    f"month({day('birth_datetime')}), 7)) AS DATE)"
)
