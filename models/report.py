"""A validation report as one JSON document: everything that the page and the card say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.release import HIGH, MEDIUM
from models.tripod import ITEMS

FORMAT = 1
#: What each kind of data is, said before any figure.
FIRST_LINE = {
    "simulated": "Simulated data ({title}): nobody in it exists, and no figure here is clinical performance.",
    "demonstration": "Demonstration data ({title}): the figures show that the product works, not how it performs in an area.",
    "real": "Data: {title}. The figures hold for the people, the dates and the feeds named here.",
    "unknown": "Data of unstated origin ({title}): no figure here should be taken for clinical performance.",
}
METHOD = {
    "algorithm": "gradient-boosted trees (LightGBM), one binary classifier an outcome; no class weights; absent values are "
    "absent, and nothing is imputed; the number of trees is chosen on training people held out",
    "death": "death without the event counts as no event: the probability is of having the event, death competing with it",
    "leaving": "somebody who leaves the area in the window without an event has no known outcome and is left out "
    "(counted as censored), and those like them whose outcome is known stand for them, in training, in calibration and in every figure; "
    "counts and the points of charts are of the rows there are; an event before they left counts",
    "intervals": "95% intervals: percentiles over resamples of people, each with all their rows; differences are of the "
    "same resamples; the integrated calibration index cannot fall below 0, so that its interval leans upwards and may lie above the figure",
    "baselines": "published scores rank as they are; for figures that need a probability they are recalibrated by a logistic regression on a "
    "spline of the score, across five folds of the people who test",
    "bands": f"high and medium are absolute probabilities, kept with the version: those that {HIGH:.0%} and {MEDIUM:.0%} of "
    "the calibration people reach",
}
LIMITS = (
    "It supports a decision and takes none: a person who is not listed may be at risk, and one who is may not be.",
    "It was validated on the record it was made from; another area, or another pattern of feeds, needs a validation of its own.",
    "Being found is not being helped: whether acting on the list prevents anything is another question.",
    "What no record holds cannot be predicted, and what is recorded less for some people is predicted less well for them.",
)


@dataclass(frozen=True)
class Subject:
    """What is reported on. ``split`` is :meth:`models.split.Dates.to_json`; ``flow`` counts how people came to be in each part
    and why others did not."""

    name: str
    version: int
    outcome: str
    title: str
    definition: str
    horizon: int
    minimum_age: int
    about: Mapping[str, str]
    split: Mapping[str, Any]
    flow: Mapping[str, Any]
    recipe: Mapping[str, Any]
    calibration: Mapping[str, Any]
    bands: Mapping[str, float]
    predictors: int
    importance: Sequence[tuple[str, float]]
    provenance: Mapping[str, Any]


def first_line(about: Mapping[str, str]) -> str:
    """What data the figures are from, in a sentence; an unknown kind is never taken for real."""
    return FIRST_LINE.get(about.get("kind", ""), FIRST_LINE["unknown"]).format(title=about.get("title", "no title"))


def compose(subject: Subject, judged: Mapping[str, Any], cross_validation: Mapping[str, Any] | None) -> dict[str, Any]:
    """The report. ``judged`` is what :func:`models.validate.judge` gave, or ``{"not_validated": why}``."""
    return {
        "format": FORMAT,
        "first_line": first_line(subject.about),
        "title": f"{subject.title} within {subject.horizon} days: development and validation of a prediction model",
        "about": dict(subject.about),
        "model": {
            "name": subject.name, "version": subject.version, "outcome": subject.outcome, "title": subject.title,
            "definition": subject.definition, "horizon": subject.horizon, "minimum_age": subject.minimum_age,
            "predictors": subject.predictors, "recipe": dict(subject.recipe), "bands": dict(subject.bands),
            "calibration": {"method": subject.calibration["method"], "loss": subject.calibration["loss"]},
            "importance": [{"predictor": name, "mean_contribution": round(size, 6)} for name, size in subject.importance],
        },
        "split": dict(subject.split),
        "flow": dict(subject.flow),
        "method": {**METHOD, "calibration": _CALIBRATION[subject.calibration["method"]]},
        **judged,
        "cross_validation": dict(cross_validation) if cross_validation else None,
        "limits": list(LIMITS),
        "tripod_ai": [{"item": n, "asks": asks, "answered": where, "section": section} for n, asks, where, section in ITEMS],
        "provenance": dict(subject.provenance),
    }  # fmt: skip


_CALIBRATION = {
    "none": "the model's own probabilities, which the calibration people gave no reason to change",
    "platt": "log-odds shifted and stretched to fit the calibration people (Platt)",
    "beta": "log-odds shifted, and stretched differently where risk is low and where it is high, to fit the calibration people (beta)",
    "isotonic": "steps fitted to the calibration people (isotonic), joined so that the curve rises everywhere",
}


def metrics(report: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures of a report that go into the registry, flat; nothing about a person."""
    flat: dict[str, float | None] = {}
    for way, figures in report.get("performance", {}).items():
        for name, held in figures.items():
            if isinstance(held, Mapping) and "value" in held:
                flat[f"{way}.{name}"] = held["value"]
        for row in figures["top"]:
            for name in ("ppv", "sensitivity"):
                flat[f"{way}.{name}_top_{100 * row['share']:g}"] = row[name]["value"]
    held_out = report.get("cross_validation") or {}
    return flat | {
        f"out_of_fold.{name}": held_out[name]["value"] for name in ("auroc", "auprc", "brier") if name in held_out
    }
