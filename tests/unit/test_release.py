"""What is live: gates, the ledger, and the way back."""

from __future__ import annotations

import dataclasses
from hashlib import sha256
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


NOT_SHOWN = ("calibrated_later", "other_baselines", "subgroups", "feeds_away", "stability")
HELD = ("declarations", "calibration", "baseline", "leakage")
SHOWN = {**dict.fromkeys(HELD, "passed"), **dict.fromkeys(NOT_SHOWN, "not shown")}


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
    assert results(settings, **figures) == {**SHOWN, **expected}


def told(value: float, low: float | None = None, high: float | None = None) -> dict[str, float | None]:
    return {"value": value, "low": low, "high": high}


def group(rows: int = 2000, **figures: Any) -> dict[str, Any]:
    return {"slices": [{"by": "sex", "level": "female", "rows": rows, "auroc": told(0.75), **figures}]}


@pytest.mark.parametrize(
    ("gate", "report", "result", "found"),
    [
        ("feeds_away", {"patterns": [{"says": "without hospital", "served": True}]}, "passed", "1 patterns of feeds"),
        ("feeds_away", {"patterns": [{"says": "without hospital", "served": False}]}, "not shown", "runs are refused: without hospital"),
        ("leakage", {"leakage": None}, "failed", "does not say that leakage was looked for"),
        ("leakage", {"leakage": {"alarms": None, "why": "too few"}}, "not shown", "too few"),
        ("leakage", {"leakage": {"alarms": [{"what": "cost_1y", "auroc": 0.981, "says": "…"}]}}, "failed", "cost_1y (AUROC 0.981)"),
        ("other_baselines", {"differences": {"age": {"auroc": told(0.1, 0.05, 0.15)}}}, "passed", "1 of 1 baselines clearly beaten"),
        ("other_baselines", {"differences": {"efi": {"auroc": told(-0.01, -0.05, 0.03)}}}, "passed", "0 of 1"),  # not clearly
        ("other_baselines", {"differences": {"efi": {"auroc": told(-0.04, -0.05, -0.03)}}}, "failed", "clearly better at ranking: efi"),
        ("subgroups", group(), "passed", "1 subgroups of 2,000 rows or more"),
        ("subgroups", group(1999, auroc=told(0.4)), "not shown", "no subgroup of 2,000"),
        ("subgroups", group(auroc=told(0.55, 0.50, 0.59)), "failed", "sex female: AUROC 0.55"),
        ("subgroups", group(auroc=told(0.58, 0.53, 0.63)), "passed", "1 subgroups"),  # the floor lies in the interval
        ("subgroups", group(observed_expected=told(1.4, 1.26, 1.5)), "failed", "1.40 events for each expected"),
        ("subgroups", group(observed_expected=told(1.4, 1.2, 1.6)), "passed", "1 subgroups"),
        ("subgroups", group(ici=told(0.04, 0.03, 0.05)), "failed", "ICI 0.040"),
        ("subgroups", group(ici=told(0.021)), "failed", "ICI 0.021"),  # no interval: the figure itself
    ],
)  # fmt: skip
def test_gates_on_what_the_report_says(
    settings: Settings, gate: str, report: dict[str, Any], result: str, found: str
) -> None:
    bundle = released.release(settings.bundles, said=report)
    (row,) = [row for row in try_all(Evidence(bundle, bundle.report, CATALOGUE)) if row["gate"] == gate]
    assert row["result"] == result
    assert found in row["found"]


@pytest.mark.parametrize(
    ("reasons", "result"),
    [(None, "not shown"), ({"people": 0, "jaccard": None}, "not shown"), ({"people": 90, "jaccard": 0.6}, "passed"),
     ({"people": 90, "jaccard": 0.59}, "failed")],
)  # fmt: skip
def test_reasons_that_change_without_cause_fail(
    settings: Settings, reasons: dict[str, Any] | None, result: str
) -> None:
    bundle = released.release(settings.bundles)
    (row,) = [r for r in try_all(Evidence(bundle, bundle.report, CATALOGUE, reasons)) if r["gate"] == "stability"]
    assert row["result"] == result


