"""PARR-30: its terms added up by hand, and who counts as a discharge."""

from __future__ import annotations

from datetime import date
from math import exp
from pathlib import Path

import pandas as pd
import pytest

from features.record.reader import Record
from models.parr30 import CONDITIONS, log_odds, probability
from risk.discharges import discharged
from tests.records import record

PLAIN = {"age": 0, "imd_decile": 10, "emergencies": 0, "last_month": False, "emergency": False, **dict.fromkeys(CONDITIONS, False)}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({}, -2.91821),
     ({"age": 80}, -2.91821 + 0.000060581 * 6400),
     ({"emergencies": 3}, -2.91821 + 3 * 0.1215),
     ({"last_month": True, "emergency": True}, -2.91821 + 0.5258 + 0.5565),
     ({"imd_decile": 1}, -2.91821 + 0.0982),
     ({"imd_decile": 5}, -2.91821 + 0.0239),
     ({"imd_decile": None}, -2.91821 + 0.0239),
     ({"heart_failure": True, "cancer": True}, -2.91821 + 0.0950 + 0.5069),
     ({"metastatic_cancer": True, "dementia": True}, -2.91821 + 0.2762 + 0.0467)],
)  # fmt: skip
def test_the_terms_add_up(changed: dict, expected: float) -> None:
    rows = pd.DataFrame([{**PLAIN, **changed}]).astype({"imd_decile": "float64"})
    assert log_odds(rows)[0] == pytest.approx(expected)
    assert probability(rows)[0] == pytest.approx(1 / (1 + exp(-expected)))


def stay(person: int, began: str, ended: str | None, **more: str) -> dict:
    return {
        "person_id": person,
        "event_date": began,
        "end_date": ended,
        "known_at": began,
        "admission_method": "21",
        **more,
    }


def found(folder: Path, spells: list[dict], **tables: list[dict]) -> pd.DataFrame:
    path = record(folder, spell=spells, **tables)
    with Record(path, purpose="evaluation", threads=1) as held:
        return discharged(held, date(2024, 1, 1), date(2025, 1, 1), 18)


def test_a_discharge_is_looked_at_from_the_day_after_with_the_stays_before_it(tmp_path: Path) -> None:
    rows = found(tmp_path / "r", [stay(1, "2024-03-01", "2024-03-05", admission_method="11"),
                                  stay(1, "2024-02-10", "2024-02-12"), stay(1, "2023-06-01", "2023-06-02"),
                                  stay(1, "2022-01-01", "2022-01-02")])  # fmt: skip
    told = rows.set_index("index_date")[["emergency", "emergencies", "last_month"]]
    assert told.loc["2024-03-06"].tolist() == [False, 2, True]
    assert told.loc["2024-02-13"].tolist() == [True, 1, False]
    assert len(told) == 2
    assert rows["age"].tolist() == [74, 74]


@pytest.mark.parametrize(
    ("spells", "tables"),
    [([stay(1, "2024-03-01", None)], {}),
     ([stay(1, "2024-03-01", "2024-03-05", discharge_method="4")], {}),
     ([stay(1, "2024-03-01", "2024-03-05", patient_class="day_case")], {}),
     ([stay(1, "2024-03-01", "2024-03-05"), stay(1, "2024-03-05", "2024-03-20", discharge_method="4")], {}),
     ([stay(1, "2024-03-01", "2024-03-05")], {"death": [{"event_date": "2024-03-05"}]}),
     ([stay(1, "2024-03-01", "2024-03-05")], {"person": [{"birth_month": "2010-01-01"}]}),
     ([stay(1, "2024-03-01", "2024-03-05")], {"registration": [{"end_date": "2024-01-01", "end_reason": "left_area"}]}),
     ([stay(1, "2023-03-01", "2023-03-05")], {})],
    ids=["still in hospital", "died there", "a day case", "moved to another ward that day", "died that day", "a child", "not registered",
         "before the year"],
)  # fmt: skip
def test_who_is_no_discharge(tmp_path: Path, spells: list[dict], tables: dict) -> None:
    assert len(found(tmp_path / "r", spells, **tables)) == 0


def test_a_stay_without_a_night_is_a_discharge_and_not_its_own_readmission(tmp_path: Path) -> None:
    rows = found(tmp_path / "r", [stay(1, "2024-03-01", "2024-03-01")])
    assert rows["index_date"].dt.strftime("%Y-%m-%d").tolist() == ["2024-03-02"]
