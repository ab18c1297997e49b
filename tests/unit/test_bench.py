"""How measurements are run, kept, compared and told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as arrow
import pyarrow.parquet as parquet
import pytest

from benchmarks import area, beside, child, floor, page, tables
from benchmarks.handing import hand
from benchmarks.results import Results
from features.engine import raw
from features.engine.language import Kind, Predictor, facts
from features.engine.plan import plan
from features.record.reader import Record


def run(code: str, tmp_path: Path, *, seconds: float = 60, memory: int = 1 << 40) -> child.Ran:
    return child.run([sys.executable, "-c", code], tmp_path / "log", seconds=seconds, memory=memory)


def test_a_process_is_run_to_its_end_and_its_memory_seen(tmp_path: Path) -> None:
    ran = run("import time; held = b'x' * 200_000_000; time.sleep(0.5); print('the end')", tmp_path)
    assert (ran.outcome, ran.end.strip()) == ("done", "the end")
    assert 200_000_000 < ran.peak < 400_000_000


def test_a_process_that_takes_too_long_or_too_much_is_ended(tmp_path: Path) -> None:
    assert run("while True: pass", tmp_path, seconds=0.5).outcome == "over time"
    assert run("held = b'x' * 300_000_000\nwhile True: pass", tmp_path, memory=100_000_000).outcome == "over memory"
    assert run("raise SystemExit(3)", tmp_path).outcome == "failed"


def test_what_was_measured_is_not_measured_again_unless_what_is_measured_changed(tmp_path: Path) -> None:
    taken: Iterator[int] = iter(range(10, 20))

    def measure() -> dict[str, float]:
        return {"seconds": next(taken)}

    def seconds(results: Results, made_of: str) -> list[float]:
        return [one["seconds"] for one in results.rounds("one", 2, measure, made_of)]

    assert seconds(Results(tmp_path), "this") == [10, 11]
    assert seconds(Results(tmp_path), "this") == [10, 11]
    assert seconds(Results(tmp_path), "that") == [12, 13]
    assert seconds(Results(tmp_path, again=True), "that") == [14, 15]
    assert [one["seconds"] for one in Results(tmp_path).all_of("one")] == [14, 15]
    # Of two rounds, one of this code and one of the code before, the median would be of neither.
    assert Results(tmp_path).rounds("one", 1, lambda: {"seconds": 9}, "other")[0]["seconds"] == 9
    assert [one["seconds"] for one in Results(tmp_path).all_of("one")] == [9]
    again = Results(tmp_path, again=True)
    assert (seconds(again, "that"), seconds(again, "that")) == ([16, 17], [16, 17])


def test_growth_is_fitted_and_projected(tmp_path: Path) -> None:
    sizes = [100_000, 300_000, 1_000_000]
    for size in sizes:
        figures = {"whole": 2 + size * 1e-5, "seconds": 1 + size * 1e-5, "peak": 500_000_000 + size * 1_000}
        Results(tmp_path / "results" / f"{size}-1").one("one-1", lambda figures=figures: figures)
    told = tables.growth({size: Results(tmp_path / "results" / f"{size}-1") for size in sizes})
    assert told is not None
    assert "2.0 s + 10.0 s a million people" in told.said
    # 2 s + 11 × 10 s = 112 s; 0.5 GB + 11 × 1 GB.
    assert "1.9 minutes and 11.5 GB" in told.said
    assert [row[0] for row in told.rows] == ["100,000", "300,000", "1,000,000"]


def test_a_section_of_the_page_is_replaced_and_the_rest_kept() -> None:
    before = "# Performance\n\nFirst.\n\n## Predictors\n\nOld.\n\n### Of it\n\n| a |\n\n## The whole way\n\nLast.\n"
    after = page.replaced(before, "## Predictors\n\nNew.\n")
    assert after == "# Performance\n\nFirst.\n\n## Predictors\n\nNew.\n\n## The whole way\n\nLast.\n"
    assert page.replaced("# Performance\n", "## Predictors\n\nNew.\n") == "# Performance\n\n## Predictors\n\nNew.\n"


def test_the_floor_reads_exactly_what_the_predictors_read() -> None:
    calls = Predictor(
        "calls", Kind.COUNT, facts("ambulance", service="999", weekday=(6, 7)), "urgent", "{n} calls", within=90
    )
    (sweep,) = plan([calls]).sweeps
    assert set(raw.wanted(sweep)) == {"person_id", "row_id", "known_at", "known_until", "event_date", "service"}
    # Where the order within a day matters, the time of day is read too.
    waits = replace(calls, name="last", kind=Kind.LATEST, of=facts("ambulance", value="event_time"), within=None)
    assert "event_time" in raw.wanted(plan([waits]).sweeps[0])


def test_every_row_of_the_files_is_read_by_the_floor(tmp_path: Path) -> None:
    path = area.generated(100, 1, tmp_path)
    calls = Predictor("calls", Kind.COUNT, facts("ambulance"), "urgent", "{n} calls", within=90)
    with Record(path, purpose="evaluation") as record:
        rows = sum(file.rows for file in record.manifest.of("ambulance"))
        assert floor.scan(record, plan([calls])) == rows > 0


def test_others_are_handed_what_the_date_sees_and_no_more(tmp_path: Path) -> None:
    path, at = area.generated(100, 1, tmp_path), date(2023, 6, 1)
    with Record(path, purpose="evaluation") as record:
        hand(record, at, tmp_path / "handed")
    asked = json.loads((tmp_path / "handed" / "asked.json").read_text())
    assert asked["at"] == "2023-06-01"
    people = set(parquet.read_table(tmp_path / "handed" / "cohort.parquet")["person_id"].to_pylist())
    for table in sorted((tmp_path / "handed" / "tables").glob("*.parquet")):
        rows = parquet.read_table(table).to_pandas()
        assert set(rows["person_id"]) <= people
        assert (rows["known_at"] < at).all()
        assert "event_date" not in rows or (rows["event_date"] < at).all()
        assert "row_id" not in rows or rows["row_id"].is_unique
    coded = [one for one in asked["predictors"] if one["codes"] is not None]
    used = set(parquet.read_table(tmp_path / "handed" / "tables" / "diagnosis.parquet")["code"].to_pylist())
    assert coded
    assert all(set(one["codes"]) <= used for one in coded if one["table"] == "diagnosis")


def test_values_of_another_are_held_against_ours_where_ours_are_there(tmp_path: Path) -> None:
    ours = {"person_id": [1, 2, 3, 4], "calls": arrow.array([2, 0, np.nan, 1], arrow.float32())}
    theirs = {"person_id": [4, 3, 2, 1], "calls": arrow.array([1, 0, 0, 5], arrow.float32())}
    for name, columns in (("ours", ours), ("theirs", theirs)):
        parquet.write_table(arrow.table(columns), tmp_path / name)
    found = beside.compared(tmp_path / "theirs", tmp_path / "ours")
    # Of 1, 2 and 4 the first has 2 with us and 5 with them; of 3 we say nothing.
    assert found == {"expressed": 1, "compared": 3, "equal": pytest.approx(2 / 3), "other": {"calls": 1}}
