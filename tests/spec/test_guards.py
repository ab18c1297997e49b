"""What stops a run before it publishes."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pandas as pd
import pytest

from features.errors import Refused, WrongUsage
from features.health.coding import Coverage
from features.health.flow import Flow
from features.record.tables import PERSON_TABLES
from risk.run.feed_guards import Pulse, code_sets
from risk.run.guards import GUARDS, Facts, check, reasons_of

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


def flow(
    days_since: int = 3, gap: float | None = 7, rows: int | None = 400, before: int | None = 400, covers: str = "A"
) -> Flow:
    received = DAY - datetime.timedelta(days=days_since)
    return Flow("gp", "gp_event", covers, covers, received, days_since, gap, rows, before)


@pytest.mark.parametrize(
    ("seen", "silent", "fell"),
    [
        (flow(days_since=21), False, False),  # two gaps of 7 days and a week
        (flow(days_since=22), True, False),
        (flow(days_since=200, gap=None), False, False),  # it came once: no gap is known
        (flow(rows=200), False, False),  # exactly half
        (flow(rows=199), False, True),
        (flow(rows=0, before=199), False, False),  # fewer than 200 a year before may be chance
        (flow(days_since=22, rows=0), True, False),  # silent, and not thin beside
        (flow(rows=None, before=None), False, False),  # a table without dates
    ],
)
def test_a_sender_is_judged_by_its_own_gap_and_its_own_year(seen: Flow, silent: bool, fell: bool) -> None:
    assert (seen.silent, seen.fell) == (silent, fell)


def test_a_practice_that_stopped_sending_stops_the_run_or_is_passed_with_a_reason() -> None:
    """DESIGN: any feed can be missing or stale; the run says so."""
    stopped = facts(pulse=Pulse(DAY, [flow(days_since=22), flow(covers="B")]))
    with pytest.raises(Refused, match=r"gp of A has sent no gp_event since 2024-11-08.*--allow silent=REASON"):
        check(stopped, {})
    kept = check(stopped, reasons_of(["silent=practice A has closed"]))
    assert kept["silent"]["reason"] == "practice A has closed"
    assert "gp of A" in kept["silent"]["found"]
    assert "gp of B" not in kept["silent"]["found"]


def test_volumes_and_codes_that_fell_stop_the_run() -> None:
    lost = Coverage("gp_event", "gp", "efi_snomed", 10, 500, 0.001, 0.05, lost=True)
    with pytest.raises(
        Refused, match=r"199 rows of gp_event from gp of A, 400 a year before; 0.10% of rows .* efi_snomed, 5.00%"
    ):
        check(facts(pulse=Pulse(DAY, [flow(rows=199)], [lost])), {})
    assert check(facts(pulse=Pulse(DAY, [flow()], [])), {}) == {}


@pytest.mark.parametrize("given", ["silent", "silent=", "empty=because", "weather=because"])
def test_a_reason_names_a_guard_that_it_can_pass(given: str) -> None:
    with pytest.raises(WrongUsage, match="GUARD=REASON with a guard among stale, feeds"):
        reasons_of([given])


def test_every_guard_of_the_table_has_a_name_of_its_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)


def test_code_sets_of_a_derived_predictor_are_those_of_its_parts() -> None:
    from features.predictors import named

    assert "efi_snomed" in code_sets(named(["efi_deficits"])[0])
