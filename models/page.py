"""The report as one HTML page that needs nothing else: no script, no outside file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.discrimination import per_cent
from models.drawings import charts_of, forests_of
from models.templating import template
from models.wording import FIGURES, SLICED, WAYS, chance, count, figure

__all__ = ["WAYS", "chance", "charts_of", "figure", "forests_of", "page"]


def page(report: Mapping[str, Any]) -> str:
    """The report as HTML."""
    shown = template(
        "models", "report.html", figure=figure, chance=chance, share=per_cent, count=count, sentence=sentence
    )
    told = "not_validated" not in report
    charts, forests = (drawn(report) if told else {} for drawn in (charts_of, forests_of))
    own = sections(report)
    anchors = {"title", "summary", *(name for name, _ in own)}
    return shown.render(
        report=report,
        charts=charts,
        forests=forests,
        sections=own,
        anchors=anchors,
        ways=WAYS,
        sliced=SLICED,
        figures=FIGURES,
    )


#: Sections of the page that are always there, and those of a thorough report: the anchor, and what it is called.
ALWAYS = (("performance", "Performance"), ("outcome", "Outcome"), ("data", "Data"), ("participants", "Participants"), ("method", "Method"),
          ("predictors", "Predictors"), ("limits", "Limits"), ("tripod", "TRIPOD+AI"), ("model", "Model"))  # fmt: skip
JUDGED = (("calibration", "Calibration"), ("patterns", "Feeds that do not come"), ("leakage", "Too good to be true"), ("lists", "Lists"),
          ("slices", "Kinds of people"))  # fmt: skip
#: Sections that a report may lack.
MAYBE = ("patterns", "leakage")
DEEP = (("feeds", "Feeds"), ("stability", "Stability"))


def sections(report: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Sections that the report's page has, in its order."""
    judged = (
        [] if "not_validated" in report else [each for each in JUDGED if each[0] not in MAYBE or report.get(each[0])]
    )
    return (ALWAYS[0], *judged, *(DEEP if "thorough" in report else ()), *ALWAYS[1:])


def sentence(words: str) -> str:
    """The words with a capital first, their other capitals as they are."""
    return f"{words[:1].upper()}{words[1:]}"
