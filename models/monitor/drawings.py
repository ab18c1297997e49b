"""The charts of watching: one point a date, with what it is held against."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.charts import BLUE, GREY, HEIGHT, LEFT, ORANGE, RIGHT, TOP, WIDTH, Chart, drawn, rule, text, ticks
from models.monitor.triggers import TRIGGERS

Rows = Sequence[Mapping[str, Any]]
#: Date labels under a chart at most.
LABELS = 6
#: Predictors drawn, those that moved most.
MOST = 15


class Dated(Chart):
    """A chart of dates one after the other, evenly apart, each named under it as far as there is room."""

    names: Sequence[str] = ()

    def _axes(self) -> list[str]:
        every = -(-len(self.names) // LABELS)
        shown = [
            text(self.at((i, 0))[0], HEIGHT - 30, name, "middle") for i, name in enumerate(self.names) if i % every == 0
        ]
        for value in ticks(*self.y):
            _, y = self.at((0, value))
            shown += [rule(LEFT, y, WIDTH - RIGHT, y), text(LEFT - 7, y + 4, f"{value:g}", "end")]
        middle = (HEIGHT + TOP) / 2 - 24
        shown.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, self.x_label, "middle"))
        shown.append(f'<g transform="rotate(-90 15 {middle:.0f})">{text(15, middle, self.y_label, "middle")}</g>')
        return shown


def dated(title: str, said: str, label: str, names: Sequence[str], y: tuple[float, float]) -> Dated:
    chart = Dated(title, said, "Index date", label, (-0.5, max(1, len(names)) - 0.5), y)
    chart.names = names
    return chart


def charts_of(found: Mapping[str, Any]) -> dict[str, str]:
    """The charts as SVG, by name: those for which there is something to draw."""
    rows: Rows = found["dates"]
    told = [row for row in rows if row["happened"]]
    scored = [row for row in rows if "not_told" not in row["score"]]
    shown = {}
    if scored:
        shown["score"] = scores(scored).svg()
    if told:
        shown |= {"calibration": calibration(told).svg(), "slope": slopes(told).svg()}
    if any(row["happened"]["list"] for row in told):
        shown["list"] = lists([row for row in told if row["happened"]["list"]]).svg()
    looked = [row for row in rows if row["inputs"]]
    if looked:
        shown["predictors"] = predictors(looked[-1])
    return shown


def scores(rows: Rows) -> Dated:
    (trigger,) = (trigger for trigger in TRIGGERS if trigger.name == "score")
    points = [(float(i), row["score"]["psi"]) for i, row in enumerate(rows)]
    said = "; ".join(f"{row['at']} {row['score']['psi']:.3f}" for row in rows)
    top = max(0.3, 1.1 * max(y for _, y in points))
    chart = dated("Shift of the score", f"Population stability index of the raw score against the calibration people: {said}.",
                  "Population stability index", [row["at"] for row in rows], (0.0, top))  # fmt: skip
    chart.line([(-0.5, trigger.stop), (len(rows) - 0.5, trigger.stop)], ORANGE, "6 4", "stop")
    chart.line([(-0.5, trigger.watch), (len(rows) - 0.5, trigger.watch)], GREY, "2 3", "watch")
    chart.line(points)
    chart.dots(points)
    return chart


def calibration(rows: Rows) -> Dated:
    held = [row["happened"] for row in rows]
    points = [(float(i), row["observed_expected"]) for i, row in enumerate(held)]
    said = "; ".join(f"{row['at']} {found['observed_expected']:.2f}, by chance {found['action'][0]:.2f} to {found['action'][1]:.2f}"
                     for row, found in zip(rows, held, strict=True))  # fmt: skip
    top = max(1.5, 1.1 * max(max(y for _, y in points), max(row["action"][1] for row in held)))
    chart = dated("Events for each expected", f"Events observed for each expected, with three standard errors about 1: {said}.",
                  "Observed / expected", [row["at"] for row in rows], (0.0, top))  # fmt: skip
    for side, name in ((0, "what chance gives (3 s.e.)"), (1, "")):
        chart.line(_steps([row["action"][side] for row in held]), ORANGE, "6 4", name)
    chart.line([(-0.5, 1), (len(rows) - 0.5, 1)], GREY)
    chart.dots(points, name="observed / expected")
    return chart


def slopes(rows: Rows) -> Dated:
    held = [row["happened"]["slope"] for row in rows]
    said = "; ".join(f"{row['at']} {slope['value']:.2f} ({slope['low']:.2f} to {slope['high']:.2f})" for row, slope in zip(rows, held, strict=True))  # fmt: skip
    top = max(1.6, 1.05 * max(slope["high"] for slope in held))
    chart = dated("Calibration slope", f"Calibration slope with its 95% interval; 1 is right: {said}.", "Calibration slope",
                  [row["at"] for row in rows], (0.0, top))  # fmt: skip
    chart.line([(-0.5, 1), (len(rows) - 0.5, 1)], GREY)
    chart.dots(
        [(float(i), slope["value"]) for i, slope in enumerate(held)], [(slope["low"], slope["high"]) for slope in held]
    )
    return chart


def lists(rows: Rows) -> Dated:
    held = [row["happened"]["list"] for row in rows]
    said = "; ".join(f"{row['at']} PPV {found['ppv']['value']:.2f}, sensitivity {found['sensitivity']['value']:.2f}" for row, found in zip(rows, held, strict=True))  # fmt: skip
    chart = dated("The list as published", f"Share of the listed with the event (PPV), and of the events listed (sensitivity), with 95% intervals: {said}.",
                  "Share", [row["at"] for row in rows], (0.0, 1.0))  # fmt: skip
    for figure, colour, aside in (("ppv", BLUE, -0.06), ("sensitivity", ORANGE, 0.06)):
        points = [(i + aside, found[figure]["value"]) for i, found in enumerate(held)]
        chart.dots(
            points,
            [(found[figure]["low"], found[figure]["high"]) for found in held],
            colour,
            {"ppv": "PPV"}.get(figure, figure),
        )
    return chart


def predictors(row: Mapping[str, Any]) -> str:
    """Bars of the predictors that moved most at one date."""
    most = row["inputs"]["predictors"][:MOST]
    top = max(0.3, *(held["psi"] for held in most))
    said = "; ".join(f"{held['predictor']} {held['psi']:.3f}" for held in most)
    left, line, width = 250, 22, 640
    across = width - left - 60
    parts = []
    for place, held in enumerate(most):
        y = 8 + place * line
        size = across * held["psi"] / top
        parts.append(text(left - 8, y + 15, held["predictor"].replace("_", " ")[:34], "end"))
        parts.append(f'<rect x="{left}" y="{y + 3}" width="{max(size, 0.5):.1f}" height="{line - 6}" fill="{BLUE}"/>')
        parts.append(text(left + size + 6, y + 15, f"{held['psi']:.3f}", "start"))
    for trigger in TRIGGERS:
        if trigger.name == "predictor":
            for at in (trigger.watch, trigger.act):
                x, end = left + across * at / top, 8 + len(most) * line
                parts.append(
                    f'<line x1="{x:.1f}" y1="4" x2="{x:.1f}" y2="{end}" stroke="{ORANGE}" stroke-dasharray="4 3"/>'
                )
                parts.append(text(x, end + 16, f"{at:g}", "middle"))
    return drawn(f"Predictors that moved most, {row['name']}", f"Population stability index of the predictors that moved most: {said}.",
                 width, 8 + len(most) * line + 24, parts)  # fmt: skip


def _steps(values: Sequence[float]) -> list[tuple[float, float]]:
    """A line that is level about each date."""
    return [point for i, value in enumerate(values) for point in ((i - 0.5, value), (i + 0.5, value))]
