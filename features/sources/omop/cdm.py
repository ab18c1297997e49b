"""The tables of the OMOP common data model (5.3 and 5.4) that are looked for, and where an extract holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.sources.contract import Fault
from features.sources.files import DatabaseTable, DataFile, nearest

#: Tables that are read into the record, with the columns that must be there.
USED: dict[str, tuple[str, ...]] = {
    "person": ("person_id", "gender_concept_id", "year_of_birth"),
    "observation_period": ("observation_period_id", "person_id", "observation_period_start_date",
                           "observation_period_end_date"),
    "death": ("person_id", "death_date"),
    "visit_occurrence": ("visit_occurrence_id", "person_id", "visit_concept_id", "visit_start_date", "visit_end_date"),
    "condition_occurrence": ("condition_occurrence_id", "person_id", "condition_concept_id", "condition_start_date"),
    "drug_exposure": ("drug_exposure_id", "person_id", "drug_concept_id", "drug_exposure_start_date"),
    "measurement": ("measurement_id", "person_id", "measurement_concept_id", "measurement_date"),
}  # fmt: skip
#: Of those, the ones without which there is no cohort.
REQUIRED = ("person", "observation_period")
#: Columns that may be there, and read as empty where they are not (they differ between versions of the model).
MAYBE: dict[str, tuple[str, ...]] = {
    "person": ("month_of_birth", "birth_datetime"),
    "visit_occurrence": ("visit_source_value", "admitted_from_source_value", "admitting_source_value"),
    "condition_occurrence": ("condition_source_value", "condition_source_concept_id", "visit_occurrence_id"),
    "drug_exposure": ("drug_source_value", "drug_source_concept_id", "quantity", "days_supply"),
    "measurement": ("measurement_source_value", "measurement_source_concept_id", "value_as_number",
                    "unit_source_value", "unit_concept_id"),
}  # fmt: skip
#: Tables of words, not of people; ``concept`` is read to find codes.
VOCABULARY = ("concept", "concept_ancestor", "concept_class", "concept_relationship", "concept_synonym", "domain",
              "drug_strength", "relationship", "source_to_concept_map", "vocabulary")  # fmt: skip
#: Tables that are counted and otherwise not used, with the record's table that what they hold would be nearest to.
NOT_USED: dict[str, str] = {
    "observation": "gp_event", "procedure_occurrence": "gp_event", "device_exposure": "gp_event",
    "specimen": "gp_event", "note": "gp_event", "note_nlp": "gp_event", "survey_conduct": "gp_event",
    "condition_era": "gp_event", "drug_era": "prescription", "dose_era": "prescription", "visit_detail": "spell",
    "episode": "gp_event", "episode_event": "gp_event", "fact_relationship": "gp_event", "cost": "spell",
    "payer_plan_period": "registration", "location": "residence", "care_site": "registration",
    "provider": "registration", "cohort": "registration", "cohort_definition": "registration",
    "cdm_source": "registration", "metadata": "registration", **dict.fromkeys(VOCABULARY, "gp_event"),
}  # fmt: skip
_DATABASES = (".duckdb", ".db")


@dataclass(frozen=True)
class Found:
    """A table of the extract. ``columns`` gives the name that it uses for each column, by the model's own name."""

    name: str
    file: DataFile | DatabaseTable

    @property
    def columns(self) -> Mapping[str, str]:
        return {held.strip().lower(): held for held in self.file.columns}


def find(path: Path) -> tuple[dict[str, Found], list[Fault]]:
    """The model's tables in a folder of CSV or Parquet files named by table, in any case, or in a DuckDB file; and what
    there is beside them that is none."""
    if path.is_file():
        return _in_database(path)
    found: dict[str, Found] = {}
    faults = []
    known = (*USED, *NOT_USED)
    for one in sorted(path.rglob("*")):
        if not one.is_file() or not one.name.lower().endswith((".csv", ".csv.gz", ".parquet")):
            continue
        name = one.name.lower().split(".")[0]
        if name not in known:
            faults.append(Fault(one.name, "", f"a file named after a table of the OMOP model{nearest(name, known)}", "another name", "rename it or take it out"))  # fmt: skip
        elif name in found:
            faults.append(Fault(one.name, "", "one file a table", f"{found[name].file.name} as well", "take one of them out"))  # fmt: skip
        else:
            found[name] = Found(name, DataFile(one, one.relative_to(path).as_posix()))
    return found, faults


def faults_of(path: Path, found: Mapping[str, Found]) -> list[Fault]:
    """Tables and columns that are missing, and files that cannot be read."""
    if not path.exists():
        return [Fault(path.name, "", "a folder of OMOP tables, or a DuckDB file", "nothing", "check the path")]
    faults = [
        Fault(path.name, name, f"the table {name}", "none of that name", "give it as CSV or Parquet, or in the database")
        for name in REQUIRED if name not in found
    ]  # fmt: skip
    for name, table in found.items():
        fault = table.file.fault()
        if fault:
            faults.append(fault)
            continue
        for column in USED.get(name, ()):
            if column not in table.columns:
                faults.append(Fault(table.file.name, f"column {column}", f"a column of that name{nearest(column, table.columns)}", "none", f"{name} must have {', '.join(USED[name])}"))  # fmt: skip
    if not faults and not found["person"].file.rows:
        faults.append(Fault(found["person"].file.name, "", "rows", "none", "check that the extract is whole"))
    return faults


def _in_database(path: Path) -> tuple[dict[str, Found], list[Fault]]:
    expected = f"a DuckDB file ({' or '.join(_DATABASES)})"
    try:
        with duckdb.connect(str(path), read_only=True) as held:
            names = [row[0] for row in held.execute("SELECT DISTINCT table_name FROM information_schema.tables").fetchall()]  # fmt: skip
    except duckdb.Error:
        return {}, [Fault(path.name, "", expected, "something that cannot be opened as one", "give a folder, or a database that no other program has open")]  # fmt: skip
    known = (*USED, *NOT_USED)
    tables = {name.lower(): DatabaseTable(path, name, f"{path.name}/{name}") for name in sorted(names)}
    return {name: Found(name, table) for name, table in tables.items() if name in known}, []
