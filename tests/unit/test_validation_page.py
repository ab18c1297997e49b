"""docs/validation.md: written from a report, its first line saying what the data are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.validation import PAGE, written
from models.public import public
from models.wording import figure
from tests.unit.test_report import REPORT


def test_the_first_line_says_that_the_data_are_simulated() -> None:
    assert written(REPORT).splitlines()[0] == "**Simulated data (an area of 1,500): nobody in it exists, and no figure here is clinical performance.**"  # fmt: skip
    assert PAGE.read_text().splitlines()[0].startswith("**Simulated data")


def test_its_figures_are_those_of_the_public_report() -> None:
    page, told = written(REPORT), public(REPORT)
    assert figure(told["performance"]["ours"]["auroc"]) in page
    for row in told["slices"]:
        assert ("not shown" in page) if "too_few" in row else (figure(row["auroc"]) in page)


def test_figures_of_real_people_are_not_written_into_the_documentation() -> None:
    with pytest.raises(SystemExit, match="expected a report of simulated data"):
        written({**REPORT, "about": {"kind": "real", "title": "an area"}})


def test_a_report_read_from_its_file_gives_the_same_page(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(json.dumps(REPORT))
    assert written(json.loads((tmp_path / "report.json").read_text())) == written(REPORT)
