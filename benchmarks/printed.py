"""What ``benchmarks.models`` found of an outcome, as a table with what was asked of it."""

from __future__ import annotations

from typing import Any

from benchmarks import feeds_away, recipes
from benchmarks.judged import FEWEST, LEARNABLE, MANY, UNLIMITED
from models.ways import OURS, TRUTH

Figures = dict[str, Any]

#: How near the model of more people ours is to come, in AUROC and in PPV at the top 2%; and how near trees without limits.
NEAR, NEAR_LIMITLESS = {"auroc": 0.005, "ppv_2": 0.01}, 0.001
SLOPE, ICI, ICI_KIND = (0.95, 1.05), 0.01, 0.02


def told(held: Figures, places: int = 4, sign: bool = False) -> str:
    """A figure with its interval."""
    if held["value"] is None:
        return "none"
    how = f"{'+' if sign else ''}.{places}f"
    between = "" if held["low"] is None else f" ({held['low']:{how}} to {held['high']:{how}})"
    return f"{held['value']:{how}}{between}"


def met(whether: bool) -> str:
    return "met" if whether else "NOT MET"


def verdicts(found: Figures, times: int) -> list[tuple[str, bool]]:
    """What was asked of the outcome's figures, in words, and whether it is so."""
    less, calibration = found["less"], found["calibration"][OURS]
    asked = [(f"{figure} within {near} of the recipe on {times} times the people", -less[MANY][figure]["value"] <= near)
             for figure, near in NEAR.items()]  # fmt: skip
    if UNLIMITED in less:
        asked.append(
            (
                f"auroc within {NEAR_LIMITLESS} of trees without limits",
                -less[UNLIMITED]["auroc"]["value"] <= NEAR_LIMITLESS,
            )
        )
    others = [name for name in less if name not in (MANY, UNLIMITED, LEARNABLE, TRUTH)]
    for figure in NEAR:
        beaten = [name for name in others if less[name][figure]["low"] is not None and less[name][figure]["low"] > 0]
        asked.append((f"{figure} above every baseline, the interval clear of zero", len(beaten) == len(others)))
    asked.append((f"calibration slope {SLOPE[0]} to {SLOPE[1]}", SLOPE[0] <= calibration["slope"]["value"] <= SLOPE[1]))
    asked.append((f"ICI at most {ICI}", calibration["ici"]["value"] <= ICI))
    kinds = found["kinds"]
    asked.append((f"ICI at most {ICI_KIND} in every kind of person of {FEWEST:,} or more ({len(kinds)} of them)",
                  all(kind["ici"] <= ICI_KIND for kind in kinds)))  # fmt: skip
    return asked


def table(outcome: str, horizon: int, steps: Figures, times: int) -> str:
    """Lines of text: figures of every way, the gap to the true risk, calibration, and what was asked."""
    found, one, many = steps["judged"], steps["one"], steps["many"]
    lines = [
        f"\n{outcome}, {horizon} days: simulated people, none of whom exists",
        f"trained on {one['rows']:,} rows of {one['people']:,} people ({one['events']:,} events), {one['trees']} trees; "
        f"on {times} areas: {many['rows']:,} rows, {many['trees']} trees; snapshots {', '.join(one['dates'])}",
        f"judged on {found['rows']:,} others at {', '.join(found['dates'])} ({found['events']:,} events)",
        f"demanded directions: {one['directions']} kept" + ("" if one["cost"] is None else f", their cost in log loss {told(one['cost'], 6, True)}"),
        "", f"{'':32}{'AUROC':32}{'PPV top 2%':32}ours less it: AUROC; PPV top 2%",
    ]  # fmt: skip
    for name, held in found["ways"].items():
        less = found["less"].get(name)
        paired = "" if less is None else f"{told(less['auroc'], 4, True)}; {told(less['ppv_2'], 3, True)}"
        lines.append(f"{name.replace('_', ' '):32}{told(held['auroc']):32}{told(held['ppv_2'], 3):32}{paired}")
    if found["gap"]:
        lines += ["", "gap to the true risk (AUROC; PPV top 2%)"]
        words = {"whole": "whole", "not shown": "of it, what no record shows (at most)", "not learned": "of it, what was not learned (at least)"}  # fmt: skip
        lines += [f"  {words[part]}: {told(held['auroc'])}; {told(held['ppv_2'], 3)}" for part, held in found["gap"].items()]  # fmt: skip
    else:
        lines += ["", "gap to the true risk: the simulator does not write this outcome's"]
    for name, held in found["calibration"].items():
        lines.append(f"calibration, {name}: slope {told(held['slope'], 3)}, ICI {told(held['ici'])}, Brier {told(held['brier'])}")  # fmt: skip
    if found["kinds"]:
        worst = max(found["kinds"], key=lambda kind: kind["ici"])
        lines.append(f"worst calibrated kind of person of {FEWEST:,} or more: {worst['by']} {worst['level']}, ICI {worst['ici']:.4f}, {worst['rows']:,} rows")  # fmt: skip
    asked = verdicts(found, times)
    if "away" in steps:
        lines += feeds_away.table(steps["away"])
        asked.append(feeds_away.verdict(steps["away"]))
    if "recipes" in steps:
        lines += recipes.table(steps["recipes"])
    lines += ["", *(f"  {met(whether)}: {words}" for words, whether in asked)]
    return "\n".join(lines)
