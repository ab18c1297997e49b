"""``frailty train`` and ``frailty validate`` as a user has them, on the shared area of 2,000 simulated people."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pyarrow.parquet as parquet
import pytest

from features.errors import Refused, WrongUsage
from models.bundle import Bundle
from models.recipe import Recipe
from models.report import metrics
from risk.commands.train import dates
from risk.settings import Settings
from risk.training import Asked, train_model
from risk.validation import find
from tests.area import Area

MODEL = "unplanned_admission_365"


def test_validation_gives_the_figures_that_training_gave(area: Area, tmp_path: Path) -> None:
    bundle = Bundle.load(area.home / "models" / MODEL / "1")
    told = area.run("validate", "--record", str(area.record), "--model", f"{MODEL}@1", "--truth", str(area.truth),
                    "--out", str(tmp_path))  # fmt: skip
    assert metrics(told) == pytest.approx(metrics(bundle.report), nan_ok=True)
    assert told["split"] == bundle.report["split"]
    assert set(told["performance"]) == {
        "ours",
        "past_admissions",
        "age",
        "efi",
        "hfrs",
        "charlson",
        "logistic",
        "truth",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card.md", "report.html", "report.json"]
    assert json.loads((tmp_path / "report.json").read_text())["model"]["version"] == 1


def test_what_is_simulated_is_called_that_wherever_a_figure_stands(area: Area, tmp_path: Path) -> None:
    area.run("validate", "--record", str(area.record), "--model", MODEL, "--out", str(tmp_path))
    bundle = area.home / "models" / MODEL / "1"
    for place in (tmp_path / "card.md", tmp_path / "report.html", bundle / "card.md"):
        text = place.read_text()
        assert text.index("nobody in it exists, and no figure here is clinical performance") < text.index("AUROC")
    assert "nobody in it exists" in Bundle.load(bundle).report["first_line"]


def test_nobody_is_in_the_registry_or_in_a_bundle(area: Area) -> None:
    people = set(
        map(str, parquet.read_table(area.extract / "person.parquet", columns=["nhs_number"])["nhs_number"].to_pylist())
    )
    for file in sorted((area.record).rglob("*.parquet")):
        columns = parquet.read_schema(file).names
        if "person_id" in columns:
            people |= set(map(str, parquet.read_table(file, columns=["person_id"])["person_id"].to_pylist()))
    people.discard("None")
    places = [area.folder / "mlruns", area.home / "models"]
    kept = [path for place in places for path in place.rglob("*") if path.is_file()]
    assert any(path.name == "report.json" for path in kept)
    for path in kept:
        numbers = {number.decode() for number in re.findall(rb"\d{9,20}", path.read_bytes())}
        assert not numbers & people, path.name
        assert path.suffix in {".json", ".txt", ".md", ".db"} or path.name == "MLmodel", path.name


def test_the_bundle_is_a_candidate_for_the_seed_and_dates_it_says(area: Area) -> None:
    bundle = Bundle.load(area.home / "models" / MODEL / "1")
    assert bundle.dates["temporal"]
    assert bundle.report["flow"]["parts"]["train"]["rows"] > bundle.report["flow"]["parts"]["test"]["rows"]
    assert 0 < bundle.bands.medium < bundle.bands.high < 1
    assert bundle.feed_patterns
    assert Recipe.from_json(bundle.provenance["recipe"]) == Recipe()


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [({"outcome": "happiness"}, WrongUsage, "expected an outcome among"),
     ({"outcome": "death", "at": (date(2024, 11, 1),)}, Refused, "no row's outcome is known"),
     ({"outcome": "death", "horizon": 3650}, Refused, "no index date is usable"),
     ({"outcome": "death", "folds": 1}, WrongUsage, "expected 2 to 20 folds"),
     ({"outcome": "death", "search": -1.0}, WrongUsage, "more than 0"),
     ({"outcome": "death", "minimum_age": 150}, Refused, "nobody is in the cohort")],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_in_a_sentence(area: Area, tmp_path: Path, asked, error, said: str) -> None:
    with pytest.raises(error, match=said):
        train_model(Asked(area.record, **asked), Settings(home=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_dates_are_separated_by_commas() -> None:
    assert dates("2020-01-01, 2021-04-01") == (date(2020, 1, 1), date(2021, 4, 1))
    assert dates(None) == ()
    with pytest.raises(WrongUsage, match=r"YYYY-MM-DD.*found 'soon'"):
        dates("soon")


def test_a_model_is_named_by_version_or_is_the_newest(area: Area) -> None:
    settings = Settings(home=area.home)
    assert find(MODEL, settings).version == find(f"{MODEL}@1", settings).version == 1
    assert find(f"{MODEL}@live", settings).version == 1
    with pytest.raises(WrongUsage, match="none named 'nothing'"):
        find("nothing", settings)
    with pytest.raises(WrongUsage, match="among 1; found 99"):
        find(f"{MODEL}@99", settings)
