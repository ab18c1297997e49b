"""The page of what watching found, as a person sees it, in a real browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.area import Area, frailty
from tests.browser.opened import opened


@pytest.mark.part("chromium")
@pytest.mark.xdist_group("area")
def test_the_page_of_watching_opens_and_its_charts_have_words(area: Area, tmp_path: Path) -> None:
    shutil.copytree(area.home, tmp_path / "home")
    done = frailty({**area.environment, "FRAILTY_HOME": str(tmp_path / "home")}, "monitor", "--record", str(area.record),
                   "--at", "2023-07-01", "--out", str(tmp_path / "watched"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = opened(tmp_path / "watched" / "monitor.html", tmp_path / "profile")
    charts = re.findall(r"<svg.*?</svg>", shown, flags=re.S)
    assert len(charts) == 5
    for chart in charts:
        assert "<title" in chart
        assert "<desc" in chart
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown), "the page is one file and fetches nothing"
