"""What watching found, as one HTML page that needs nothing else, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.outcomes import CENSORED
from models.monitor.drawings import charts_of
from models.monitor.triggers import together
from models.monitor.watch import NO_REFERENCE
from models.templating import template
from models.wording import SLICED, figure

CAPTIONS = {
    "score": "How far the raw score has moved since calibration",
    "calibration": "Events for each expected, with what chance alone gives",
    "slope": "Calibration slope; 1 is right, less is too extreme",
    "list": "The list as published, and what then happened",
    "predictors": "Predictors that moved most at the latest date looked at",
}


def page(found: Mapping[str, Any]) -> str:
    """The page. Kinds of people of whom fewer than ten had, or had not, the event are named without figures."""
    shown = template("models", "monitor.html", figure=figure, words=lambda name: name.replace("_", " "))
    rows = [
        {"name": held["name"], "at": held["at"], **row} for held in found["dates"] for row in together(held["triggers"])
    ]
    order = list(found["fired"])[::-1]
    rows.sort(key=lambda row: row["at"], reverse=True)
    rows.sort(key=lambda row: order.index(row["severity"]))
    return shown.render(
        found=found, fired=rows, charts=charts_of(found), captions=CAPTIONS, sliced=SLICED, no_reference=NO_REFERENCE,
        censored={**CENSORED, "no_longer_in_the_record": "no longer in the record: they object now, or were forgotten"},
    )  # fmt: skip


def write(found: Mapping[str, Any], out: Path) -> list[Path]:
    """Write ``monitor.html`` and ``monitor.json`` into a folder."""
    out.mkdir(parents=True, exist_ok=True)
    texts = {"monitor.html": page(found), "monitor.json": json.dumps(found, indent=1) + "\n"}
    for name, words in texts.items():
        (out / name).write_text(words)
    return [out / name for name in texts]
