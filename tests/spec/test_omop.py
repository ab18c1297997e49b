"""What rows of OMOP tables mean, and which of them are refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.errors import BadInput, WrongUsage
from features.sources import open_source
from tests.mapped_extracts import account, rows_of

TABLES = {
    "person": "person_id,gender_concept_id,year_of_birth,month_of_birth,birth_datetime\n"
    "1,8507,1940,3,\n2,8532,1950,,1950-05-02 00:00:00\n3,8532,2099,1,\n4,0,1960,,\n",
    "observation_period": "observation_period_id,person_id,observation_period_start_date,observation_period_end_date\n"
    "1,1,2015-01-01,2019-12-30\n2,2,2015-01-01,2017-06-30\n3,3,2015-01-01,2019-12-31\n",
    "visit_occurrence": "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_end_date,visit_source_value\n"
    "10,1,9201,2018-01-10,2018-01-15,EMERGENCY ward\n11,1,9201,2018-03-02,2018-03-04,\n12,1,9203,2018-03-01,2018-03-01,\n"
    "13,1,262,2018-05-01,2018-05-03,\n14,1,9201,2018-07-01,2018-07-02,\n15,1,9202,2018-08-01,2018-08-01,\n"
    "16,2,581476,2017-01-01,2017-01-01,\n17,1,42898160,2017-01-01,2017-02-01,\n18,9,9202,2018-08-01,2018-08-01,\n"
    "19,1,9202,1930-08-01,1930-08-01,\n20,1,9201,2018-09-09,2018-09-01,\n",
}
CONDITIONS = (
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_source_value,visit_occurrence_id\n"
    "1,1,316139,2018-01-10,84114007,10\n2,1,201826,2018-01-11,E11,10\n3,1,316139,2018-08-01,84114007,15\n4,1,0,2018-08-01,nonsense,\n"
)
CONCEPTS = (
    "concept_id,concept_name,domain_id,vocabulary_id,concept_code\n316139,x,Condition,SNOMED,84114007\n"
    "1539403,x,Drug,RxNorm,36567\n40213154,x,Drug,CVX,140\n"
)


def opened(folder: Path, upper: bool = False, mapping: Path | None = None, **more: str):
    folder.mkdir(exist_ok=True)
    for name, content in {**TABLES, **more}.items():
        (folder / f"{name.upper() if upper else name}.csv").write_text(content)
    return open_source("omop", folder, mapping, practice="B86022")


def by(rows: list[dict[str, Any]], key: str, value: str) -> dict[Any, Any]:
    return {row[key]: row[value] for row in rows}


def test_people(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop")
    rows = rows_of(source, "people")
    # no month: from the date of birth, else July
    assert [(row["local_id"], row["birth_month"], row["sex"]) for row in rows] == [
        ("1", date(1940, 3, 1), "male"), ("2", date(1950, 5, 1), "female"), ("4", date(1960, 7, 1), "unknown"),
    ]  # fmt: skip
    assert account(source, "people") == {"offered": 3, "born_after_extract": 1}
    assert account(source, "people_not_observed") == {"has_observation_period": 3, "no_observation_period": 1}
    assert source.about() == {"kind": "demonstration", "title": "4 people in OMOP tables"}


def test_an_observation_period_is_a_registration_whose_end_is_known_when_it_comes(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop")
    began, ended = rows_of(source, "observation_began"), rows_of(source, "observation_ended")
    assert [(row["local_id"], row["known_at"], row["practice"], row.get("end_date")) for row in began][:2] == [
        ("1", date(2015, 1, 1), "B86022", None), ("2", date(2015, 1, 1), "B86022", None),
    ]  # fmt: skip
    # the extract is of 1 January 2020: person 1 is observed within the year before, person 2 is not
    assert [(row["local_id"], row["known_at"], row["end_date"], row["row_key"]) for row in ended] == [
        ("2", date(2017, 6, 30), date(2017, 6, 30), began[1]["row_key"])
    ]


def test_stays_and_how_people_came_to_them(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop")
    began, ended = rows_of(source, "stays_began"), rows_of(source, "stays_ended")
    assert by(began, "row_key", "admission_method") == {
        "visit_occurrence/10": "28",  # its own words say emergency
        "visit_occurrence/11": "21",  # an emergency department the day before
        "visit_occurrence/13": "21",  # emergency and inpatient in one
        "visit_occurrence/14": None,  # nothing says
    }
    assert by(began, "row_key", "known_at")["visit_occurrence/10"] == date(2018, 1, 10)
    assert by(ended, "row_key", "known_at")["visit_occurrence/10"] == date(2018, 1, 15)
    assert {row["end_date"] for row in began} == {None}
    counts = account(source, "stays_began")
    assert counts == {"offered": 4, "other_setting": 5, "visit_concept_not_used": 1, "end_before_start": 1}


def test_other_visits(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop")
    assert [row["event_date"] for row in rows_of(source, "emergencies")] == [date(2018, 3, 1), date(2018, 5, 1)]
    assert [row["disposal"] for row in rows_of(source, "emergencies")] == [None, "admitted"]
    assert [(row["local_id"], row["mode"]) for row in rows_of(source, "contacts")] == [("2", "home_visit")]
    counts = account(source, "outpatients")
    assert (counts["offered"], counts["person_not_in_person_table"], counts["before_birth"]) == (1, 1, 1)


def test_conditions_of_a_stay_are_diagnoses_and_others_are_events(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop", condition_occurrence=CONDITIONS, concept=CONCEPTS)
    diagnoses = rows_of(source, "diagnoses")
    assert [(row["system"], row["code"], row["position"], row["spell_key"]) for row in diagnoses] == [
        ("snomed", "84114007", 1, "visit_occurrence/10"),
        ("omop", "201826", 2, "visit_occurrence/10"),  # no SNOMED code: the concept's own number
    ]
    assert {row["event_date"] for row in diagnoses} == {date(2018, 1, 10)}
    assert {row["known_at"] for row in diagnoses} == {date(2018, 1, 15)}
    assert [(row["code"], row["row_key"]) for row in rows_of(source, "conditions")] == [("84114007", "condition_occurrence/3")]  # fmt: skip
    assert account(source, "conditions") == {"of_a_stay": 2, "no_code": 1, "offered": 1}


def test_without_a_vocabulary_the_source_code_is_used_where_it_is_well_formed(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop", condition_occurrence=CONDITIONS)
    assert [row["system"] for row in rows_of(source, "diagnoses")] == ["snomed", "omop"]


def test_drugs_and_measurements(tmp_path: Path) -> None:
    source = opened(
        tmp_path / "omop",
        concept=CONCEPTS,
        drug_exposure="drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,quantity,days_supply\n"
        "1,1,1539403,2018-01-01,28,0\n2,1,40213154,2018-01-01,,\n3,1,316139,2018-01-01,,\n4,1,0,2018-01-01,,\n",
        measurement="measurement_id,person_id,measurement_concept_id,measurement_date,value_as_number,measurement_source_value\n"
        "1,1,3004249,2018-01-01,140,8480-6\n2,1,3004249,soon,140,8480-6\n",
    )
    assert [(row["system"], row["code"], row["quantity"], row["days"]) for row in rows_of(source, "drugs")] == [
        ("rxnorm", "36567", 28.0, None), ("omop", "40213154", None, None),
    ]  # fmt: skip
    assert account(source, "drugs") == {"offered": 2, "not_a_drug": 1, "no_code": 1}
    assert [(row["system"], row["code"], row["value"]) for row in rows_of(source, "measurements")] == [("loinc", "8480-6", 140.0)]  # fmt: skip
    assert account(source, "measurements") == {"offered": 1, "not_a_date": 1}


def test_a_death_long_after_the_last_observation_is_refused(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop", death="person_id,death_date\n1,2020-01-01\n2,2024-01-01\n")
    assert account(source, "deaths") == {"offered": 1, "death_long_after_observation": 1}


def test_tables_that_are_not_used_are_counted_and_strangers_in_them_caught(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop", device_exposure="device_exposure_id,person_id\n1,1\n2,99\n3,1,5\n")
    assert account(source, "table_not_used") == {
        "table_not_used": 1,
        "person_not_in_person_table": 1,
        "wrong_number_of_columns": 1,
    }


def test_feeds_speak_for_what_the_extract_can_tell_and_nothing_else(tmp_path: Path) -> None:
    told = {row["table_name"] for row in opened(tmp_path / "omop").feeds().to_pylist()}
    assert told == {"person", "registration", "spell", "ed_attendance", "outpatient", "gp_contact"}
    dead = opened(tmp_path / "omop", death="person_id,death_date\n2,2024-01-01\n").feeds().to_pylist()
    assert "death" not in {row["table_name"] for row in dead}


def test_names_in_any_case_and_a_database_read_alike(tmp_path: Path) -> None:
    wanted = rows_of(opened(tmp_path / "lower"), "stays_began")
    assert rows_of(opened(tmp_path / "upper", upper=True), "stays_began") == wanted
    with duckdb.connect(str(tmp_path / "cdm.duckdb")) as held:
        for name in TABLES:
            held.execute(f"CREATE TABLE {name} AS SELECT * FROM read_csv('{tmp_path / 'lower' / name}.csv')")
    database = open_source("omop", tmp_path / "cdm.duckdb", practice="B86022")
    assert database.check() == []
    assert rows_of(database, "stays_began") == wanted


def test_settings_say_what_the_model_does_not(tmp_path: Path) -> None:
    toml = tmp_path / "omop.toml"
    toml.write_text('kind = "real"\ntitle = "our hospital"\nlag_days = 3\nreceived = 2020-02-01\n'
                    'emergency_source_values = []\n[visits]\n42898160 = "outpatient"\n')  # fmt: skip
    source = opened(tmp_path / "omop", mapping=toml)
    assert source.about() == {"kind": "real", "title": "our hospital"}
    assert by(rows_of(source, "stays_began"), "row_key", "admission_method")["visit_occurrence/10"] is None
    assert by(rows_of(source, "stays_began"), "row_key", "known_at")["visit_occurrence/10"] == date(2018, 1, 13)
    assert account(source, "outpatients")["offered"] == 2
    assert max(row["known_at"] for row in source.feeds().to_pylist()) == date(2020, 2, 4)
    toml.write_text("lag = 3\n")
    with pytest.raises(BadInput, match="lag: Extra inputs"):
        opened(tmp_path / "omop", mapping=toml)


def test_what_does_not_fit(tmp_path: Path) -> None:
    source = opened(tmp_path / "omop", persn="person_id\n1\n", death="person\n1\n")
    said = " ".join(map(str, source.check()))
    assert "did you mean person?" in said
    assert "column death_date" in said
    (tmp_path / "none").mkdir()
    nothing = open_source("omop", tmp_path / "none", practice="B86022").check()
    assert [fault.where for fault in nothing] == ["person", "observation_period"]
    (tmp_path / "bad.duckdb").write_text("not a database, not at all")
    assert "cannot be opened" in str(open_source("omop", tmp_path / "bad.duckdb", practice="B86022").check()[0])
    with pytest.raises(WrongUsage, match="needs --practice"):
        open_source("omop", tmp_path / "omop")
