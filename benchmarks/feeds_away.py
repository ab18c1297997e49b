"""What a model's probabilities are worth while a feed is away, on people of practices that no model ever saw: by one curve for all days, and
by a curve of that feed's own. Called by ``benchmarks.models``; nobody here exists."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from models import patterns
from models.augment import FeedsOff
from models.calibrate import Calibrator
from models.dataset import Dataset
from models.patterns import SLOPE, Pattern, Raw, said

Figures = dict[str, Any]
SHOWN = ("auroc", "slope", "ici")


def figures(complete: Calibrator, fitted: tuple[Pattern, ...], raw: Raw, data: Dataset, off: FeedsOff, times: int) -> Figures:  # fmt: skip
    """Of every pattern of ``fitted`` its :data:`~models.patterns.TOLD` on ``data`` with the feed taken away, by its own curve (``own``) and
    by the ``complete`` one's (``one``), and whether it would be served."""
    both = (*fitted, *(replace(pattern, calibrator=complete) for pattern in fitted))
    told = patterns.tried(both, raw, data, off, times)
    own, one = told[: len(fitted)], told[len(fitted) :]
    return {
        "rows": len(data), "events": data.events, "dates": data.dates, "practices": int(data.slices["practice"].nunique()),
        "patterns": [{"without": list(mine.without), "says": said(mine.without), "method": mine.calibrator.method, "served": mine.served,
                      "own": dict(mine.tested or {}), "one": dict(all_days.tested or {})}
                     for mine, all_days in zip(own, one, strict=True)],
    }  # fmt: skip


def verdict(found: Figures) -> tuple[str, bool]:
    """Whether each pattern's slope lies where it was asked to."""
    slopes = [pattern["own"]["slope"]["value"] for pattern in found["patterns"]]
    words = f"calibration slope {SLOPE[0]} to {SLOPE[1]} with each feed away, practices never seen ({len(slopes)} patterns, {min(slopes):.2f} to {max(slopes):.2f})"
    return words, all(SLOPE[0] <= slope <= SLOPE[1] for slope in slopes)


def table(found: Figures) -> list[str]:
    """Rows of a Markdown table."""
    lines = [
        "", f"each feed away: {found['rows']:,} people of {found['practices']:,} practices that no model saw, at {', '.join(found['dates'])} ({found['events']:,} events)",
        "| Without | AUROC | Slope, one curve for all | Slope, its own curve | ICI, one curve for all | ICI, its own curve |", "|---|---|---|---|---|---|",
    ]  # fmt: skip
    for each in found["patterns"]:
        own, one = each["own"], each["one"]
        cells = (
            _told(own["auroc"], 3),
            _told(one["slope"], 2),
            _told(own["slope"], 2),
            _told(one["ici"], 3),
            _told(own["ici"], 3),
        )
        lines.append(f"| {each['says'].removeprefix('without ')} | {' | '.join(cells)} |")
    return lines


def _told(held: Figures, places: int) -> str:
    between = "" if held["low"] is None else f" ({held['low']:.{places}f} to {held['high']:.{places}f})"
    return f"{held['value']:.{places}f}{between}"
