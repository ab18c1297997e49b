"""What reasons cost: measured on few rows, and told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import explain, page, tables
from benchmarks.results import Results


def test_every_way_is_measured_and_agrees(tmp_path: Path) -> None:
    shape = explain.Shape(trees=5, leaves=7, depth=4, predictors=12, fitted_to=600)
    booster, X = explain.fitted(shape, tmp_path), explain.rows_of(200, 12, 3)
    assert explain.fitted(shape, tmp_path).model_to_string() == booster.model_to_string()
    found = explain.measured(booster, X, 50, 1)
    assert (found["rows"], found["sample"], found["trees"], found["predictors"]) == (200, 50, 5, 12)
    assert max(found["off_sum"], found["off_contrib"], found["off_shap"] or 0) < 1e-10


def test_ratios_are_those_of_the_rounds_and_go_onto_the_page(tmp_path: Path) -> None:
    results = Results(tmp_path / "results" / "explain-1000")
    # Ours takes 2, 4 and 2 times what the scores take: the median is 2.
    for number, (scored, ours) in enumerate([(1e-5, 2e-5), (1e-5, 4e-5), (2e-5, 4e-5)], start=1):
        figures: dict[str, Any] = {"model": "reference: a", "rows": 1000, "sample": 10, "threads": 2, "made": 0.5, "tables": 1e6, "single": 0.002,
                   "predict": scored, "ours": ours, "pred_contrib": ours * 50, "quadrature": ours * 3, "shap": None,
                   "off_sum": 1e-14, "off_contrib": 2e-14, "off_shap": None}  # fmt: skip
        results.one(f"reference-1-2-3-{number}", figures.copy, "x")
    table = tables.reasons(results)
    assert table is not None
    held = {row[1]: row[2:] for row in table.rows}
    assert held["this product"] == ["25,000", "0.7", "2", "1"]
    assert held["LightGBM's `pred_contrib`"][-1] == "50"
    assert len(held) == 4
    told = page.of_reasons(tmp_path, 1000)
    assert told is not None
    again = page.replaced(page.replaced("# Page\n\n## Predictors\n\nold\n", told, page.REASONS), told, page.REASONS)
    assert (again.count(page.REASONS), again.count("## Predictors"), "25,000" in again) == (1, 1, True)
    assert page.of_reasons(tmp_path, 7) is None


def test_a_model_without_rows_to_explain_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["explain", "--bundle", "somewhere"])
    with pytest.raises(SystemExit):
        explain.main()
    assert "--bundle and --values go together" in capsys.readouterr().err
