"""What stops a run before it publishes."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pandas as pd
import pytest

from features.errors import Refused
from features.record.tables import PERSON_TABLES
from risk.run.guards import Facts, check

DAY = datetime.date(2024, 11, 30)
A, B, C = ("ods", "A"), ("ods", "B"), ("local", "C")


def mask(*tables: str) -> int:
    return sum(1 << PERSON_TABLES.index(table) for table in tables)


SOUND = Facts(
    at=DAY,
    today=DAY,
    newest=datetime.date(2024, 11, 25),
    asked=("unplanned_admission", 365, 18),
    model=("unplanned_admission", 365, 18),
    feeds=pd.Series([mask("spell", "social_care", "carer")] * 90 + [mask("spell")] * 10),
    used=frozenset({"spell", "social_care"}),
    seen=frozenset({frozenset({"spell", "social_care"}), frozenset({"spell"})}),
    scored={A: 60, B: 40},
    before={A: 80, B: 40},
)


def facts(**changed: Any) -> Facts:
    return dataclasses.replace(SOUND, **changed)


def test_a_sound_run_passes_without_a_reason() -> None:
    assert check(SOUND, {}) == {}


def test_a_table_that_no_predictor_reads_makes_no_pattern() -> None:
    assert check(facts(feeds=pd.Series([mask("spell", "carer"), mask("spell", "ambulance")])), {}) == {}


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"feeds": pd.Series([], dtype="uint64")}, "nobody can be scored on 2024-11-30"),
        ({"asked": ("deterioration", 365, 18)}, "rank by deterioration within 365 days, and the model predicts unplanned"),
        ({"asked": ("unplanned_admission", 90, 18)}, "within 90 days, and the model predicts unplanned_admission within 365"),
        ({"model": ("unplanned_admission", 365, 65)}, "--minimum-age 65"),
    ],
)  # fmt: skip
def test_what_no_reason_can_pass(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check(facts(**changed), dict.fromkeys(["stale", "feeds", "moved"], "because"))


@pytest.mark.parametrize(
    ("guard", "changed", "sentence"),
    [
        ("stale", {"today": datetime.date(2024, 12, 17)}, "came on 2024-11-25, 22 days ago"),
        ("stale", {"at": datetime.date(2024, 12, 17)}, "22 days ago"),
        ("stale", {"newest": None}, "no delivery"),
        ("feeds", {"feeds": pd.Series([mask("social_care")] * 7)}, "spell missing for 7 people"),
        ("moved", {"before": {A: 121, B: 40}}, "practice A: 121 people before, 60 now"),
        ("moved", {"before": {A: 60, B: 40, C: 9}}, "practice C: 9 people before, 0 now"),
        ("moved", {"before": {A: 60}}, "1 practices before, 2 now"),
    ],
)
def test_what_a_reason_passes_and_is_kept(guard: str, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        check(facts(**changed), {})
    kept = check(facts(**changed), {guard: "historical data"})
    assert set(kept) == {guard}
    assert kept[guard]["reason"] == "historical data"
    assert sentence.split(",")[0] in kept[guard]["found"]


@pytest.mark.parametrize(
    "changed",
    [
        {"today": datetime.date(2024, 12, 16)},  # 21 days
        {"before": {A: 120, B: 40}},  # exactly half
        {"before": None},  # the first run of all
    ],
)
def test_the_edge_passes(changed: dict[str, Any]) -> None:
    assert check(facts(**changed), {}) == {}


def test_a_reason_for_one_guard_passes_no_other() -> None:
    with pytest.raises(Refused, match="22 days ago") as refused:
        check(facts(today=datetime.date(2024, 12, 17), before={A: 1000}), {"moved": "a merger"})
    assert "before" not in str(refused.value)


def test_all_that_stands_is_said_at_once() -> None:
    with pytest.raises(Refused, match=r"22 days ago.*--allow-stale.*Also: .*--allow-moved"):
        check(facts(today=datetime.date(2024, 12, 17), before={A: 1000}), {})
