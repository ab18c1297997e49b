"""The validation report as a person sees it, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.area import Area
from tests.browser.opened import opened


@pytest.mark.part("chromium")
@pytest.mark.xdist_group("area")
def test_the_validation_report_opens_and_says_first_what_data_it_is_from(area: Area, tmp_path: Path) -> None:
    model = area.run("models")["models"][0]
    area.run("validate", "--record", str(area.record), "--model", f"{model['name']}@{model['version']}",
             "--truth", str(area.truth), "--out", str(tmp_path / "report"))  # fmt: skip
    shown = opened(tmp_path / "report" / "report.html", tmp_path / "profile")
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", shown, flags=re.S)
    assert words.index("nobody in it exists") < words.index("AUROC")
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown), "the report is one file and fetches nothing"
    for chart in re.findall(r"<svg.*?</svg>", shown, flags=re.S):
        assert "<title" in chart, "a chart without words for those who cannot see it"
