"""The page of what watching found, as a person sees it, in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from risk.parts import chromium
from tests.area import Area, frailty


@pytest.mark.part("chromium")
@pytest.mark.xdist_group("area")
def test_the_page_of_watching_opens_and_its_charts_have_words(area: Area, tmp_path: Path) -> None:
    shutil.copytree(area.home, tmp_path / "home")
    done = frailty({**area.environment, "FRAILTY_HOME": str(tmp_path / "home")}, "monitor", "--record", str(area.record),
                   "--at", "2023-07-01", "--out", str(tmp_path / "watched"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "watched" / "monitor.html").resolve()
    shown = subprocess.run(
        [chromium() or "", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr
    assert "Uncaught" not in shown.stderr
    charts = re.findall(r"<svg.*?</svg>", shown.stdout, flags=re.S)
    assert len(charts) == 5
    for chart in charts:
        assert "<title" in chart
        assert "<desc" in chart
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', shown.stdout), "the page is one file and fetches nothing"
