"""The generated area that measurements are made on: every table and column filled, well formed, repeatable."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest

from benchmarks import area, telling
from benchmarks.columns import matching
from benchmarks.people import FIRST, LAST, of_slice, slices
from features.cohort import cohort
from features.record import manifest
from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES

PEOPLE = 400


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return area.generated(PEOPLE, 1, tmp_path_factory.mktemp("generated"))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_every_table_satisfies_its_schema(generated: Path, name: str) -> None:
    with Record(generated, purpose="evaluation", follow="none") as record:
        rows = record.connection.sql(f"FROM {name}").to_arrow_table()
    assert rows.num_rows > 0
    TABLES[name].schema.validate(rows.cast(TABLES[name].arrow).to_pandas(types_mapper=pd.ArrowDtype), lazy=True)


@pytest.mark.parametrize("name", PERSON_TABLES)
def test_every_column_of_every_table_is_filled_somewhere(name: str) -> None:
    rows = telling.rows(TABLES[name], of_slice(20_000, 1, 0), 1, 0)
    assert [column for column in rows.column_names if rows[column].null_count == rows.num_rows] == _never_told_again(
        name, rows
    )


def _never_told_again(name: str, rows: arrow.Table) -> list[str]:
    """So few people are linked that perhaps nobody was linked anew."""
    few = name == "person_link" and pc.all(pc.is_null(rows["known_until"])).as_py()
    return ["known_until"] if few else []


def test_both_clocks_are_there(generated: Path) -> None:
    held = manifest.load(generated)
    assert {file.table for file in held.closures} >= {"gp_event", "registration", "feed"}
    with Record(generated, purpose="evaluation", follow="none") as record:
        versions, things, before = record.connection.execute(
            "SELECT count(*), count(DISTINCT row_id), count(*) FILTER (known_at < event_date) FROM gp_event"
        ).fetchall()[0]
        in_force_together = record.connection.execute(
            "SELECT count(*) FROM spell a JOIN spell b USING (row_id) WHERE a.known_at < b.known_at AND "
            "coalesce(a.known_until, DATE '9999-12-31') > b.known_at"
        ).fetchall()[0][0]
    assert (versions > things, before, in_force_together) == (True, 0, 0)


def test_rows_lie_sorted_in_row_groups_as_ingest_leaves_them(generated: Path) -> None:
    for file in manifest.load(generated).files:
        rows = parquet.read_table(generated / file.path)
        keys = [
            name
            for name in ("person_id", "event_date", "known_at", TABLES[file.table].key)
            if name in rows.column_names
        ]
        frame = rows.select(keys).to_pandas()
        assert frame.equals(frame.sort_values(keys, ignore_index=True))


def test_a_diagnosis_is_of_a_stay_that_is_in_the_record(generated: Path) -> None:
    with Record(generated, purpose="evaluation", follow="none") as record:
        astray = record.connection.execute(
            "SELECT count(*) FROM diagnosis d ANTI JOIN spell s ON s.row_id = d.spell_id AND s.event_date = d.event_date "
            "WHERE d.event_date < DATE '2024-01-01'"
        ).fetchall()[0][0]
        all_ = record.connection.execute("SELECT count(*) FROM diagnosis").fetchall()[0][0]
    assert (astray, all_ > 100) == (0, True)


def test_about_a_hundred_events_a_person_in_six_years() -> None:
    people = of_slice(2_000, 3, 0)
    events = sum(
        telling.rows(table, people, 3, 0).num_rows
        for name, table in TABLES.items()
        if name in PERSON_TABLES and table.dated
    )
    years = (people.ends - people.begins).sum() / 365.25
    assert 14 < events / years < 22
    assert math.isclose((LAST - FIRST) / 365.25, 6, abs_tol=0.01)


def test_a_cohort_can_be_taken_with_every_feed_available(generated: Path) -> None:
    with Record(generated, purpose="evaluation") as record:
        people = cohort(record, [date(2024, 12, 1)])
    assert len(people) > 0.8 * PEOPLE
    assert set(people.frame["feeds"]) == {2 ** len(PERSON_TABLES) - 1}


def test_one_seed_gives_the_same_bytes_and_another_does_not(generated: Path, tmp_path: Path) -> None:
    again = manifest.load(area.generated(PEOPLE, 1, tmp_path)).fingerprint
    other = manifest.load(area.generated(PEOPLE, 2, tmp_path)).fingerprint
    assert manifest.load(generated).fingerprint == again != other


def test_a_record_that_is_there_is_used_again(generated: Path) -> None:
    before = manifest.load(generated)
    assert area.generated(PEOPLE, 1, generated.parent) == generated
    assert manifest.load(generated) == before


def test_an_area_of_several_slices_keeps_its_people_in_order() -> None:
    count = 45_000
    assert slices(count) == 3
    found = [of_slice(count, 1, number) for number in range(3)]
    assert [len(people) for people in found] == [20_000, 20_000, 5_000]
    assert found[0].person_id[-1] < found[1].person_id[0]
    assert found[1].person_id[-1] < found[2].person_id[0]


def test_text_of_a_pattern_matches_it() -> None:
    assert set(matching(r"^\d$")) <= set("0123456789")
    assert all(len(text) == 3 and text.isalnum() for text in matching(r"^[0-9A-Z]{3}$"))
    assert matching(r"^(ab|cd)$") == ["ab", "cd"]


def test_a_record_of_an_earlier_version_is_made_anew_and_one_of_somebody_elses_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(area, "VERSION", 0)
    path = area.generated(50, 1, tmp_path)
    earlier = manifest.load(path)
    monkeypatch.undo()
    assert manifest.load(area.generated(50, 1, tmp_path)).notes != earlier.notes
    manifest.replace(path, manifest.Manifest(notes={"about": "{}"}))
    with pytest.raises(SystemExit, match="not generated"):
        area.generated(50, 1, tmp_path)
