"""The report's charts: what each draws, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.charts import BLUE, GREY, ORANGE, Chart
from models.forest import Forest, Line
from models.wording import SLICED, WAYS, figure

_DASHES = {
    "ours": (BLUE, ""),
    "past_admissions": (GREY, "6 4"),
    "age": ("#768692", "1 5"),
    "efi": ("#330072", "6 2 1 2"),
    "hfrs": ("#7c2855", "3 3"),
    "charlson": ("#425563", "1 3"),
    "logistic": (ORANGE, "2 3"),
    "truth": ("#007f3b", "10 4"),
}
#: Ways whose whole curves are drawn: more lines than these cannot be told apart.
CURVES = ("ours", "past_admissions", "efi", "logistic", "truth")
#: Forest plots: name, title, figure, axis label, whether practices, the value compared with (None: that of everybody).
FORESTS: dict[str, tuple[str, str, str, bool, float | None]] = {
    "forest_auroc": ("Discrimination by kind of person", "auroc", "AUROC", False, None),
    "forest_calibration": ("Calibration by kind of person", "observed_expected", "Events observed for each expected", False, 1.0),
    "forest_ppv": ("Who the lists find, by kind of person", "ppv", "Share of the listed with the event (PPV)", False, None),
    "forest_practices": ("Each practice's list", "ppv", "Share of the listed with the event (PPV)", True, None),
}  # fmt: skip


def charts_of(report: Mapping[str, Any]) -> dict[str, Chart]:
    """The report's charts by name."""
    return {"roc": roc(report), "precision_recall": precision_recall(report), "calibration": calibration(report),
            "net_benefit": net_benefit(report), "lists": lists(report), "found": found(report)}  # fmt: skip


def forests_of(report: Mapping[str, Any]) -> dict[str, Forest]:
    """The report's forest plots by name."""
    return {name: forest(report, *rest) for name, rest in FORESTS.items()}


def roc(report: Mapping[str, Any]) -> Chart:
    curves = {way: report["curves"][way] for way in CURVES if way in report["curves"]}
    said = "; ".join(f"{WAYS[way]} {figure(report['performance'][way]['auroc'])}" for way in curves)
    chart = Chart("ROC curve", f"Share of events found against share of other people taken with them. Area under it: {said}.",
                  "Share of people without the event (1 − specificity)", "Share of all events found (sensitivity)")  # fmt: skip
    chart.line([(0, 0), (1, 1)], GREY, "4 4", "by chance")
    for way, curve in curves.items():
        points = zip(curve["false_positive_rate"], curve["recall"], strict=True)
        chart.line([(0, 0), *points], *_DASHES[way], WAYS[way])
    return chart


def precision_recall(report: Mapping[str, Any]) -> Chart:
    curves, risk = {way: report["curves"][way] for way in CURVES if way in report["curves"]}, report["test"]["risk"]
    said = "; ".join(f"{WAYS[way]} {figure(report['performance'][way]['auprc'])}" for way in curves)
    chart = Chart("Precision and recall", f"Average precision: {said}; by chance it would be {risk:.3f}.",
                  "Share of all events found (sensitivity)", "Share with the event (PPV)")  # fmt: skip
    chart.line([(0, risk), (1, risk)], GREY, "4 4", "by chance")
    for way, curve in curves.items():
        chart.line(list(zip(curve["recall"], curve["precision"], strict=True)), *_DASHES[way], WAYS[way])
    return chart


def calibration(report: Mapping[str, Any]) -> Chart:
    tenths, smoothed = report["calibration"]["tenths"], report["calibration"]["smoothed"]
    top = min(1.0, 1.1 * max(max(row["high"], row["expected"]) for row in tenths))
    said = "; ".join(f"given {row['expected']:.3f}, observed {row['observed']:.3f}" for row in tenths)
    chart = Chart("Calibration", f"Share of people with the event against the probability given, in tenths: {said}.",
                  "Probability given", "Share with the event", (0, top), (0, top))  # fmt: skip
    chart.line([(0, 0), (top, top)], GREY, "4 4", "perfect")
    chart.line(
        [(point["given"], point["observed"]) for point in smoothed if max(point["given"], point["observed"]) <= top],
        name="smoothed",
    )
    chart.dots(
        [(row["expected"], row["observed"]) for row in tenths],
        [(row["low"], row["high"]) for row in tenths],
        ORANGE,
        "tenths of the people",
    )
    return chart


