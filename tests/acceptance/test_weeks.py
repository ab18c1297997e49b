"""Twelve weeks in a row of 2,000 people (WEEKS, PEOPLE), each command a process of its own, as a scheduler and a practice type them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from risk.settings import Settings
from tests import weeks
from tests.acceptance.installation import Installation
from tests.integration.test_weeks import ready

WEEKS, PEOPLE = int(os.environ.get("WEEKS", "12")), int(os.environ.get("PEOPLE", "2000"))


def test_registers_reconcile_person_by_person(tmp_path: Path) -> None:
    made = weeks.area(tmp_path, PEOPLE, WEEKS)
    held = Installation(tmp_path, today=str(weeks.day(0)))
    settings = Settings(home=tmp_path / "home", environment="test")
    ready(settings)

    def typed(*words: str, week: int) -> dict[str, Any]:
        held.environment["FRAILTY_TODAY"] = str(weeks.day(week))
        return held.run(*words)

    counted = weeks.reconciled(made, settings, WEEKS, typed)
    print(f"{WEEKS} weeks of {PEOPLE:,} people, {len(made.gone)} of whom died, moved or left: {counted}")
    assert min(counted.values()) > 0
