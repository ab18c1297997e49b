"""The report as one HTML page that needs nothing else: no script, no outside file."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any

from jinja2 import Environment, StrictUndefined

from models.charts import BLUE, GREY, ORANGE, Chart
from models.discrimination import per_cent

#: What each way of scoring is called.
WAYS = {"ours": "This model", "past_admissions": "Past admissions, age", "efi": "Electronic frailty index",
        "hfrs": "Hospital Frailty Risk Score", "charlson": "Charlson index", "logistic": "Logistic model",
        "truth": "True risk (the best possible)"}  # fmt: skip
_DASHES = {
    "ours": (BLUE, ""),
    "past_admissions": (GREY, "6 4"),
    "efi": ("#330072", "6 2 1 2"),
    "hfrs": ("#7c2855", "3 3"),
    "charlson": ("#425563", "1 3"),
    "logistic": (ORANGE, "2 3"),
    "truth": ("#007f3b", "10 4"),
}


def page(report: Mapping[str, Any]) -> str:
    """The report as HTML."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"figure": figure, "chance": chance, "share": per_cent}
    template = environment.from_string(resources.files("models").joinpath("templates/report.html").read_text())
    charts = {} if "not_validated" in report else {name: chart.svg() for name, chart in charts_of(report).items()}
    return template.render(report=report, charts=charts, ways=WAYS)


def figure(held: Mapping[str, float | None] | None, places: int = 3) -> str:
    """``0.781 (0.771 to 0.791)``; a dash where there is no figure."""
    if held is None or held["value"] is None:
        return "–"
    if held["low"] is None or held["high"] is None:
        return f"{held['value']:.{places}f}"
    return f"{held['value']:.{places}f} ({held['low']:.{places}f} to {held['high']:.{places}f})"


def chance(probability: float) -> str:
    """A probability as people say it: ``23 in 100``."""
    hundredths = 100 * probability
    return f"{hundredths:.0f} in 100" if hundredths >= 1 else f"{1000 * probability:.1f} in 1,000"


def charts_of(report: Mapping[str, Any]) -> dict[str, Chart]:
    """The report's charts by name."""
    return {"calibration": calibration(report), "precision_recall": precision_recall(report), "lists": lists(report),
            "net_benefit": net_benefit(report)}  # fmt: skip


def calibration(report: Mapping[str, Any]) -> Chart:
    tenths, smoothed = report["calibration"]["tenths"], report["calibration"]["smoothed"]
    top = min(1.0, 1.1 * max(max(row["high"], row["expected"]) for row in tenths))
    said = "; ".join(f"given {row['expected']:.3f}, observed {row['observed']:.3f}" for row in tenths)
    chart = Chart("Calibration", f"Share of people with the event against the probability given, in tenths: {said}.",
                  "Probability given", "Share with the event", (0, top), (0, top), "left")  # fmt: skip
    chart.line([(0, 0), (top, top)], GREY, "4 4", "perfect")
    chart.line([(point["given"], point["observed"]) for point in smoothed if point["given"] <= top], name="smoothed")
    chart.dots(
        [(row["expected"], row["observed"]) for row in tenths], [(row["low"], row["high"]) for row in tenths], ORANGE
    )
    return chart


def precision_recall(report: Mapping[str, Any]) -> Chart:
    curve, risk = report["curves"], report["test"]["risk"]
    said = f"Average precision {figure(report['performance']['ours']['auprc'])}; by chance it would be {risk:.3f}."
    chart = Chart("Precision and recall", said, "Share of all events found (sensitivity)", "Share with the event (PPV)")
    chart.line([(0, risk), (1, risk)], GREY, "4 4", "by chance")
    chart.line(list(zip(curve["recall"], curve["precision"], strict=True)), name="this model")
    return chart


def lists(report: Mapping[str, Any]) -> Chart:
    """PPV by the share of people listed, each way of scoring."""
    said, lines = [], {}
    for way, performance in report["performance"].items():
        lines[way] = [(100 * row["share"], row["ppv"]["value"] or 0.0) for row in performance["top"]]
        said.append(f"{WAYS[way]}: " + ", ".join(f"{x:g}% {y:.2f}" for x, y in lines[way]))
    top = min(1.0, 1.15 * max(y for points in lines.values() for _, y in points) or 1.0)
    chart = Chart("Who a list would hold", f"Share of listed people with the event, by the share of people listed. {'. '.join(said)}.",
                  "People listed (% of all)", "Share with the event (PPV)", (0, 10.5), (0, top))  # fmt: skip
    for way, points in lines.items():
        colour, dash = _DASHES[way]
        chart.line(points, colour, dash, WAYS[way])
    return chart


def net_benefit(report: Mapping[str, Any]) -> Chart:
    rows = report["net_benefit"]
    model = [(row["threshold"], row["model"]["value"]) for row in rows]
    risk = report["test"]["risk"]
    everybody = [(at / 100, risk - (1 - risk) * at / (100 - at)) for at in range(56)]
    low, high = -0.25 * max(y for _, y in model) - 0.005, 1.1 * max(0.005, max(y for _, y in (*model, *everybody)))
    said = "; ".join(f"at {x:g}, {y:.4f}" for x, y in model)
    chart = Chart("Net benefit", f"Net benefit of acting at a probability: {said}. Acting on nobody is 0.",
                  "Probability acted on", "Net benefit", (0, 0.55), (low, high))  # fmt: skip
    chart.line([(0, 0), (0.55, 0)], GREY, "4 4", "nobody")
    chart.line([point for point in everybody if point[1] > low], ORANGE, "2 3", "everybody")
    chart.line(model, BLUE, "", "this model")
    return chart
