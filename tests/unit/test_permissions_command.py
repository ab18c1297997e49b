"""`frailty permissions`: the table as the code has it, in the terminal and in the document for whoever governs information."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from features.governance.choices import OPT_OUTS, STAGES, USES
from features.governance.rules import AreaRules, load
from risk.cli import app
from risk.permissions import opt_out_table
from tests.records import record

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FRAILTY_HOME", str(tmp_path))
    monkeypatch.setenv("FRAILTY_TODAY", "2026-12-02")
    return tmp_path


def told(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["permissions", *arguments, "--json"], catch_exceptions=False)
    return json.loads(done.stdout)


def test_what_is_shipped_is_the_strictest() -> None:
    shipped = told()
    assert shipped["rules"] == "what is shipped, the strictest"
    assert shipped["bases"] == []
    assert len(shipped["opt_outs"]) == len(OPT_OUTS) * len(USES)
    assert {row[stage] for row in shipped["opt_outs"] for stage in STAGES} == {"applies"}


def test_the_example_is_one_that_fits_and_says_of_each_feed_why_it_is_not_read(home: Path) -> None:
    example = CliRunner().invoke(app, ["permissions", "--example"], catch_exceptions=False).stdout
    (home / "permissions.toml").write_text(example)
    assert load(home / "permissions.toml").controller == "Example Integrated Care Board"
    held = record(home / "record", about="real", spell=[{"event_date": "2024-01-01"}])
    in_force = told("--record", str(held))
    scoring = {(row["opt_out"], row["purpose"]): row["scoring"] for row in in_force["opt_outs"]}
    assert scoring["national", "case_finding"].startswith("does not: reference of the exemption")
    assert scoring["national", "training"] == "applies"
    (spell,) = [feed for feed in in_force["feeds"] if feed["table"] == "spell"]
    assert spell["refused"]["case_finding"] == "the area's rules give it no legal basis for case_finding"
    said = CliRunner().invoke(app, ["permissions", "--record", str(held)], catch_exceptions=False).stdout
    assert "Basis reference of the controller's decision for case_finding, evaluation: holds until 2027-03-31." in said


def test_the_document_shows_the_table_as_the_code_has_it() -> None:
    """docs/governance.md carries the shipped table, row by row."""
    page = (ROOT / "docs" / "governance.md").read_text()
    for row in opt_out_table(AreaRules(controller="nobody"), date(2026, 1, 1)):
        cells = " | ".join([f"`{row['opt_out']}`", f"`{row['purpose']}`", *(row[stage] for stage in STAGES)])
        assert f"| {cells} |" in page
