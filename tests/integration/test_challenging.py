"""A challenger is scored beside the live model, and the difference is told to whoever runs it and to nobody else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from risk import store as stores
from risk import watched
from risk.run import challenging, folder
from risk.settings import load
from tests import released
from tests.records import feeds, record
from tests.typed import told, typed

NAME = "unplanned_admission_365"
RUN = ("run", "--record", "record", "--at", "2024-11-30")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A record of 60 people of one practice. Version 1 is live, version 2 has the same trees, version 3 was trained on other people."""
    people = [{"person_id": n, "birth_month": f"{1925 + n}-05-01"} for n in range(1, 61)]
    record(tmp_path / "record", about="simulated", person=people, feed=feeds(known_at="2024-11-25", period_to="2024-11-25"),
           registration=[{"person_id": n} for n in range(1, 61)])  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_TODAY", "2024-11-30")
    monkeypatch.setattr("models.registry.point", lambda *_: None)
    for trained in (released.trees(), released.trees(), released.trees(seed=5)):
        released.release(tmp_path / "home" / "models", trained=trained, dates={"train": ["2022-01-01"]})
    told("promote", NAME, "1")
    return tmp_path


def test_without_a_challenger_a_run_says_nothing_of_one(home: Path) -> None:
    assert told(*RUN)["challenger"] is None


def test_the_same_trees_agree_wholly(home: Path) -> None:
    told("promote", NAME, "2", "--shadow", "--reason", "to see that it runs")
    run = told(*RUN)
    assert (run["model"]["version"], run["status"]) == (1, "published")
    beside = run["challenger"]
    assert (beside["people"], beside["listed"], beside["listed_by_both"], beside["list_overlap"]) == (
        60,
        2,
        2,
        1.0,
    )  # 2% of 60: 2
    assert beside["score_correlation"] == pytest.approx(1.0)
    assert (beside["mean_difference"], beside["feeds_not_trained_with"]) == (0.0, 0)
    assert [(row["role"], row["version"]) for row in beside["models"]] == [("live", 1), ("challenger", 2)]
    assert beside["models"][0]["tested"] == {"auroc": 0.8, "slope": 1.0, "ici": None}


def test_another_model_is_told_apart_and_nobodys_second_score_is_kept(home: Path) -> None:
    alone = told(*RUN)
    told("promote", NAME, "3", "--shadow")
    run = told(*RUN)
    beside = run["challenger"]
    assert 0.5 < beside["score_correlation"] < 1.0
    assert beside["mean_difference"] > 0
    kept, before = (folder.manifest(load().runs, held["number"]) for held in (run, alone))
    assert kept["challenger"] == beside
    for file in (
        folder.CONTRIBUTIONS,
        folder.VALUES,
    ):  # as without a challenger; ranks of equal scores are drawn anew in each run
        assert kept["files"][file] == before["files"][file]
    files = {path.name for path in (load().runs / str(run["number"])).iterdir()}
    assert files == {path.name for path in (load().runs / str(alone["number"])).iterdir()}


def test_a_shadow_run_is_made_with_the_challenger_and_published_to_nobody(home: Path) -> None:
    live = told(*RUN)["number"]
    told("promote", NAME, "3", "--shadow")
    run = told(*RUN, "--shadow")
    assert (run["status"], run["model"]["version"]) == ("shadow", 3)
    assert [(row["role"], row["version"]) for row in run["challenger"]["models"]] == [("challenger", 3), ("live", 1)]
    current = stores.open(load()).current_run()
    assert current is not None
    assert current["number"] == live
    told("withdraw", NAME)
    assert told(*RUN, "--shadow")["model"]["version"] == 1


def test_two_shadow_runs_show_how_steady_a_challengers_reasons_are(home: Path) -> None:
    told("promote", NAME, "3", "--shadow")
    for _ in range(2):
        told(*RUN, "--shadow")
    (steady,) = [gate for gate in told("promote", NAME, "3")["gates"] if gate["gate"] == "stability"]
    assert (steady["result"], steady["found"]) == (
        "passed",
        "Jaccard index 1.00 among 60 people whose record stayed as it was",
    )


def test_it_is_said_in_words(home: Path) -> None:
    told("promote", NAME, "2", "--shadow")
    assert "challenger" in typed("models").output
    said = typed(*RUN).output
    assert "of 2 listed, 2 by both (100%)" in said


def test_a_challenger_that_cannot_be_loaded_stops_no_run(home: Path) -> None:
    told("promote", NAME, "3", "--shadow")
    (home / "home" / "models" / NAME / "3" / "model.txt").write_text("another")
    run = told(*RUN)
    assert run["status"] == "published"
    assert "model.txt is not what was released" in run["challenger"]["not_compared"]
    assert "are not compared" in typed(*RUN).output


def test_correlation_of_ranks_by_hand() -> None:
    """Ranks 1 2 3 against 1 3 2: 1 - 6 × (0 + 1 + 1) / (3 × 8) = 0.5."""
    assert challenging.correlation(np.array([1.0, 2.0, 9.0]), np.array([-5.0, 4.0, 0.0])) == pytest.approx(0.5)
    assert challenging.correlation(np.array([1.0, 1.0]), np.array([1.0, 2.0])) is None


def test_a_challenger_is_watched_by_its_shadow_runs_and_apart_from_the_live_one(home: Path) -> None:
    """Calibration in time before anybody is shown its scores; what guards of the live model's runs read stays as it was."""
    told("promote", NAME, "3", "--shadow")
    told(*RUN)
    live = told("monitor", "--record", "record", "--out", "live")
    done = typed("monitor", "--record", "record", "--model", f"{NAME}@challenger", "--out", "beside")
    assert "has been made in shadow with it" in str(done.exception)
    shadow = told(*RUN, "--shadow")
    assert shadow["model"]["version"] == 3
    beside = told("monitor", "--record", "record", "--model", f"{NAME}@challenger", "--out", "beside")
    assert [held["name"] for held in beside["dates"]] == [f"run {shadow['number']}"]
    assert [held["name"] for held in live["dates"]] == ["run 1"]
    kept = watched.latest(load(), NAME)
    assert kept is not None
    assert kept["model"]["version"] == 1
