"""Who is in hospital at home, as small tables, and who of a practice was not scored. Each rule names the harm that it prevents."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.record.reader import Record
from risk.hospital_at_home import admitted, reached
from risk.run.practice_details import not_scored
from tests.records import PRACTICE, always_fresh, feeds, record

T = datetime.date(2024, 6, 1)
PEOPLE = pd.DataFrame({"person_id": [1, 2], "practice_scheme": "ods", "practice": PRACTICE})
WARD = {"event_date": "2024-05-20", "team": "virtual_ward"}
STAY = {"event_date": "2024-05-18", "patient_class": "hospital_at_home"}
REGISTERED = [{"person_id": 1}, {"person_id": 2}]


def there(folder: Path, **tables: Any) -> list[tuple[int, str, str]]:
    with Record(
        record(folder, registration=REGISTERED, **tables), purpose="case_finding", follow="confirmed"
    ) as opened:
        rows = admitted(opened, T, PEOPLE, reached(opened, T, [PRACTICE]))
    return [(row["person_id"], row["since"], row["told_by"]) for row in rows]


def fed(table: str, up_to: str) -> list[dict[str, Any]]:
    others = [row for row in always_fresh() if row["table_name"] != table]
    return [*others, *feeds(table, known_at=up_to, period_to=up_to)]


@pytest.mark.parametrize(
    ("tables", "found"),
    [
        ({}, []),
        ({"caseload": [WARD]}, [(1, "2024-05-20", "caseload")]),
        ({"caseload": [{**WARD, "team": "district_nursing"}]}, []),
        ({"caseload": [{**WARD, "end_date": "2024-05-31"}]}, []),  # discharged the day before
        ({"caseload": [{**WARD, "event_date": "2024-06-01"}]}, []),  # begins today: not yet known
        ({"spell": [STAY]}, [(1, "2024-05-18", "spell")]),
        ({"spell": [{**STAY, "patient_class": "ordinary"}]}, []),
        ({"spell": [STAY], "caseload": [WARD]}, [(1, "2024-05-18", "spell")]),  # one person once, since the earliest
        ({"caseload": [WARD, {**WARD, "person_id": 2, "event_date": "2024-05-01"}]},
         [(2, "2024-05-01", "caseload"), (1, "2024-05-20", "caseload")]),  # the first admitted first, whatever their risk
        ({"caseload": [WARD], "feed": fed("caseload", "2024-04-10")}, []),  # a list of 52 days ago says nothing of today
        ({"caseload": [WARD], "feed": fed("caseload", "2024-04-20")}, [(1, "2024-05-20", "caseload")]),  # 42 days
    ],
)  # fmt: skip
def test_who_is_in_hospital_at_home(tmp_path: Path, tables: dict[str, Any], found: list[tuple[int, str, str]]) -> None:
    """Somebody discharged weeks ago is thought to be watched at home; the list is put in the order of a score."""
    assert there(tmp_path / "r", **tables) == found


def test_a_feed_that_never_came_is_said(tmp_path: Path) -> None:
    """An empty list of a place whose virtual ward sends nothing reads as an empty ward."""
    feed = [row for row in always_fresh() if row["table_name"] not in ("caseload", "spell")]
    with Record(record(tmp_path / "r", feed=feed), purpose="case_finding", follow="confirmed") as opened:
        found = reached(opened, T, [PRACTICE])
    assert found == {PRACTICE: {table: {"up_to": None, "fresh": False} for table in ("spell", "caseload")}}


def test_not_scored_adds_up_to_the_registered() -> None:
    """A practice cannot tell why its list is of fewer than it has registered; or reads which objection somebody made."""
    practices = pd.DataFrame({"practice_scheme": ["ods", "ods"], "practice": ["A", "B"], "registered": [10, 4],
                              "left_out": [{"under_age": 3, "objection_type_1": 1, "objection_national": 1}, None]})  # fmt: skip
    frame = pd.DataFrame({"practice_scheme": "ods", "practice": ["A"] * 4 + ["B"] * 4})
    assert not_scored(practices, frame) == {
        ("ods", "A"): {"objection": 2, "suppressed_or_not_in_scope": 1, "under_age": 3},
        ("ods", "B"): {},
    }
