"""Ledger, bundles and MLflow compared: what differs is said with what mends it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from features.errors import MissingPart
from models import registry
from models.registry import Registered
from risk import reconcile, release
from risk.settings import Settings
from tests import released

NAME = "unplanned_admission_365"


class Tracking:
    """MLflow as far as it is asked: versions registered, copies kept, aliases moved."""

    def __init__(self) -> None:
        self.sha256: dict[int, str] = {}
        self.kept: dict[int, Path | None] = {}
        self.aliases: dict[str, int] = {}

    def registered(self, uri: str, name: str) -> Registered:
        return Registered(dict(self.sha256), dict(self.kept), dict(self.aliases))

    def point(self, uri: str, name: str, alias: str, version: int | None) -> None:
        self.aliases.pop(alias, None)
        if version is not None:
            self.aliases[alias] = version


@pytest.fixture
def tracking(monkeypatch: pytest.MonkeyPatch) -> Tracking:
    held = Tracking()
    monkeypatch.setattr(registry, "registered", held.registered)
    monkeypatch.setattr(registry, "point", held.point)
    return held


@pytest.fixture
def settings(tmp_path: Path, tracking: Tracking) -> Settings:
    """Version 1 live, version 2 its challenger, both registered with a copy kept."""
    settings = Settings(home=tmp_path / "home")
    for version in (1, 2):
        bundle = released.release(settings.bundles)
        tracking.sha256[version] = bundle.sha256
        tracking.kept[version] = shutil.copytree(bundle.folder, tmp_path / "kept" / str(version))
    release.promote(settings, NAME, 1)
    release.challenge(settings, NAME, 2)
    return settings


def found(settings: Settings) -> list[tuple[Any, str, str]]:
    return [(row["version"], row["what"], row["mend"]) for row in reconcile.reconcile(settings)]


def test_where_all_agree_nothing_is_said(settings: Settings, tmp_path: Path) -> None:
    assert found(settings) == []
    assert reconcile.reconcile(Settings(home=tmp_path / "new")) == []
    assert not (tmp_path / "new").exists()  # asking makes no store


def test_an_alias_that_was_moved_by_hand_follows_the_ledger_again(settings: Settings, tracking: Tracking) -> None:
    tracking.aliases["champion"] = 2
    ((version, what, how),) = found(settings)
    assert (version, what) == (1, "MLflow's alias champion points to version 2, the ledger says version 1")
    assert "frailty doctor --mend" in how
    assert reconcile.mend(settings) == []
    assert tracking.aliases == {"champion": 1, "challenger": 2}


def test_an_alias_of_a_challenger_withdrawn_elsewhere_is_taken_away(settings: Settings, tracking: Tracking) -> None:
    release.withdraw(settings, NAME)
    tracking.aliases["challenger"] = 2
    assert found(settings)[0][1] == "MLflow's alias challenger points to version 2, the ledger says no version"
    assert reconcile.mend(settings) == []
    assert "challenger" not in tracking.aliases


def test_a_live_bundle_that_was_changed_is_told_with_the_copy_that_mends_it(
    settings: Settings, tracking: Tracking
) -> None:
    folder = settings.bundles / NAME / "1"
    (folder / "model.txt").write_text("another")
    ((version, what, how),) = found(settings)
    assert (version, "model.txt is not what was released" in what) == (1, True)
    assert how == f"copy the files of {tracking.kept[1]} into {folder}, or `frailty rollback {NAME}`"
    shutil.copytree(tracking.kept[1], folder, dirs_exist_ok=True)  # type: ignore[arg-type]
    assert found(settings) == []


def test_a_live_bundle_that_is_gone_and_of_which_there_is_no_copy(settings: Settings, tracking: Tracking) -> None:
    tracking.kept[2] = None
    shutil.rmtree(settings.bundles / NAME / "2")
    said = found(settings)
    assert said[0][2] == f"restore {settings.bundles / NAME / '2'} from a backup, or `frailty withdraw {NAME}`"
    assert said[1][1] == "MLflow knows it, and its bundle is not here"


def test_predictors_declared_otherwise_since_are_told(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "CATALOGUE", ())
    assert [(row[0], "3 no longer declared" in row[1]) for row in found(settings)] == [(1, True), (2, True)]


def test_a_version_that_mlflow_does_not_know_and_one_that_it_holds_otherwise(
    settings: Settings, tracking: Tracking
) -> None:
    released.release(settings.bundles)
    tracking.sha256[1] = "00" * 32
    said = [(version, what) for version, what, _ in found(settings)]
    assert said == [
        (1, "MLflow holds another bundle under this version"),
        (3, "its bundle is here, and MLflow does not know it"),
    ]


def test_mlflow_away_is_said_and_the_rest_is_checked(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> Registered:
        raise MissingPart("the tracking store cannot be used")

    monkeypatch.setattr(registry, "registered", away)
    (settings.bundles / NAME / "1" / "card.md").unlink()
    said = found(settings)
    assert said[0][:2] == (None, "MLflow cannot be asked: the tracking store cannot be used")
    assert "card.md is missing" in said[1][1]
