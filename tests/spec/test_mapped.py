"""What a mapping says, and what rows come of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from features.progress import SILENT
from features.sources import open_source
from features.sources.mapped.reading import MappingAtFault
from features.sources.mapped.templates import fill, pattern
from tests.mapped_extracts import MAPPING, PEOPLE, account, extract, rows_of

FLAGS = """
[[rules]]
name = "flags"
table = "gp_event"
file = "people"
feed = "all"
person = { local_id = "ID" }
known_at = { of = "event_date", add_days = "{lag}" }
keep = [
    { column = "{flag}", blank = false },
    { column = "{flag}", is = ["1"], called = "absent" },
]
for_each = [{ flag = "DIAB", code = "73211009" }, { flag = "COPD", code = "13645005" }]
[rules.columns]
event_date = { value = "{year}-12-31" }
system = { value = "snomed" }
code = { value = "{code}" }
"""


def opened(folder: Path, mapping: str = MAPPING, **files: str | bytes):
    path, toml = extract(folder, mapping, **files)
    return open_source("mapped", path, toml)


def column(says: str) -> str:
    """The mapping with another expression for ``sex``."""
    return MAPPING.replace('sex = { column = "SEX", map = { 1 = "male", 2 = "female" } }', f"sex = {says}")


def faults(folder: Path, mapping: str) -> str:
    with pytest.raises(MappingAtFault) as raised:
        opened(folder, mapping)
    return str(raised.value)


def test_columns_are_renamed_mapped_and_dated(tmp_path: Path) -> None:
    assert rows_of(opened(tmp_path), "people") == [
        {"local_id": "a", "known_at": date(2020, 12, 31), "birth_month": date(1940, 3, 1), "sex": "male"},
        {"local_id": "b", "known_at": date(2020, 12, 31), "birth_month": date(1950, 1, 1), "sex": "female"},
        {"local_id": "c", "known_at": date(2020, 12, 31), "birth_month": date(1960, 12, 1), "sex": "male"},
    ]


def test_several_columns_become_rows_and_every_cell_is_accounted_for(tmp_path: Path) -> None:
    source = opened(tmp_path, MAPPING + FLAGS)
    rows = rows_of(source, "flags")
    assert [(row["local_id"], row["code"], row["known_at"]) for row in rows] == [
        ("a", "73211009", date(2021, 1, 2)),
        ("b", "73211009", date(2021, 1, 2)),
        ("b", "13645005", date(2021, 1, 2)),
    ]
    # 3 rows x 2 columns: 3 set, 2 not, 1 blank
    assert account(source, "flags") == {"offered": 3, "absent": 2, "blank_cell": 1}


@pytest.mark.parametrize(
    ("otherwise", "sexes", "counts"),
    [
        ('"quarantine"', ["male", "male"], {"offered": 2, "value_not_mapped": 1}),
        ('"drop"', ["male", "male"], {"offered": 2, "value_not_mapped": 1}),
        ('"null"', ["male", None, "male"], {"offered": 3}),
        ('{ value = "unknown" }', ["male", "unknown", "male"], {"offered": 3}),
    ],
)
def test_a_value_that_the_map_does_not_know(tmp_path: Path, otherwise: str, sexes: list, counts: dict) -> None:
    source = opened(tmp_path, column(f'{{ column = "SEX", map = {{ 1 = "male" }}, otherwise = {otherwise} }}'))
    assert [row["sex"] for row in rows_of(source, "people")] == sexes
    assert account(source, "people") == counts


def test_a_value_that_cannot_be_read_is_refused_with_its_row_and_column(tmp_path: Path) -> None:
    source = opened(tmp_path, people_2020_csv=PEOPLE.replace("02/01/1950", "1950-01-02"))
    (batch,) = source.batches(SILENT)
    (refused,) = batch.refused
    assert (refused.source_row, refused.field, refused.reason) == (3, "birth_month", "not_a_date")
    assert batch.frame["source_row"].to_pylist() == [2, 4]


@pytest.mark.parametrize(
    ("says", "given", "made"),
    [
        ('{ column = "DIAB", prefix = "state-" }', "7", "state-7"),
        ('{ column = "DIAB", strip = ".", upper = true }', "i1.0x", "I10X"),
        ('{ column = "DIAB", pad_to = 4 }', "12", "0012"),
        ('{ column = "DIAB", pad_to = 4, pad_with = "X", pad_side = "right" }', "I10", "I10X"),
        ('{ column = "DIAB", pad_to = 2 }', "12345", "12345"),
        ('["ID", "DIAB"]', "9", "a|9"),
        ('{ column = "DIAB", if_blank = "none" }', "NULL", "none"),
        ('{ column = "DIAB", times = 7 }', "1.5", 10.5),
    ],
)
def test_what_is_done_to_a_value(tmp_path: Path, says: str, given: str, made: object) -> None:
    mapping = MAPPING.replace('person = { local_id = "ID" }', f'person = {{ local_id = "ID" }}\nrow_key = {says}')
    source = opened(tmp_path, mapping, people_2020_csv=f"ID,BORN,SEX,DIAB\na,17/03/1940,1,{given}\n")
    assert rows_of(source, "people")[0]["row_key"] == made


def test_compressed_files_parquet_and_other_encodings_read_alike(tmp_path: Path) -> None:
    wanted = rows_of(opened(tmp_path), "people")
    gz = MAPPING.replace('"people_{year}.csv"', '"people_{year}.csv.gz"')
    (tmp_path / "gz").mkdir()
    assert rows_of(opened(tmp_path / "gz", gz, people_2020_csv_gz=PEOPLE), "people") == wanted
    semicolons = MAPPING.replace("[files.people]", '[files.people]\ndelimiter = ";"\nencoding = "cp1252"')
    (tmp_path / "cp").mkdir()
    said = PEOPLE.replace(",", ";").replace("DIAB", "Zuckerkränk").encode("cp1252")
    assert rows_of(opened(tmp_path / "cp", semicolons, people_2020_csv=said), "people") == wanted
    folder = tmp_path / "parquet" / "extract"
    folder.mkdir(parents=True)
    born = arrow.array([date(1940, 3, 17), date(1950, 1, 2), date(1960, 12, 31)])
    parquet.write_table(arrow.table({"ID": ["a", "b", "c"], "BORN": born, "SEX": [1, 2, 1]}), folder / "people_2020.parquet")  # fmt: skip
    (tmp_path / "parquet" / "mapping.toml").write_text(MAPPING.replace(".csv", ".parquet"))
    assert rows_of(open_source("mapped", folder, tmp_path / "parquet" / "mapping.toml"), "people") == wanted


def test_feeds_are_deliveries_with_what_each_covers(tmp_path: Path) -> None:
    feeds = opened(tmp_path).feeds().to_pylist()
    assert [(row["known_at"], row["period_to"], row["table_name"], row["source"]) for row in feeds] == [
        (date(2020, 4, 1), date(2020, 4, 1), "person", "town"),
        (date(2020, 7, 1), date(2020, 7, 1), "person", "town"),
        (date(2020, 10, 1), date(2020, 10, 1), "person", "town"),
        (date(2021, 1, 1), date(2021, 1, 1), "person", "town"),
    ]


def test_the_last_delivery_of_a_period_that_ended_stands(tmp_path: Path) -> None:
    ended = MAPPING.replace("last_received = 2021-01-01", "last_received = 2021-01-01\nperiod_end = 2020-09-01\nlag_days = 3")  # fmt: skip
    feeds = opened(tmp_path, ended).feeds().to_pylist()
    assert [(row["known_at"], row["period_to"]) for row in feeds] == [
        (date(2020, 4, 4), date(2020, 4, 1)),
        (date(2020, 7, 4), date(2020, 7, 1)),
        (date(2021, 1, 4), date(2020, 9, 1)),
    ]


def test_a_feed_may_be_named_by_the_file(tmp_path: Path) -> None:
    named = MAPPING.replace("people_{year}", "people_{practice}_{year}").replace('"B86022"', '"{practice}"\ncovers = "{practice}"')  # fmt: skip
    source = opened(tmp_path, named, people_B86022_2020_csv=PEOPLE, people_Y00001_2020_csv=PEOPLE)
    assert {row["covers"] for row in source.feeds().to_pylist()} == {"B86022", "Y00001"}
    assert source.check() == []


def test_a_mapping_that_extends_another_changes_parameters_alone(tmp_path: Path) -> None:
    path, _ = extract(tmp_path, MAPPING + FLAGS)
    later = tmp_path / "later.toml"
    later.write_text('extends = "mapping.toml"\n[parameters]\nlag = 30\n')
    source = open_source("mapped", path, later)
    assert rows_of(source, "flags")[0]["known_at"] == date(2021, 1, 30)
    assert {file.file for file in source.inputs()} == {"people_2020.csv", "later.toml", "mapping.toml"}
    later.write_text('extends = "mapping.toml"\n[parameters]\nlagg = 30\n')
    with pytest.raises(MappingAtFault, match=r"did you mean lag\?"):
        open_source("mapped", path, later)
    later.write_text('extends = "mapping.toml"\n[files]\n')
    with pytest.raises(MappingAtFault, match="only about and parameters"):
        open_source("mapped", path, later)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('table = "person"', 'table = "persons"', "did you mean person?"),
        ("birth_month =", "birth_moth =", "did you mean birth_month?"),
        ('file = "people"', 'file = "poeple"', "did you mean people?"),
        ('2 = "female"', '2 = "woman"', "one of female, male, indeterminate, unknown"),
        ("first_of_month", "first_month", "did you mean first_of_month?"),
        ("{year}-12-31", "{yaer}-12-31", "did you mean year?"),
        ("{year}-12-31", "31 December", "a date written as 2024-03-31"),
        (
            'sex = { column = "SEX", map = { 1 = "male", 2 = "female" } }',
            "",
            "sex, which every row of person must have",
        ),
        ('{ local_id = "ID" }', '{ id = "ID" }', "give nhs_number, local_id or both"),
        ('column = "BORN"', 'column = "BORN", value = "x"', "exactly one of column, columns, value and of"),
        ('"B86022"', '"b 86022"', 'declare organisation_scheme = "local"'),
        ("last_received = 2021-01-01", "", "all of every, first_received and last_received"),
        ('name = "town"', 'name = "Our Town"', "source.name"),
        ("[about]", "[about", "is not TOML"),
    ],
)
def test_a_mapping_at_fault_says_where_and_what_to_do(tmp_path: Path, was: str, becomes: str, said: str) -> None:
    assert was in MAPPING
    assert said in faults(tmp_path, MAPPING.replace(was, becomes))


def test_a_constant_code_is_checked_by_its_system(tmp_path: Path) -> None:
    said = faults(tmp_path, MAPPING + FLAGS.replace("73211009", "73211008"))
    assert "rules.flags.columns.code" in said
    assert "Verhoeff" in said


def test_entries_that_differ_and_rules_of_one_name_are_refused(tmp_path: Path) -> None:
    assert "entries that differ" in faults(tmp_path, MAPPING + FLAGS.replace(', code = "13645005"', ""))
    assert "each rule's name once" in faults(tmp_path, MAPPING + FLAGS.replace('"flags"', '"people"'))


def test_all_faults_are_said_at_once(tmp_path: Path) -> None:
    said = faults(tmp_path, MAPPING.replace("birth_month =", "birth_moth =").replace('2 = "female"', '2 = "woman"'))
    # the column that there is not, the one that is missing in its place, and the value
    assert said.count("\n  - ") == 3


def test_the_mapping_that_the_page_shows_is_one(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "sources" / "mapped.md").read_text()
    shown = page.split("```toml\n")[1].split("```")[0]
    source = opened(tmp_path, shown, adm_2024_1_csv_gz="NHSNO|HOSPNO|SPELLNO|ADMITTED|DISCHARGED|STATUS|METHOD\n"
                    "|h1|s1|01/02/2024|03/02/2024|DONE|EMERG\n|h1|s2|01/02/2024|03/02/2024|CANCELLED|EMERG\n")  # fmt: skip
    assert source.check() == []
    (row,) = rows_of(source, "stays")
    assert (row["admission_method"], row["known_at"]) == ("21", date(2024, 2, 5))
    assert account(source, "stays") == {"offered": 1, "cancelled": 1}


@pytest.mark.parametrize(
    ("text", "name", "captured"),
    [
        ("a_{year}_*.csv", "a_2020_x_y.csv", {"year": "2020"}),
        ("a_{year}.csv", "b_2020.csv", None),
        ("in/{practice}_?.csv", "in/B86022_1.csv", {"practice": "B86022"}),
        ("a*.csv", "in/a1.csv", None),
    ],
)
def test_patterns_of_names(text: str, name: str, captured: dict | None) -> None:
    found = pattern(text).fullmatch(name)
    assert (found.groupdict() if found else None) == captured


def test_braces_without_a_value_are_left() -> None:
    assert fill("{a}-{b}", {"a": "1"}) == "1-{b}"
