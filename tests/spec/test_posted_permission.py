"""Which posted feeds may be used for case finding: the sender's purposes, then the area's rules; without rules, none of real data."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from risk.on_demand.permitted import permitted
from risk.settings import Settings

RULES = """
controller = "an area"
[[basis]]
sources = ["native"]
tables = ["spell"]
purposes = ["case_finding"]
legal_basis = "a test's"
review = {review}
dpia = "D1"
dpia_review = 2030-01-01
decision = "1"
"""
FEED = {"source": "native", "table_name": "spell", "organisation": "A81001", "purposes": "*"}
#: what the run's data was, the area's rules (reviewed until), the feed, and whether it may be used
CASES: list[tuple[str, str | None, dict[str, str], bool]] = [
    ("simulated", None, {}, True),
    ("real", None, {}, False),
    ("", None, {}, False),
    ("simulated", None, {"purposes": "planning training"}, False),
    ("real", "2030-01-01", {}, True),
    ("real", "2030-01-01", {"purposes": "case_finding"}, True),
    ("real", "2030-01-01", {"purposes": "planning"}, False),
    ("real", "2030-01-01", {"table_name": "gp_event"}, False),
    ("real", "2030-01-01", {"source": "hes"}, False),
    ("real", "2024-01-01", {}, False),
    ("simulated", "2024-01-01", {}, False),
]


@pytest.mark.parametrize(("kind", "review", "feed", "may"), CASES)
def test_which_posted_feeds_may_be_used(
    tmp_path: Path, kind: str, review: str | None, feed: dict[str, str], may: bool
) -> None:
    """Harm: a system posts what the area's controller never allowed to be used, and is given a score of it."""
    settings = settings_of(tmp_path)
    if review is not None:
        settings.permissions_file.parent.mkdir(parents=True, exist_ok=True)
        settings.permissions_file.write_text(RULES.format(review=review))
    tables: dict[str, list[dict[str, Any]]] = {"feed": [FEED | feed]}
    assert permitted(settings, {"kind": kind}).refused(tables) == ([] if may else [0])


def test_rules_that_changed_are_read_again(tmp_path: Path) -> None:
    """Harm: a basis is taken away, and the service goes on as if it were there until it is started again."""
    settings = settings_of(tmp_path)
    settings.permissions_file.parent.mkdir(parents=True, exist_ok=True)
    found = []
    for number, review in enumerate(("2030-01-01", "2024-01-01")):
        settings.permissions_file.write_text(RULES.format(review=review))
        os.utime(settings.permissions_file, (number, number))
        found.append(permitted(settings, {"kind": "real"}).refused({"feed": [FEED]}))
    assert found == [[], [0]]


def settings_of(folder: Path) -> Settings:
    return Settings(home=folder / "home", today=date(2024, 12, 2))
