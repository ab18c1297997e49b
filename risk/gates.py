"""What a model must show before its scores reach a list, as data. Each gate reads the bundle's own report.

A calibration slope that the report does not give is recorded as not shown; every other figure that is missing fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from features.engine.language import Declared
from features.errors import FrailtyError
from models.bundle import Bundle

#: Calibration slope outside which risks are too extreme or too timid. The outer edge at which a published audit of drift
#: in a UK risk model asks for recalibration, rounded outwards.
SLOPE = (0.8, 1.25)
Result = Literal["passed", "failed", "not shown"]


@dataclass(frozen=True)
class Evidence:
    """A bundle, its report (as JSON) and the predictors declared here and now."""

    bundle: Bundle
    report: dict[str, Any]
    predictors: Sequence[Declared]

    def figure(self, way: str, name: str) -> float | None:
        """A figure of the test people: ``way`` of scoring ("ours" or a baseline's), ``name`` of the figure."""
        held = self.report.get("performance", {}).get(way, {}).get(name)
        return None if held is None or held.get("value") is None else float(held["value"])


@dataclass(frozen=True)
class Gate:
    """``holds`` gives the result and what was found, in words. Only ``failed`` stands in the way."""

    name: str
    says: str
    holds: Callable[[Evidence], tuple[Result, str]]


def declared(evidence: Evidence) -> tuple[Result, str]:
    try:
        evidence.bundle.check(evidence.predictors)
    except FrailtyError as error:
        return "failed", str(error)
    return "passed", f"{len(evidence.bundle.names)} predictors as they were when the model was trained"


def calibrated(evidence: Evidence) -> tuple[Result, str]:
    slope = evidence.figure("ours", "slope")
    if slope is None:
        return "not shown", "the report gives no calibration slope"
    return ("passed" if SLOPE[0] <= slope <= SLOPE[1] else "failed"), f"calibration slope {slope:.2f}"


def better_than_past_admissions(evidence: Evidence) -> tuple[Result, str]:
    ours, plain = evidence.figure("ours", "auroc"), evidence.figure(PAST, "auroc")
    if ours is None or plain is None:
        why = evidence.report.get("not_validated", "the report gives no such comparison")
        return "failed", f"not compared with past emergency admissions: {why}"
    return ("passed" if ours > plain else "failed"), f"AUROC {ours:.3f}, past emergency admissions {plain:.3f}"


#: Name of the plainest baseline in a report.
PAST = "past_admissions"

GATES = (
    Gate("declarations", "every predictor is declared as it was when the model was trained", declared),
    Gate("calibration", f"the calibration slope on unseen people lies within {SLOPE[0]} to {SLOPE[1]}", calibrated),
    Gate("baseline", "ranks unseen people better than their past emergency admissions do", better_than_past_admissions),
)


def try_all(evidence: Evidence) -> list[dict[str, str]]:
    """Every gate's result: ``gate``, ``says``, ``result`` and ``found``."""
    rows = []
    for gate in GATES:
        result, found = gate.holds(evidence)
        rows.append({"gate": gate.name, "says": gate.says, "result": result, "found": found})
    return rows
