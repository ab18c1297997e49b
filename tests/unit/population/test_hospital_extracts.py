"""The hospitals' extracts of the simulated area have the shapes and the faults that real ones have, and the key tells of the faults."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from features.population import simulate
from features.population.writing.dirt import Dirt
from features.population.writing.tables import Tables

SHAPES = ("hes", "ecds", "outpatients", "ambulance", "admissions_now")
#: So much dirt that a small area has some of each.
DIRT = Dirt(late=0.05, duplicate=0.05, corrected=0.05, unnumbered=0.05)


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospitals")
    simulate(2_500, 7, 1, out=folder / "key" / "record", particulars=folder / "key")
    with Tables(folder / "key", 7) as tables:
        for shape in SHAPES:
            (folder / shape).mkdir()
            module = importlib.import_module(f"features.population.writing.{shape}")
            (told,) = module.write(tables, folder / shape, DIRT, np.random.default_rng(7))
            assert set(told) <= {"organisation", "lag_days", "history", "hospital_at_home"}
        tables.key.write()
    return folder


def asked(folder: Path, files: str, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the text of all ``files``, called ``sent``."""
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute(f"CREATE VIEW sent AS FROM read_csv('{folder / files}', all_varchar = true, header = true)")
        return connection.execute(query).fetchall()


def test_stays_come_as_episodes_some_in_several_some_in_two_hospitals(sent: Path) -> None:
    ((several,),) = asked(sent, "hes/*.csv", "SELECT count(*) FROM sent WHERE EPIORDER = '2' AND EPISTAT = '3'")
    ((moved,),) = asked(sent, "hes/*.csv", """
        SELECT count(*) FROM sent a JOIN sent b ON b.NHS_NUMBER = a.NHS_NUMBER AND b.PROCODE3 <> a.PROCODE3 AND b.ADMIDATE = a.DISDATE
        WHERE a.DISDEST = '51' AND b.ADMISORC = '51' AND b.ADMIMETH IN ('2B', '81')""")  # fmt: skip
    assert several > 0
    assert moved > 0


def test_care_at_home_stands_under_a_site_of_its_own_and_looks_like_a_bed_but_for_that(sent: Path) -> None:
    """The class of a patient says nothing of hospital at home: without the site every such stay would be an admission."""
    rows = asked(
        sent, "hes/*.csv", "SELECT DISTINCT SITETRET[4:], CLASSPAT FROM sent WHERE ADMIMETH IN ('11', '12', '13')"
    )
    assert set(rows) == {("01", "1"), ("01", "2"), ("VW", "1")}
    assert asked(sent, "hes/*.csv", "SELECT count(*) FROM sent WHERE ADMIMETH = '21' AND SITETRET[4:] <> '01'") == [
        (0,)
    ]


def test_only_the_last_episode_of_a_spell_ends_in_a_discharge(sent: Path) -> None:
    rows = asked(sent, "hes/*.csv", """
        SELECT DISDATE <> '1800-01-01', DISMETH <> '8', DISDEST <> '98', EPIEND = DISDATE FROM sent WHERE EPISTAT = '3'""")  # fmt: skip
    assert set(rows) == {(True, True, True, True), (False, False, False, False)}


def test_episodes_go_on_from_each_other_without_a_gap(sent: Path) -> None:
    """Of every spell the first starts on admission, and each of the others where the one before ended."""
    ((torn,),) = asked(sent, "hes/*.csv", """
        SELECT count(*) FROM (
            SELECT EPISTART, EPIORDER, ADMIDATE, lag(EPIEND) OVER (PARTITION BY LOPATID, ADMIDATE ORDER BY EPIORDER) AS before
            FROM (SELECT DISTINCT LOPATID, ADMIDATE, EPIORDER, EPISTART, EPIEND FROM sent WHERE EPISTAT = '3'))
        WHERE (EPIORDER = '1' AND EPISTART <> ADMIDATE) OR (EPIORDER <> '1' AND EPISTART <> before)""")  # fmt: skip
    assert torn == 0


@pytest.mark.parametrize(
    ("shape", "table", "errors"),
    [("hes", "spell", {"late", "duplicate", "corrected", "unnumbered"}), ("ecds", "ed_attendance", {"late", "duplicate", "corrected", "unnumbered"}),
     ("outpatients", "outpatient", {"late", "duplicate", "unnumbered"}), ("ambulance", "ambulance", {"late", "duplicate", "unnumbered"})],
)  # fmt: skip
def test_the_key_names_the_rows_that_say_something_else_than_the_truth(
    sent: Path, shape: str, table: str, errors: set[str]
) -> None:
    with duckdb.connect(config={"threads": 1}) as connection:
        rows = connection.execute(f"""
            SELECT file, row, error, nhs_number FROM '{sent / "key" / "rows.parquet"}' WHERE shape = '{shape}' AND "table" = '{table}'
            AND row IS NOT NULL""").fetchall()
    assert errors <= {error for _, _, error, _ in rows}
    name = {"hes": "NHS_NUMBER", "ecds": "NHS_Number"}.get(shape, "NHS_NUMBER")
    for file, row, error, number in rows:
        if error == "unnumbered":
            ((held,),) = asked(sent, file, f"SELECT {name} FROM sent LIMIT 1 OFFSET {row - 2}")
            assert held is None, number
            break
    else:
        raise AssertionError("no row without a number")


def test_appointments_of_the_coming_month_are_booked_before_they_happen(sent: Path) -> None:
    ((booked, told),) = asked(sent, "outpatients/*.csv", """
        SELECT count(*), count(*) FILTER (EXISTS (SELECT 1 FROM sent b WHERE b.ATTENDKEY = a.ATTENDKEY AND b.PROCODE3 = a.PROCODE3 AND b.ATTENDED <> '0'))
        FROM sent a WHERE ATTENDED = '0'""")  # fmt: skip
    assert booked > 0
    assert told == booked


def test_the_daily_files_begin_with_everybody_who_is_in_hospital(sent: Path) -> None:
    files = sorted((sent / "admissions_now").iterdir())
    assert len(files) == 15
    first = files[0].stem.removeprefix("admissions_")
    ((late,),) = asked(
        sent,
        "admissions_now/*.csv",
        f"SELECT count(*) FROM sent WHERE ADMISSION_DATE < '{first}' AND EVENT_TYPE = 'admitted'",
    )
    ((of_first,),) = asked(
        sent,
        f"admissions_now/{files[0].name}",
        f"SELECT count(*) FROM sent WHERE ADMISSION_DATE < '{first}' AND EVENT_TYPE = 'admitted'",
    )
    assert of_first == late > 0