def lists(report: Mapping[str, Any]) -> Chart:
    """PPV by the share of people listed, each way of scoring."""
    return _by_share(report, "Who a list would hold", "ppv", "Share of the listed with the event (PPV)")


def found(report: Mapping[str, Any]) -> Chart:
    """Sensitivity by the share of people listed."""
    return _by_share(report, "Whom a list would find", "sensitivity", "Share of all events found (sensitivity)")


def _by_share(report: Mapping[str, Any], title: str, name: str, label: str) -> Chart:
    """A figure by the share of people listed, each way of scoring; ours with its intervals."""
    said, lines = [], {}
    for way, performance in report["performance"].items():
        shown = [(100 * row["share"], row[name]) for row in performance["top"] if row[name]["value"] is not None]
        lines[way] = [(x, held["value"]) for x, held in shown]
        said.append(f"{WAYS[way]}: " + (", ".join(f"{x:g}% {y:.2f}" for x, y in lines[way]) or "none shown"))
    ours = [
        (100 * row["share"], row[name]) for row in report["performance"]["ours"]["top"] if row[name]["low"] is not None
    ]
    highest = [y for points in lines.values() for _, y in points] + [held["high"] for _, held in ours]
    top = min(1.0, 1.05 * max(highest, default=1.0) or 1.0)
    chart = Chart(title, f"{label}, by the share of people listed. {'. '.join(said)}.", "People listed (% of all)", label, (0, 10.5), (0, top))  # fmt: skip
    for way, points in lines.items():
        chart.line(points, *_DASHES[way], WAYS[way])
    chart.dots([(x, held["value"]) for x, held in ours], [(held["low"], held["high"]) for _, held in ours])
    return chart


def net_benefit(report: Mapping[str, Any]) -> Chart:
    rows = [row for row in report["net_benefit"] if row["model"]["value"] is not None]
    model = [(row["threshold"], row["model"]["value"]) for row in rows]
    risk = report["test"]["risk"]
    everybody = [(at / 100, risk - (1 - risk) * at / (100 - at)) for at in range(56)]
    best = max((y for _, y in (*model, *everybody)), default=0.005)
    low, high = -0.25 * best - 0.005, 1.1 * max(0.005, best)
    said = "; ".join(f"at {x:g}, {y:.4f}" for x, y in model)
    chart = Chart("Decision curve", f"Net benefit of acting at a probability: {said or 'none shown'}. Acting on nobody is 0.",
                  "Probability acted on", "Net benefit", (0, 0.55), (low, high))  # fmt: skip
    chart.line([(0, 0), (0.55, 0)], GREY, "4 4", "nobody")
    chart.line([point for point in everybody if point[1] > low], ORANGE, "2 3", "everybody")
    chart.line(model, BLUE, "", "this model")
    return chart


def forest(report: Mapping[str, Any], title: str, name: str, label: str, practices: bool, at: float | None) -> Forest:
    """One figure of each kind of person, or of each practice."""
    rows = [row for row in report["slices"] if (row["by"] == "practice") == practices]
    lines, kind = [], ""
    for row in rows:
        if row["by"] != kind:
            kind = row["by"]
            lines.append(Line(SLICED[kind], heading=True))
        held = row.get(name)
        if held is None or held["value"] is None:
            lines.append(Line(row["level"], instead="too few to show"))
        else:
            lines.append(Line(row["level"], held["value"], held["low"], held["high"]))
    overall = report["performance"]["ours"]["per_practice"]["ppv"] if name == "ppv" else report["performance"]["ours"].get(name)  # fmt: skip
    compared = at if at is not None else (overall or {}).get("value")
    ends = [end for line in lines for end in (line.low, line.high, line.value) if end is not None]
    ends += [] if compared is None else [compared]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    pad = 0.05 * (high - low) or 0.05
    ceiling = high + pad if name == "observed_expected" else min(1.0, high + pad)
    told = "; ".join(f"{line.label} {line.value:.2f}" for line in lines if line.value is not None)
    says = "as expected" if at is not None else "everybody"
    return Forest(title, f"{label}, with 95% intervals: {told or 'none of 2 or more can be shown'}.", label, lines, (max(0.0, low - pad), ceiling),
                  compared, says if compared is not None else "")  # fmt: skip
