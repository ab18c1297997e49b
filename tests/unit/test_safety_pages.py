"""The pages of safety rest on the hazard log as it is, and point at tests that exist."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(path.name for path in (ROOT / "docs" / "safety").glob("*.md") if path.name != "hazard-log.md")


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_of_safety_points_at_is_there(page: str) -> None:
    """Harm: an assessment names a control that nobody can find, or that was taken away."""
    words = (ROOT / "docs" / "safety" / page).read_text(encoding="utf-8")
    log = tomllib.loads((ROOT / "docs" / "safety" / "hazards.toml").read_text(encoding="utf-8"))
    known = {each["id"] for each in log["hazard"]}
    assert set(re.findall(r"\bH\d+\b", words)) <= known
    assert [path for path in re.findall(r"`(tests/[^`]*)`", words) if not (ROOT / path).exists()] == []


def test_the_assessment_names_hazards_beside_each_risk() -> None:
    words = (ROOT / "docs" / "safety" / "dpia.md").read_text(encoding="utf-8")
    rows = words.split("| Risk to people |")[1].split("\n\n")[0].splitlines()[2:]
    assert len(rows) >= 10
    assert [row for row in rows if not re.search(r"\bH\d+\b", row)] == []
