"""What a model must show before its scores reach a list, as data. Each gate reads the bundle's own report.

A figure fails only where its interval, if it has one, lies wholly on the wrong side: few people are no proof of harm. What small areas
or earlier reports cannot show (calibration slope, subgroups, other baselines, stability of reasons, a later calibration date) is recorded
as not shown; a comparison with past admissions and a look for leakage must be there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from features.engine.language import Declared
from features.errors import FrailtyError
from models.bundle import Bundle
from risk.same_outcome import same_outcome

#: Calibration slope outside which risks are too extreme or too timid. The outer edge at which a published audit of drift
#: in a UK risk model asks for recalibration, rounded outwards.
SLOPE = (0.8, 1.25)
#: Mean distance of a probability from what was observed, as a fraction, that is one or two people in a hundred too many.
ICI = 0.02
#: Subgroups of so many rows or more are judged by themselves, and their floor: AUROC, and events for each one expected.
LARGE, FLOOR, EXPECTED = 2_000, 0.60, (0.8, 1.25)
#: Jaccard index of a person's first five drivers in one run and in the next, their record being the same: 4 of 5 kept is 0.67.
STABLE = 0.6
Result = Literal["passed", "failed", "not shown"]


@dataclass(frozen=True)
class Evidence:
    """A bundle, its report (as JSON), the predictors declared here and now, and how steady ``reasons`` were between its last two runs
    (:class:`risk.stability.Stability` as JSON; None: there are no two)."""

    bundle: Bundle
    report: dict[str, Any]
    predictors: Sequence[Declared]
    reasons: Mapping[str, Any] | None = None

    def figure(self, way: str, name: str) -> float | None:
        """A figure of the test people: ``way`` of scoring ("ours" or a baseline's), ``name`` of the figure."""
        return self.ends(way, name)[0]

    def ends(self, way: str, name: str) -> tuple[float | None, float, float]:
        """A figure and the ends of its interval."""
        return ends(self.report.get("performance", {}).get(way, {}).get(name))


def ends(told: Mapping[str, Any] | None) -> tuple[float | None, float, float]:
    """A figure of a report and the ends of its interval: the figure itself where it has none, None where there is no figure."""
    value = (told or {}).get("value")
    if told is None or value is None:
        return None, math.nan, math.nan
    low, high = (value if told.get(end) is None else told[end] for end in ("low", "high"))
    return float(value), float(low), float(high)


@dataclass(frozen=True)
class Gate:
    """``holds`` gives the result and what was found, in words. Only ``failed`` stands in the way."""

    name: str
    says: str
    holds: Callable[[Evidence], tuple[Result, str]]


def declared(evidence: Evidence) -> tuple[Result, str]:
    try:
        evidence.bundle.check(evidence.predictors)
        same_outcome(evidence.bundle)
    except FrailtyError as error:
        return "failed", str(error)
    return "passed", f"{len(evidence.bundle.names)} predictors as they were when the model was trained"


def calibrated(evidence: Evidence) -> tuple[Result, str]:
    slope = evidence.figure("ours", "slope")
    ici, least, _ = evidence.ends("ours", "ici")
    if slope is None:
        return "not shown", "the report gives no calibration slope"
    said = f"calibration slope {slope:.2f}" + ("" if ici is None else f", ICI {ici:.3f}")
    holds = SLOPE[0] <= slope <= SLOPE[1] and (ici is None or least <= ICI)
    return ("passed" if holds else "failed"), said


def calibrated_later(evidence: Evidence) -> tuple[Result, str]:
    dates = evidence.bundle.dates
    if "calibrated_later" not in dates:
        return "not shown", "the model does not say at which dates it was calibrated"
    if not dates["calibrated_later"]:
        return "not shown", "the record had too few dates: calibrated on other people at the training dates"
    return (
        "passed",
        f"trained up to {dates['train'][-1]} and {dates['horizon']} days on, calibrated at {dates['calibrate'][0]}",
    )


def better_than_past_admissions(evidence: Evidence) -> tuple[Result, str]:
    ours, plain = evidence.figure("ours", "auroc"), evidence.figure(PAST, "auroc")
    if ours is None or plain is None:
        why = evidence.report.get("not_validated", "the report gives no such comparison")
        return "failed", f"not compared with past emergency admissions: {why}"
    return ("passed" if ours > plain else "failed"), f"AUROC {ours:.3f}, past emergency admissions {plain:.3f}"


def no_baseline_is_better(evidence: Evidence) -> tuple[Result, str]:
    told = {name: ends(figures.get("auroc")) for name, figures in evidence.report.get("differences", {}).items()}
    known = {name: figure for name, figure in told.items() if figure[0] is not None}
    if not known:
        return "not shown", "the report gives no differences from baselines"
    better = [name for name, (_, _, high) in known.items() if high < 0]
    if better:
        return "failed", f"clearly better at ranking: {', '.join(better)}"
    beaten = [name for name, (_, low, _) in known.items() if low > 0]
    return "passed", f"{len(beaten)} of {len(known)} baselines clearly beaten in AUROC, none is better"


def every_subgroup(evidence: Evidence) -> tuple[Result, str]:
    large = [row for row in evidence.report.get("slices", []) if row["rows"] >= LARGE and "auroc" in row]
    if not large:
        return "not shown", f"no subgroup of {LARGE:,} rows or more was tested"
    failed = [f"{row['by']} {row['level']}: {', '.join(faults)}" for row in large if (faults := subgroup_faults(row))]
    if failed:
        return "failed", f"{len(failed)} of {len(large)} subgroups: {'; '.join(failed[:6])}"
    return "passed", f"{len(large)} subgroups of {LARGE:,} rows or more"


def subgroup_faults(row: Mapping[str, Any]) -> list[str]:
    """What is clearly wrong in a subgroup's row of a report, in words."""
    auroc, _, best = ends(row.get("auroc"))
    share, low, high = ends(row.get("observed_expected"))
    ici, least, _ = ends(row.get("ici"))
    faults = []
    if auroc is not None and best < FLOOR:
        faults.append(f"AUROC {auroc:.2f}")
    if share is not None and (high < EXPECTED[0] or low > EXPECTED[1]):
        faults.append(f"{share:.2f} events for each expected")
    if ici is not None and least > ICI:
        faults.append(f"ICI {ici:.3f}")
    return faults


def feeds_away(evidence: Evidence) -> tuple[Result, str]:
    """A pattern that is not served stops no promotion: a run in which that feed is away is refused."""
    told = evidence.report.get("patterns")
    if not told:
        return "not shown", "the report does not say how the model does without each feed: no run without one is served"
    refused = [row["says"] for row in told if not row["served"]]
    if refused:
        return "not shown", f"calibration does not hold, or was not told, and runs are refused: {', '.join(refused)}"
    return "passed", f"{len(told)} patterns of feeds, each with a curve that those who test bore out"


def nothing_leaks(evidence: Evidence) -> tuple[Result, str]:
    found = evidence.report.get("leakage")
    if found is None:
        return "failed", "the report does not say that leakage was looked for; train the model again"
    if found["alarms"] is None:
        return "not shown", found["why"]
    if found["alarms"]:
        return "failed", "; ".join(f"{alarm['what']} (AUROC {alarm['auroc']:.3f})" for alarm in found["alarms"][:6])
    highest = found.get("highest") or []
    return "passed", "no alarm" + (
        f"; the most telling predictor has AUROC {highest[0]['auroc']:.3f}" if highest else ""
    )


def stable_reasons(evidence: Evidence) -> tuple[Result, str]:
    found = evidence.reasons or {}
    if found.get("jaccard") is None:
        return (
            "not shown",
            "no two runs were made with it, published or in shadow, that explain people whose record stayed as it was",
        )
    said = f"Jaccard index {found['jaccard']:.2f} among {found['people']:,} people whose record stayed as it was"
    return ("passed" if found["jaccard"] >= STABLE else "failed"), said


#: Name of the plainest baseline in a report.
PAST = "past_admissions"

GATES = (
    Gate(
        "declarations",
        "every predictor, and what the outcome is, is declared as it was when the model was trained",
        declared,
    ),
    Gate(
        "calibration",
        f"the calibration slope on unseen people lies within {SLOPE[0]} to {SLOPE[1]}, and the ICI within {ICI}",
        calibrated,
    ),
    Gate("calibrated_later", "calibrated at a later date than the training windows end", calibrated_later),
    Gate("baseline", "ranks unseen people better than their past emergency admissions do", better_than_past_admissions),
    Gate("other_baselines", "no baseline ranks unseen people clearly better", no_baseline_is_better),
    Gate(
        "subgroups",
        f"in every subgroup of {LARGE:,} rows or more AUROC reaches {FLOOR}, events for each one expected lie within "
        f"{EXPECTED[0]} to {EXPECTED[1]}, and the ICI within {ICI}",
        every_subgroup,
    ),
    Gate(
        "feeds_away",
        "without each feed, by a curve of that pattern's own, probabilities hold on unseen people",
        feeds_away,
    ),
    Gate("leakage", "no predictor and no figure is too good to be true", nothing_leaks),
    Gate(
        "stability",
        f"who is as before is given the same reasons in the next run (Jaccard index {STABLE} or more)",
        stable_reasons,
    ),
)


def try_all(evidence: Evidence) -> list[dict[str, str]]:
    """Every gate's result: ``gate``, ``says``, ``result`` and ``found``."""
    rows = []
    for gate in GATES:
        result, found = gate.holds(evidence)
        rows.append({"gate": gate.name, "says": gate.says, "result": result, "found": found})
    return rows
