"""What stops a run because the model's scores, or what they are worth, have drifted (features.health watches the feeds, models.monitor the rest)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.bundle import Bundle
from models.monitor.reference import Reference
from models.monitor.shift import by_chance, psi
from models.monitor.triggers import TRIGGERS
from risk import learnt, watched
from risk.settings import Settings

#: Triggers of watching that tell what the scores are worth, of all people scored.
WORTH = ("calibration", "slope", "discrimination")
#: From this index of the raw score no run is published without a reason.
STOP = next(trigger.stop for trigger in TRIGGERS if trigger.name == "score")


@dataclass(frozen=True)
class Drift:
    """What the guards look at once everybody is scored: the raw scores (n,), what the model was made of (None where that was not
    kept), and what watching this version last found to be grave."""

    raw: npt.NDArray[np.float64]
    reference: Reference | None
    grave: tuple[str, ...] = ()


def drift(settings: Settings, bundle: Bundle, raw: npt.NDArray[np.float64]) -> Drift:
    """The scores of a run beside what is kept of its model; of watching counts the latest date of which outcomes are known."""
    last, grave = watched.latest(settings, bundle.name), []
    if last is not None:
        told = [held for held in last["dates"] if held["happened"] and held["version"] == bundle.version]
        grave = [
            f"at {held['at']} {row['found']}, seen on {last['on']}"
            for held in told[-1:]
            for row in held["triggers"]
            if row["severity"] == "stop" and row["trigger"] in WORTH
        ]
    return Drift(raw, learnt.reference(settings, bundle), tuple(grave))


def score(facts: Drift) -> str | None:
    if facts.reference is None:
        return None
    now, then = facts.reference.score.count(facts.raw), facts.reference.score.all
    moved = psi(now, then)
    if moved < STOP or moved <= by_chance(now, then):
        return None
    return (
        f"the scores have moved from those that the model was calibrated on (index {moved:.2f}, at most {STOP}): check which predictors moved "
        "and why (`frailty monitor`), or train the model again"
    )


def calibration(facts: Drift) -> str | None:
    if not facts.grave:
        return None
    return f"the model's probabilities are no longer right: {'; '.join(facts.grave)}; look at `frailty monitor` and train the model again"
