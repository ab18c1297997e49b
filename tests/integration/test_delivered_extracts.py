"""The simulated area's deliveries of practices, national services and teams: what stands in them, the same every time, and read as they are meant."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.population.area import simulate
from features.population.happening.history import stream
from features.population.writing.dirt import CLEAN, Dirt
from features.population.writing.tables import Tables
from features.sources import open_source
from features.sources.delivered import Delivered

SHAPES = {"gp_operational": "olids", "gp_flat": "gdppr", "demographics": "demographics", "deaths": "deaths", "preferences": "preferences",
          "care_homes": "care_homes", "caseloads": "caseloads", "mental_health": "mental_health", "out_of_hours": "out_of_hours"}  # fmt: skip
SEED = 5


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sent") / "key"
    simulate(600, SEED, 2, out=folder / "record", particulars=folder)
    return folder


@pytest.fixture(scope="module")
def sent(key: Path) -> Callable[[str, Dirt], tuple[Path, dict[str, Any], set[str]]]:
    """Folder, options and names of errors of a shape, written anew each time."""
    numbers = iter(range(1000))

    def written(shape: str, dirt: Dirt = Dirt()) -> tuple[Path, dict[str, Any], set[str]]:
        folder = key.parent / f"{shape}-{next(numbers)}" / shape
        folder.mkdir(parents=True)
        with Tables(key, SEED) as tables:
            module = importlib.import_module(f"features.population.writing.{shape}")
            (told,) = module.write(tables, folder, dirt, stream(SEED, f"extract {shape}"))
            errors = {one for part in tables.key._rows for one in part["error"].to_pylist()}
        return folder, dict(told), errors

    return written


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_of_the_kind_that_reads_it_and_the_same_every_time(shape: str, sent: Callable[..., Any]) -> None:
    folder, told, _ = sent(shape)
    again, _, _ = sent(shape)
    options = {name: value for name, value in told.items() if name != "source"}
    source = open_source(told.get("source", shape), folder, kind="simulated", **options)
    assert isinstance(source, Delivered)
    assert source.name == SHAPES[shape]
    assert source.check() == []
    names = sorted(path.name for path in folder.iterdir())
    assert len(names) >= 4
    assert names == sorted(path.name for path in again.iterdir())
    assert [name for name in names if (folder / name).read_bytes() != (again / name).read_bytes()] == []


DIRT = [
    ("gp_operational", {"late", "duplicate", "deleted", "confidential", "dummy_patient", "spine_sensitive"}),
    ("gp_flat", {"late", "duplicate"}),
    ("demographics", {"restricted_person"}),
    ("care_homes", {"no_uprn", "postcode_alone"}),
]


@pytest.mark.parametrize(("shape", "errors"), DIRT, ids=[case[0] for case in DIRT])
def test_the_key_names_what_is_wrong(shape: str, errors: set[str], sent: Callable[..., Any]) -> None:
    _, _, found = sent(shape, Dirt(late=0.05, duplicate=0.05, corrected=0.05))
    assert found >= errors - {"dummy_patient"}


def test_without_dirt_only_people_have_flags(sent: Callable[..., Any]) -> None:
    _, _, found = sent("gp_operational", CLEAN)
    assert found <= {"dummy_patient", "spine_sensitive", "not_yet_happened"}


def test_practices_that_move_patients_send_them_both(sent: Callable[..., Any]) -> None:
    """Somebody who moved is a patient of two practices and one person."""
    folder, _, _ = sent("gp_operational")
    sql = f"SELECT count(*) FROM (SELECT person_id FROM read_csv('{folder}/patient_*.csv', all_varchar = true) GROUP BY person_id HAVING count(DISTINCT publisher_organisation_code) > 1)"  # fmt: skip
    assert duckdb.sql(sql).fetchall()[0][0] > 0