@pytest.mark.parametrize(("later", "result"), [(True, "passed"), (False, "not shown")])
def test_calibration_at_a_later_date_than_training(settings: Settings, later: bool, result: str) -> None:
    dates = {"train": ["2021-01-01"], "calibrate": ["2022-01-01"], "horizon": 365, "calibrated_later": later}
    bundle = released.release(settings.bundles, dates=dates)
    (row,) = [r for r in try_all(Evidence(bundle, bundle.report, CATALOGUE)) if r["gate"] == "calibrated_later"]
    assert row["result"] == result


def test_an_ici_clearly_too_large_fails(settings: Settings) -> None:
    figures = {"auroc": told(0.8), "slope": told(1.0), "ici": told(0.05, 0.03, 0.07)}
    report = {"performance": {"ours": figures, "past_admissions": {"auroc": told(0.6)}}}
    bundle = released.release(settings.bundles, said=report)
    (row,) = [r for r in try_all(Evidence(bundle, bundle.report, CATALOGUE)) if r["gate"] == "calibration"]
    assert (row["result"], row["found"]) == ("failed", "calibration slope 1.00, ICI 0.050")


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
    assert {gate["gate"]: gate["result"] for gate in row["gates"]} == SHOWN
    assert row["evidence"]["report_sha256"] == sha256((bundle.folder / "report.json").read_bytes()).hexdigest()
    assert (row["role"], row["by"]) == ("live", done["by"])
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
    failed = [gate["gate"] for gate in row["gates"] if gate["result"] == "failed"]
    assert (row["reason"], failed) == ("a demonstration", ["calibration", "baseline"])


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


def test_a_challenger_is_tried_beside_the_live_version_and_never_served(settings: Settings) -> None:
    first = released.release(settings.bundles)
    second = released.release(settings.bundles, figures={"auroc": 0.5, "slope": 3.0, "past": 0.6})
    release.promote(settings, NAME, 1)
    done = release.challenge(settings, NAME, 2, "trained on another year")
    assert (done["role"], done["alias"]) == ("challenger", "challenger follows")
    assert [gate["gate"] for gate in done["gates"] if gate["result"] == "failed"] == [
        "calibration",
        "baseline",
    ]  # kept, and stop nothing
    opened = store.open(settings)
    tried = release.challenging_bundle(opened, settings, NAME)
    assert tried is not None
    assert (tried.sha256, release.live_bundle(opened, settings, NAME).sha256) == (second.sha256, first.sha256)
    assert [(row["live"], row["challenger"]) for row in release.held(settings)] == [(True, False), (False, True)]
    assert release.withdraw(settings, NAME)["action"] == "retire"
    assert release.challenging_bundle(opened, settings, NAME) is None
    with pytest.raises(Refused, match="has no challenger"):
        release.withdraw(settings, NAME)


def test_a_challenger_that_is_promoted_is_one_no_more_and_comes_back_as_none(settings: Settings) -> None:
    for _ in range(2):
        released.release(settings.bundles)
    release.promote(settings, NAME, 1)
    release.challenge(settings, NAME, 2)
    release.promote(settings, NAME, 2)
    opened = store.open(settings)
    assert opened.challenger(NAME) is None
    assert release.rollback(settings, NAME)["version"] == 1
    assert opened.challenger(NAME) is None
    with pytest.raises(Refused, match="version 1 is live already"):
        release.challenge(settings, NAME, 1)


def test_what_cannot_score_cannot_be_tried(settings: Settings) -> None:
    released.release(settings.bundles, fingerprints=("ff" * 8,) * 3)
    with pytest.raises(Refused, match=r"cannot be tried: .*3 declared otherwise"):
        release.challenge(settings, NAME, 1)


def test_loading_a_challenger_that_was_replaced_is_refused(settings: Settings) -> None:
    released.release(settings.bundles)
    second = released.release(settings.bundles)
    release.promote(settings, NAME, 1)
    release.challenge(settings, NAME, 2)
    third = released.release(settings.bundles, minimum_age=65)
    second.folder.rename(settings.bundles / "put-aside")
    third.folder.rename(second.folder)
    with pytest.raises(Refused, match="not the one that was asked for"):
        release.challenging_bundle(store.open(settings), settings, NAME)
