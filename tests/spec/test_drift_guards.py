"""What stops a run once everybody is scored."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from features.errors import Refused
from models.monitor import Reference
from risk.run.drift_guards import Drift, drift
from risk.run.guards import SCORED, check, reasons_of
from risk.settings import Settings
from risk.watched import keep
from tests import synthetic

CALIBRATED = np.random.default_rng(1).normal(size=3000) - 3
MADE_OF = Reference.of(synthetic.dataset(people=200), CALIBRATED)
SOUND = Drift(CALIBRATED[:1500], MADE_OF)


def test_scores_that_did_not_move_pass() -> None:
    assert check(SOUND, {}, SCORED) == {}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"raw": CALIBRATED + 1}, r"the scores have moved .* \(index 0\.9\d, at most 0\.25\)"),
        ({"grave": ("at 2023-01-01 60 events where 90 were expected",)}, "probabilities are no longer right: at 2023-01-01 60 events"),
    ],
)  # fmt: skip
def test_what_stops_and_what_a_reason_passes(changed: dict[str, Any], sentence: str) -> None:
    facts = dataclasses.replace(SOUND, **changed)
    with pytest.raises(Refused, match=sentence):
        check(facts, {}, SCORED)
    guard = "score" if "raw" in changed else "calibration"
    passed = check(facts, reasons_of([f"{guard}=a new practice"]), SCORED)
    assert passed[guard]["reason"] == "a new practice"


@pytest.mark.parametrize(
    "changed",
    [
        {"raw": CALIBRATED + 0.2},  # moved, though by less than stops
        {"raw": CALIBRATED[:9] + 0.8},  # nine people: no more than chance gives
        {"raw": CALIBRATED + 9, "reference": None},  # nothing to hold them against
    ],
)
def test_what_does_not_stop(changed: dict[str, Any]) -> None:
    assert check(dataclasses.replace(SOUND, **changed), {}, SCORED) == {}


def test_a_small_area_is_not_stopped_by_chance() -> None:
    """Harm: a small area has no list this week, or learns to wave the guard through, because few people happened to lie unevenly."""
    draw = np.random.default_rng(3)
    trained, stopped = synthetic.dataset(people=200), 0
    for _ in range(400):
        made_of = Reference.of(trained, draw.normal(size=223))
        try:
            check(Drift(draw.normal(size=1634) + 0.2, made_of), {}, SCORED)
        except Refused:
            stopped += 1
    assert stopped == 0
    with pytest.raises(Refused, match="the scores have moved"):
        check(Drift(draw.normal(size=1634) + 1, made_of), {}, SCORED)


def date(version: int = 1, happened: bool = True, **trigger: str) -> dict[str, Any]:
    fired = {"trigger": "calibration", "severity": "stop", "found": "too many", **trigger}
    return {
        "at": "2023-01-01",
        "version": version,
        "happened": {} if not happened else {"events": 1},
        "triggers": [fired],
    }


@pytest.mark.parametrize(
    ("dates", "stops"),
    [
        ([date()], True),
        ([date(trigger="slope")], True),
        ([date(severity="act")], False),
        ([date(trigger="list_ppv")], False),  # the list's own success can be why
        ([date(version=2)], False),  # another version's
        ([date(), date(severity="watch")], False),  # right again at the latest date of which outcomes are known
        ([date(), date(happened=False)], True),  # of the latest date nothing is known yet
    ],
)
def test_which_of_what_watching_found_stops_a_run(tmp_path: Path, dates: list[dict[str, Any]], stops: bool) -> None:
    settings, bundle = Settings(home=tmp_path), SimpleNamespace(name="m", version=1, sha256="0")
    keep(settings, "m", json.loads(json.dumps({"on": "2024-01-01", "dates": dates})))
    assert bool(drift(settings, bundle, CALIBRATED).grave) == stops  # type: ignore[arg-type]


def test_a_model_that_was_never_watched_stops_nothing(tmp_path: Path) -> None:
    bundle = SimpleNamespace(name="m", version=1, sha256="0")
    assert drift(Settings(home=tmp_path), bundle, CALIBRATED) == Drift(CALIBRATED, None, ())  # type: ignore[arg-type]
