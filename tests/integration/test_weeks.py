"""A few weeks in a row as typed: every register reconciles with what became of each person, and a withdrawn week is as if it had not been."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from risk import store as stores
from risk.settings import Settings, load
from tests import released, weeks
from tests.typed import told, typed

WEEKS, PEOPLE = 4, 420


def test_weeks_reconcile_person_by_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: somebody leaves a list and no register says so or why; or a place on a list is given to somebody who left."""
    made = weeks.area(tmp_path, PEOPLE, WEEKS)
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FRAILTY_ENVIRONMENT", "test")
    ready(load())

    def typed_in(*words: str, week: int) -> dict[str, Any]:
        monkeypatch.setenv("FRAILTY_TODAY", str(weeks.day(week)))
        return told(*words)

    counted = weeks.reconciled(made, load(), WEEKS, typed_in)
    assert counted["joined"] >= 3, "an area in which nobody joins a list shows nothing"
    assert counted["left"] >= 3
    before = told("list", "--practice", weeks.PRACTICES[0], "--run", str(WEEKS - 1))["people"]
    told("withdraw", str(WEEKS), "--reason", "a drill")
    assert told("list", "--practice", weeks.PRACTICES[0])["people"] == before
    assert "no earlier list" in typed("list", "--practice", weeks.PRACTICES[0], "--run", "1", "--changes").output


def ready(settings: Settings) -> None:
    bundle = released.release(settings.bundles)
    store = stores.open(settings)
    store.record_release(
        name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[], bundle_sha256=bundle.sha256
    )
    store.close()
