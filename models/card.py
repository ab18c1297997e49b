"""The model card: one page of plain text for those who decide whether to use the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.public import public
from models.wording import FIGURES, SLICED, WAYS, chance, figure


def card(report: Mapping[str, Any]) -> str:
    """The report in short, as Markdown. Its first line says what data the figures are from.

    A card is for everybody who decides whether to use the model, so it holds what a public report may tell
    (:func:`models.public.public`), whichever report it is made of.
    """
    report = report if "suppressed" in report else public(report)
    model, split = report["model"], report["split"]
    lines = [
        f"**{report['first_line']}**", "",
        f"# {report['title']}", "",
        f"{model['name']}, version {model['version']}.", "",
        "## What it predicts", "",
        f"{model['title']} within {model['horizon']} days of the index date, for people aged {model['minimum_age']} and over.",
        model["definition"], "",
        f"Death: {report['method']['death']}.", f"Leaving: {report['method']['leaving']}.", "",
        "## What it is for", "",
        "To put the people at highest risk in front of a team that knows them. It takes no decision and codes nothing.", "",
        "## How it was made", "",
        f"{_sentence(report['method']['algorithm'])} {model['predictors']} predictors, {model['recipe'].get('trees')} trees; "
        f"calibration: {report['method']['calibration']}.",
        f"{_sentence(split['says'])} Trained at {_days(split['train'])}; calibrated at {_days(split['calibrate'])}; "
        f"tested at {_days(split['test'])}; purged: {_days(split['purged'])}.",
        f"Bands: high from {chance(model['bands']['high'])}, medium from {chance(model['bands']['medium'])}.", "",
        "## How well it does", "",
        *_performance(report), "",
        "## Kinds of people", "",
        *_gaps(report), "",
        "## Limits", "",
        *(f"- {limit}" for limit in report["limits"]), "",
        f"Small numbers: {report['suppressed']}.",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _performance(report: Mapping[str, Any]) -> list[str]:
    held_out = report.get("cross_validation")
    pooled = [f"{_sentence(held_out['says'])} AUROC {figure(held_out['auroc'])}, AUPRC {figure(held_out['auprc'])}, "
              f"Brier {figure(held_out['brier'], 4)}.", ""] if held_out else []  # fmt: skip
    if "not_validated" in report:
        return [*pooled, f"Not validated: {report['not_validated']}"]
    test = report["test"]
    rows = [
        f"| {WAYS[way]} | {figure(held['auroc'])} | {figure(held['auprc'])} | {figure(held['top'][2]['ppv'])} "
        f"| {figure(held['top'][2]['sensitivity'])} |"
        for way, held in report["performance"].items()
    ]
    ours = report["performance"]["ours"]
    return [
        *pooled,
        f"On {test['people']:,} people never seen before, of whom {chance(test['risk'])} had the event (95% intervals):", "",
        "| | AUROC | AUPRC | PPV, top 2% | Sensitivity, top 2% |", "|---|---|---|---|---|", *rows, "",
        f"Brier {figure(ours['brier'], 4)}; calibration slope {figure(ours['slope'], 2)}, intercept "
        f"{figure(ours['intercept'], 2)}, integrated calibration index {figure(ours['ici'], 4)}.",
        *_sure(report),
        f"As drawn per practice, the top 2%: PPV {figure(ours['per_practice']['ppv'])}; "
        f"{figure(ours['per_practice']['new_share_of_list'])} of the listed had no {report['prior']} in two years.",
    ]  # fmt: skip


def _sure(report: Mapping[str, Any]) -> list[str]:
    """The interval's coverage, the look for leakage, and the feeds without which the model serves nobody; each where the report has it."""
    lines = []
    if "interval" in report:
        lines.append(f"A person's interval holds the observed share of {100 * report['interval']['within']:.0f}% of groups alike in score.")  # fmt: skip
    if (report.get("leakage") or {}).get("alarms") is not None:
        alarms = [alarm["what"].replace("_", " ") for alarm in report["leakage"]["alarms"]]
        lines.append(f"Leakage alarms: {', '.join(alarms) or 'none'}.")
    if report.get("patterns"):
        refused = [row["says"] for row in report["patterns"] if not row["served"]]
        slopes = [
            row["slope"]["value"]
            for row in report["patterns"]
            if row.get("slope") and row["slope"]["value"] is not None
        ]
        said = f"calibration slope {min(slopes):.2f} to {max(slopes):.2f}" if slopes else "not tested"
        lines.append(f"With a feed away ({len(report['patterns'])} patterns, each with a curve of its own): {said}; refused: {', '.join(refused) or 'none of them'}.")  # fmt: skip
    return lines


def _gaps(report: Mapping[str, Any]) -> list[str]:
    """How far apart kinds of people are on the lists; what the widest gap in being found is."""
    rows = [row for row in report.get("gaps", []) if row["figure"] in ("ppv", "sensitivity", "observed_expected")]
    if not rows:
        return ["No kind of people has numbers enough on every level for a comparison that can be told here."]
    return [
        "| | | Lowest | Highest | Difference |", "|---|---|---|---|---|",
        *(f"| {SLICED[row['by']]} | {FIGURES[row['figure']]} | {row['lowest']} | {row['highest']} | {figure(row['difference'])} |" for row in rows),
    ]  # fmt: skip


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _days(days: list[str]) -> str:
    return ", ".join(days) or "none"
