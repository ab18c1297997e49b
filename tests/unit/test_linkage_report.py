"""The report of linkage: figures against a key, by group, and a page with splink's charts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.errors import BadInput
from features.linkage import matching
from features.linkage.measuring import measure, truth
from risk.linkage import report, working
from risk.linkage.opening import identity_of
from risk.settings import Settings
from tests.linked import taken
from tests.people_to_link import People, people

TODAY = date(2024, 12, 2)


@pytest.fixture(scope="module", autouse=True)
def fewer_random_pairs() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matching, "RANDOM_PAIRS", 3e5)
        yield


@pytest.fixture(scope="module")
def told() -> People:
    return people(1500, 300, 3)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, told: People) -> Settings:
    made = Settings(home=tmp_path_factory.mktemp("home"), today=TODAY, environment="test")
    taken(made.home, told)
    return made


@pytest.fixture(scope="module")
def worked(settings: Settings) -> dict[str, Any]:
    """What linking said, whichever test comes first."""
    return working.work(settings, settings.home / "record")


def test_the_figures_are_those_of_the_key(
    settings: Settings, told: People, worked: dict[str, Any], tmp_path: Path
) -> None:
    found = report.report(settings, settings.home / "record", settings.home / "key.parquet", tmp_path / "page")
    against = found["against_key"]
    in_area = int((told.council["person"] >= 0).sum())
    assert (against["people"], against["linked"], found["linked"]) == (in_area, worked["linked"], worked["linked"])
    assert against["precision"] == against["right"] / against["linked"] == 1.0
    assert against["recall"] == against["right"] / in_area
    for group in ("ethnic group", "age", "care home"):
        rows = [row for row in against["groups"] if row["group"] == group]
        assert sum(row["people"] for row in rows) == in_area
        assert len(rows) > 1
    page = (tmp_path / "page" / "linkage.html").read_text()
    assert f"<td>{against['recall']:.4f}</td>" in page
    assert page.count("<iframe") == len(list((tmp_path / "page").glob("chart-*.html"))) == 3


@pytest.mark.usefixtures("worked")
def test_a_key_with_other_people_lowers_the_figures(settings: Settings, told: People, tmp_path: Path) -> None:
    """Two linked people's numbers exchanged in the key: two links are wrong by it."""
    key = pd.read_parquet(settings.home / "key.parquet")
    record = settings.home / "record"

    with identity_of(settings) as identity:
        right = measure(record, identity, settings.home / "key.parquet")
        held = key[key["nhs_number"].notna()].index[:2]
        key.loc[held, "nhs_number"] = key.loc[held[::-1], "nhs_number"].to_numpy()
        key.to_parquet(tmp_path / "key.parquet")
        wrong = measure(record, identity, tmp_path / "key.parquet")
    assert right.total["linked"] == wrong.total["linked"]
    assert right.total["right"] - wrong.total["right"] == 2


def test_what_is_no_key(settings: Settings, tmp_path: Path) -> None:

    with identity_of(settings) as identity:
        (tmp_path / "text").write_text("no")
        with pytest.raises(BadInput, match="cannot read it"):
            truth(identity, tmp_path / "text")
        pd.DataFrame({"local_id": ["x"]}).to_parquet(tmp_path / "half")
        with pytest.raises(BadInput, match="nhs_number not found"):
            truth(identity, tmp_path / "half")
        pd.DataFrame({"local_id": ["x"], "nhs_number": ["y"]}).to_parquet(tmp_path / "others")
        with pytest.raises(BadInput, match="names nobody"):
            truth(identity, tmp_path / "others")
