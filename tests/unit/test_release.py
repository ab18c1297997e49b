"""What is live: gates, the ledger, and the way back."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from features.errors import Refused, WrongUsage
from features.predictors import CATALOGUE, named
from models import registry
from risk import release, store
from risk.gates import Evidence, try_all
from risk.settings import Settings
from tests import released

NAME = "unplanned_admission_365"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(registry, "point", lambda uri, name, alias, version: None)
    return Settings(home=tmp_path / "home")


def results(settings: Settings, predictors: Any = CATALOGUE, **figures: Any) -> dict[str, str]:
    bundle = released.release(settings.bundles, figures={"auroc": 0.8, "slope": 1.0, "past": 0.6, **figures})
    return {row["gate"]: row["result"] for row in try_all(Evidence(bundle, bundle.report, predictors))}


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({}, {}),
        ({"slope": 0.8}, {}),
        ({"slope": 1.25}, {}),
        ({"slope": 0.79}, {"calibration": "failed"}),
        ({"slope": 1.26}, {"calibration": "failed"}),
        ({"slope": None}, {"calibration": "not shown"}),
        ({"auroc": 0.6}, {"baseline": "failed"}),  # no better is not better
        ({"past": None}, {"baseline": "failed"}),
    ],
)
def test_gates(settings: Settings, figures: dict[str, Any], expected: dict[str, str]) -> None:
    passed = dict.fromkeys(["declarations", "calibration", "baseline"], "passed")
    assert results(settings, **figures) == {**passed, **expected}


def test_a_predictor_that_means_something_else_now_fails(settings: Settings) -> None:
    changed = [dataclasses.replace(p, within=180) if p.name == "emergency_admissions_1y" else p for p in CATALOGUE]
    assert results(settings, changed)["declarations"] == "failed"
    assert results(settings, named(("age",)))["declarations"] == "failed"


def test_a_promotion_is_a_row_of_the_ledger_with_its_gates(settings: Settings) -> None:
    bundle = released.release(settings.bundles)
    done = release.promote(settings, NAME, 1)
    row = store.open(settings).live_release(NAME)
    assert row is not None
    assert (row["version"], row["action"], row["bundle_sha256"]) == (1, "promote", bundle.sha256)
    assert [gate["result"] for gate in row["gates"]] == ["passed"] * 3
    assert done["alias"] == "champion follows"


def test_a_failed_gate_needs_a_reason_that_is_kept(settings: Settings) -> None:
    released.release(settings.bundles, figures={"auroc": 0.5, "slope": 3.0, "past": 0.6})
    with pytest.raises(Refused, match=r"not promoted: .*slope 3.00.*AUROC 0.500, past emergency admissions 0.600"):
        release.promote(settings, NAME, 1)
    with pytest.raises(Refused, match="--override REASON"):
        release.promote(settings, NAME, 1, "  ")
    assert store.open(settings).live_release(NAME) is None
    release.promote(settings, NAME, 1, "a demonstration")
    row = store.open(settings).live_release(NAME)
    assert row is not None
    assert (row["reason"], [gate["result"] for gate in row["gates"]]) == ("a demonstration", ["passed", "failed", "failed"])  # fmt: skip


def test_rollback_goes_back_and_never_to_and_fro(settings: Settings) -> None:
    for _ in range(3):
        released.release(settings.bundles)
    for version in (1, 2, 3):
        release.promote(settings, NAME, version)
    assert release.rollback(settings, NAME, "drift")["version"] == 2
    assert release.rollback(settings, NAME)["version"] == 1
    with pytest.raises(Refused, match="no version that was live before"):
        release.rollback(settings, NAME)
    release.promote(settings, NAME, 3)
    assert release.rollback(settings, NAME)["version"] == 1
    assert [row["action"] for row in store.open(settings).releases(NAME)] == ["promote"] * 3 + ["rollback"] * 2 + ["promote", "rollback"]  # fmt: skip


def test_what_is_live_is_what_was_promoted(settings: Settings) -> None:
    first = released.release(settings.bundles)
    release.promote(settings, NAME, 1)
    released.release(settings.bundles)
    opened = store.open(settings)
    assert release.live_bundle(opened, settings, NAME).sha256 == first.sha256
    assert [(row["version"], row["live"]) for row in release.held(settings)] == [(1, True), (2, False)]


def test_a_bundle_put_in_the_place_of_another_is_not_live(settings: Settings) -> None:
    first = released.release(settings.bundles)
    release.promote(settings, NAME, 1)
    other = released.release(settings.bundles, minimum_age=65)
    first.folder.rename(settings.bundles / "put-aside")
    other.folder.rename(first.folder)
    with pytest.raises(Refused, match="not the one that was asked for"):
        release.live_bundle(store.open(settings), settings, NAME)


def test_what_is_not_held_cannot_be_promoted(settings: Settings) -> None:
    released.release(settings.bundles)
    with pytest.raises(WrongUsage, match="found 7; held are: 1"):
        release.promote(settings, NAME, 7)


def test_an_alias_that_cannot_follow_stops_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: Any) -> None:
        raise Refused("the tracking store is away")

    monkeypatch.setattr(registry, "point", unreachable)
    released.release(settings.bundles)
    assert release.promote(settings, NAME, 1)["alias"] == "not moved: the tracking store is away"
    assert store.open(settings).live_release(NAME) is not None
