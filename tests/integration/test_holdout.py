"""A hold-out on the shared area of 2,000 simulated people: whom the record lets it cover, and what the command shows."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest

from features.flags import beside
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import holdout
from risk import store as stores
from risk.settings import Settings
from tests.area import Area, frailty

START = ("holdout", "start", "--share", "0.4", "--highest-risk", "0.5", "--approver", "Dr A. Safety", "--approval", "CSG-1",
         "--until", "2025-03-01", "--reason", "what visits do")  # fmt: skip


@pytest.fixture
def environment(area: Area, tmp_path: Path) -> dict[str, str]:
    shutil.copytree(area.home, tmp_path / "home")
    return {**area.environment, "FRAILTY_HOME": str(tmp_path / "home")}


def test_by_command_it_is_refused_until_allowed_then_shown_with_who_approved_it(environment: dict[str, str]) -> None:
    refused = frailty(environment, *START)
    assert refused.returncode == 4
    assert "holdout_most is 0" in refused.stderr
    allowed = {**environment, "FRAILTY_HOLDOUT_MOST": "0.5"}
    assert frailty(allowed, *START).returncode == 0
    shown = json.loads(frailty(allowed, "holdout", "show", "--json").stdout)
    assert shown["in_force"]["approver"] == "Dr A. Safety"
    assert shown["in_force"]["until"] == "2025-03-01"
    assert shown["runs"] == []
    assert "CSG-1" in frailty(allowed, "holdout", "show").stdout
    assert frailty(allowed, "holdout", "end", "--reason", "answered").returncode == 0


def test_the_record_says_whom_it_may_cover(area: Area, environment: dict[str, str]) -> None:
    settings = Settings(
        home=Path(environment["FRAILTY_HOME"]), environment="test", today=date(2024, 12, 2), holdout_most=0.5
    )
    holdout.start(
        settings,
        share=0.4,
        highest_risk=0.5,
        approver="Dr A. Safety",
        approval="CSG-1",
        until=date(2025, 3, 1),
        reason="what visits do",
    )
    store, at = stores.open(settings), date(2024, 11, 30)
    published = parquet.read_table(settings.runs / "1" / "scores.parquet").to_pandas()
    everybody = published.assign(listed=True)
    with Record(area.record, purpose="case_finding", permissions=AllowAll(), follow="confirmed") as facts:
        found = holdout.apply(settings, store, facts, at, everybody)
        flags = beside(facts, at, found["person_id"].tolist()).to_pandas()
    out = found["held_out"].to_numpy()
    assert out.any()
    assert set(flags.loc[out, "on_caseload"]) == {"no"}
    assert found.loc[out, "probability"].max() < 0.5
    assert not (out & published["listed"].to_numpy()).any(), "whoever was on a published list stays"
    assert np.array_equal(found["listed"].to_numpy(), ~out)
