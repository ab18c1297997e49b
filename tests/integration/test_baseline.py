"""The baseline of each practice: counted by hand, frozen once, before the first list."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from features.errors import Refused
from features.record.reader import Record
from risk import baseline
from risk import store as stores
from risk.settings import Settings
from tests.records import record

AT = date(2024, 11, 30)
STAY = {"admission_method": "21"}
#: (person, first day, last day, method) of stays; persons 1 to 3 are of one practice, 4 of another.
STAYS = (
    (1, "2024-03-01", "2024-03-05", "21"),  # an emergency of 4 nights
    (1, "2024-06-01", "2024-06-02", "22"),
    (2, "2024-07-01", "2024-07-11", "11"),  # planned: its days count, it is no emergency
    (2, "2023-11-01", "2023-11-09", "21"),  # more than a year before
    (4, "2024-12-01", "2024-12-03", "21"),  # after the day
)


@pytest.fixture
def held(tmp_path: Path) -> Path:
    return record(
        tmp_path / "record",
        person=[{"person_id": n, "birth_month": "1950-01-01"} for n in range(1, 5)],
        registration=[{"person_id": n, "practice": "B86002" if n == 4 else "B86001"} for n in range(1, 5)],
        spell=[
            {"person_id": n, "event_date": begin, "end_date": end, "admission_method": method}
            for n, begin, end, method in STAYS
        ],
    )


def test_what_it_counts(held: Path) -> None:
    """Harm: the year before is counted wrongly, and a tool that does nothing is said to help."""
    with Record(held, purpose="case_finding") as opened:
        rows = baseline.of(opened, AT, 18)
    assert [(row["practice"], row["people"], row["admitted"], row["admissions"], row["unknown"]) for row in rows] == [
        ("B86001", 3, 1, 2, 0),
        ("B86002", 1, 0, 0, 0),
    ]
    assert (rows[0]["bed_days"], rows[1]["bed_days"]) == (15.0, 0.0)  # 4 + 1 + 10


def test_it_is_frozen_once(held: Path, store_settings: Settings) -> None:
    """Harm: the baseline is made anew once lists are worked through, and what they changed is in it."""
    first = baseline.freeze(store_settings, held, AT)
    assert (first["from"], first["to"], first["as_frozen"]) == ("2023-12-01", "2024-11-30", True)
    with pytest.raises(Refused, match="never made anew"):
        baseline.freeze(store_settings, held, date(2024, 12, 31))
    assert baseline.show(store_settings) == first
    store = stores.open(store_settings)
    assert baseline.ensure(store_settings, store, held, date(2024, 12, 31)) is False
    with store.writing() as connection:
        connection.execute(text("UPDATE baseline_practice SET admissions = 9"))
    assert baseline.show(store_settings)["as_frozen"] is False
    store.close()


def test_none_is_said(store_settings: Settings) -> None:
    with pytest.raises(Refused, match="no baseline is frozen"):
        baseline.show(store_settings)
