"""``frailty monitor`` as a user has it, on a copy of the shared area's home."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from features.errors import Refused
from models.bundle import Bundle
from risk import learnt
from risk.monitoring import Asked, monitor
from risk.settings import Settings
from risk.watched import latest
from tests.area import Area, frailty

MODEL = "unplanned_admission_365"
#: A year and the lag before the newest delivery: its outcomes are known.
TOLD = "2023-07-01"


@dataclass(frozen=True)
class Apart(Area):
    """An area whose home is a copy: what is written there troubles nobody."""

    own: Path = Path()

    @property
    def home(self) -> Path:
        return self.own


@pytest.fixture(scope="module")
def apart(area: Area, tmp_path_factory: pytest.TempPathFactory) -> Apart:
    own = tmp_path_factory.mktemp("monitor") / "home"
    shutil.copytree(area.home, own)
    return Apart(area.folder, own)


def test_the_published_run_and_a_date_are_watched_and_written_as_page_and_json(apart: Apart, tmp_path: Path) -> None:
    told = apart.run("monitor", "--record", str(apart.record), "--at", TOLD, "--out", str(tmp_path))
    assert [held["name"] for held in told["dates"]] == ["tried", "run 1"]
    tried, run = told["dates"]
    assert tried["happened"]["events"] > 10
    assert tried["happened"]["people"] + sum(tried["unknown"].values()) == tried["people"]
    assert run["happened"] is None
    assert sum(run["unknown"].values()) == run["people"]
    assert len(run["inputs"]["predictors"]) > 100
    assert json.loads((tmp_path / "monitor.json").read_text())["severity"] == told["severity"]
    page = (tmp_path / "monitor.html").read_text()
    assert page.index("nobody in it exists") < page.index("What needs looking at")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    for chart in re.findall(r"<svg.*?</svg>", page, flags=re.S):
        assert "<title" in chart
        assert "<desc" in chart


def test_the_run_is_watched_as_it_was_published(apart: Apart) -> None:
    (run,) = [
        held for held in monitor(Asked(apart.record), Settings(home=apart.home))["dates"] if held["name"] == "run 1"
    ]
    manifest = json.loads((apart.home / "runs" / "1" / "run.json").read_text())
    assert run["people"] == manifest["counts"]["scored"]
    assert run["listed"] == manifest["counts"]["listed"]
    assert run["at"] == manifest["at"]
    kept = latest(Settings(home=apart.home), MODEL)
    assert kept is not None
    assert kept["model"]["version"] == 1


def test_nobody_is_in_what_is_kept_of_training_or_of_watching(apart: Apart) -> None:
    monitor(Asked(apart.record), Settings(home=apart.home))
    for kept in (apart.home / "learnt" / f"{MODEL}-1.json", apart.home / "monitor" / f"{MODEL}.json"):
        text = re.sub(r"[0-9a-f]{64}", "", kept.read_text())  # hashes of bundles
        assert not re.findall(r"(?<![\d.])\d{9,20}(?![\d.])", text), "a number as long as a person's"


def test_what_another_model_was_made_of_is_refused(apart: Apart, tmp_path: Path) -> None:
    shutil.copytree(apart.home, tmp_path / "home")
    settings = Settings(home=tmp_path / "home")
    bundle = Bundle.load(settings.bundles / MODEL / "1")
    path = settings.home / "learnt" / f"{MODEL}-1.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "bundle": "0" * 64}))
    with pytest.raises(Refused, match="another model"):
        learnt.reference(settings, bundle)
    path.unlink()
    assert learnt.reference(settings, bundle) is None
    told = monitor(Asked(apart.record), settings)
    assert "train it again" in told["dates"][0]["score"]["not_told"]


def test_a_grave_trigger_ends_with_4_where_that_is_asked_for(apart: Apart, tmp_path: Path) -> None:
    shutil.copytree(apart.home, tmp_path / "home")
    path = tmp_path / "home" / "learnt" / f"{MODEL}-1.json"
    held = json.loads(path.read_text())
    # Calibration people who all had the lowest scores: those of today lie far above.
    held["score"]["counts"] = [sum(held["score"]["counts"])] + [0] * (len(held["score"]["counts"]) - 1)
    path.write_text(json.dumps(held))
    environment = {**apart.environment, "FRAILTY_HOME": str(tmp_path / "home")}
    asked = ("monitor", "--record", str(apart.record))
    assert frailty(environment, *asked).returncode == 0
    done = frailty(environment, *asked, "--stop")
    assert done.returncode == 4
    assert "score of raw score" in done.stderr


def test_there_must_be_something_to_watch(apart: Apart, tmp_path: Path) -> None:
    shutil.copytree(apart.home / "models", tmp_path / "models")
    with pytest.raises(Refused, match="name dates at which to try it with --at"):
        monitor(Asked(apart.record, MODEL), Settings(home=tmp_path))


def test_a_date_is_tried_on_what_was_then_known(apart: Apart) -> None:
    told = monitor(Asked(apart.record, MODEL, (date.fromisoformat(TOLD),)), Settings(home=apart.home))
    tried = told["dates"][0]
    assert tried["at"] == TOLD
    assert tried["listed"] >= 0.02 * tried["people"]
    assert tried["happened"]["list"]["listed"] <= tried["listed"]
