"""The validation report as a person sees it, in a real browser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from risk.parts import chromium
from tests.area import Area


@pytest.mark.part("chromium")
@pytest.mark.xdist_group("area")
def test_the_validation_report_opens_and_says_first_what_data_it_is_from(area: Area, tmp_path: Path) -> None:
    model = area.run("models")["models"][0]
    area.run("validate", "--record", str(area.record), "--model", f"{model['name']}@{model['version']}",
             "--truth", str(area.truth), "--out", str(tmp_path / "report"))  # fmt: skip
    page = (tmp_path / "report" / "report.html").resolve()
    done = subprocess.run(
        [chromium() or "", "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}", "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    words = re.sub(r"<style.*?</style>|<[^>]+>", " ", done.stdout, flags=re.S)
    assert words.index("nobody in it exists") < words.index("AUROC")
    assert "Uncaught" not in done.stderr
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', done.stdout), "the report is one file and fetches nothing"
    for chart in re.findall(r"<svg.*?</svg>", done.stdout, flags=re.S):
        assert "<title" in chart, "a chart without words for those who cannot see it"
