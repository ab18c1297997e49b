"""Writes docs/validation.md from a validation report of the simulated area: ``python -m benchmarks.validation REPORT.json``.

The report is one that `frailty validate --thorough` wrote; the page holds what a public report may tell. A report of other data
than simulated ones is refused: their figures belong to those whose data they are.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from models.public import public
from models.summary import summary

PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
COMMANDS = """frailty simulate --people 20000 --seed 1 --years 5 --out extract --truth truth
frailty ingest native extract --record record
frailty train --record record --outcome unplanned_admission --truth truth
frailty validate --record record --model unplanned_admission_365 --truth truth --out report --thorough --rows 20000
python -m benchmarks.validation report/report.json"""
ELSEWHERE = (
    "\nFigures on files that nobody here wrote (the CMS public use files, the OMOP sample): [public files](public-files.md). What the area is "
    "calibrated to, and how far off each figure is: [the simulated area](simulated-area.md).\n"
)


def written(report: dict, commands: str = COMMANDS) -> str:
    """The page; :class:`SystemExit` for a report of data that are not simulated."""
    if report["about"].get("kind") != "simulated":
        raise SystemExit(
            "expected a report of simulated data: figures of other data belong to those whose data they are"
        )
    return summary(public(report), commands) + ELSEWHERE


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("report", type=Path, help="report.json that `frailty validate --thorough` wrote")
    asked.add_argument("--page", type=Path, default=PAGE)
    given = asked.parse_args()
    given.page.write_text(written(json.loads(given.report.read_text())))


if __name__ == "__main__":
    main()
