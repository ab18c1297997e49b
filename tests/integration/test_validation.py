"""``frailty validate`` for readers outside the analyst's role, and what takes long, on the shared area of 2,000 simulated people."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from features.outcomes import OUTCOMES
from models.bundle import Bundle
from models.page import page
from models.public import public
from models.split import part_of
from models.summary import summary
from risk.dataset import Wanted, gather
from risk.settings import Settings
from risk.thorough import as_trained, thorough
from risk.training import opened
from tests.area import Area

MODEL = "unplanned_admission_365"


def test_what_may_leave_the_analysts_role_is_written_beside_the_report(area: Area, tmp_path: Path) -> None:
    area.run("validate", "--record", str(area.record), "--model", MODEL, "--out", str(tmp_path), "--public")
    whole, told = (json.loads((folder / "report.json").read_text()) for folder in (tmp_path, tmp_path / "public"))
    assert told == json.loads(json.dumps(public(whole)))
    assert sorted(path.name for path in (tmp_path / "public").iterdir()) == ["card.md", "report.html", "report.json"]
    assert (tmp_path / "public" / "card.md").read_text() == (tmp_path / "card.md").read_text()


def test_what_takes_long_is_had_part_by_part(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "interpret.glassbox", None)
    bundle = Bundle.load(area.home / "models" / MODEL / "1", threads=1)
    with opened(area.record, Settings(home=area.home, threads=1), None, "evaluation") as record:
        days = tuple(date.fromisoformat(day) for day in bundle.dates["test"])
        wanted = Wanted(OUTCOMES["unplanned_admission"], 365, days, 18, lambda person, _: part_of(person) == "test")
        test = as_trained(gather(record, wanted).data, bundle)
        told = thorough(record, bundle, test, rows=1000, times=4)
    assert {"feeds_off", "feeds_added", "practices_left_out", "challengers", "through_time", "fairness"} <= set(told)
    assert set(told["not_had"]) == {"discharges"}
    assert "train one with `frailty train --outcome unplanned_admission --horizon 30`" in told["not_had"]["discharges"]
    assert "interpret-core" in told["challengers"]["missing"]["ebm"]
    assert told["rows"] <= 1000
    assert len(told["through_time"]) > 1
    report = {**bundle.report, "thorough": told}
    assert json.loads(json.dumps(report, allow_nan=False))["thorough"]["rows"] == told["rows"]
    html = page(report)
    assert "What each kind of feed adds" in html
    assert "This model on a day on which a feed does not come" in html
    assert "through time" in html.lower()
    shown = public(report)
    assert "fairness" not in shown.get("thorough", {})
    assert "through_time" not in shown.get("thorough", {})
    assert summary(shown, "a command").startswith("**Simulated data")
