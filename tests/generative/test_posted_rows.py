"""Rows of every table at random, good and bad, checked one by one as they are posted and together as a batch: the same are refused."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pyarrow as arrow
import pytest

from benchmarks.posting import posted
from features.record.posted import POSTED, Unfit, checked, contracts
from features.record.quarantine import Faults
from features.record.tables import TABLES
from features.record.validation import validate

ROWS = 150
DAYS = [date(2024, 1, day) for day in (1, 1, 2, 3)]
TEXTS = ["own_home", "ods", "local", "snomed", "icd10", "73211009", "73211008", "I10X", "A81001", "a practice", "E01000001", "E02000001", "12", "1",
         "x", "en", "en\n", "native", "*", "100", "district_nursing", "attended"]  # fmt: skip
WHOLE = [-1, 0, 1, 5, 10, 11, 99, 100, 86_399, 86_400]
NUMBERS = [-0.5, 0.0, 0.5, 1.0, 7.5]


def value(chance: Random, table: str, column: str) -> Any:
    """A value that fits the column's type and, more often than not, its declaration."""
    type_, declared = TABLES[table].columns[column], TABLES[table].schema.columns[column]
    allowed = [value for check in declared.checks for value in (check.statistics or {}).get("allowed_values", ())]
    if declared.nullable and chance.random() < 0.3:
        return None
    if type_ == arrow.date32():
        return chance.choice(DAYS)
    if type_ == arrow.string():
        return chance.choice(allowed if allowed and chance.random() < 0.85 else TEXTS)
    if type_ == arrow.bool_():
        return chance.random() < 0.5
    return chance.choice(NUMBERS if type_ == arrow.float64() else WHOLE)


def refused_as_posted(name: str, row: dict[str, Any]) -> bool:
    try:
        checked({name: posted([row])})
    except Unfit:
        return True
    return False


@pytest.mark.parametrize("name", POSTED)
def test_what_a_batch_refuses_is_refused_as_it_is_posted(name: str) -> None:
    """Harm: a row that would be quarantined out of the record makes somebody's score."""
    chance, table = Random(name), TABLES[name]
    rows = [{column: value(chance, name, column) for column in table.columns} for _ in range(ROWS)]
    faults = Faults(ROWS)
    whole = {column: [row[column] for row in rows] for column in table.columns}
    validate(table, arrow.table(whole, schema=arrow.schema(list(table.columns.items()))), faults)
    refused = [refused_as_posted(name, row) for row in rows]
    assert [row for row, one, other in zip(rows, refused, faults.bad.tolist(), strict=True) if one != other] == []
    assert {True, False} == set(refused), "good rows and bad ones"


def test_every_table_that_may_be_posted_has_its_check() -> None:
    assert set(contracts()) == set(TABLES) - {"person_link"}


# what of another type a column is sent, that a batch in the record's types could not hold
TYPES = [("event_date", 20240101), ("event_date", "20240101"), ("event_date", "2024-01-01T00:00:00"), ("event_date", None), ("value", "1"),
         ("value", float("nan")), ("event_time", 1.5), ("event_time", True), ("code", 73211009), ("code", "7" * 257), ("value", [1]), ("row_id", 2**63)]  # fmt: skip


@pytest.mark.parametrize(("column", "sent"), TYPES)
def test_a_value_of_another_type_is_refused(column: str, sent: Any) -> None:
    """Harm: a number sent as text, or a day as a number, is read as something else than was meant."""
    row = {"event_date": "2024-01-01", "known_at": "2024-01-02", "system": "snomed", "code": "73211009", "value": 1.0}
    assert not refused_as_posted("gp_event", {**row, "event_date": date(2024, 1, 1), "known_at": date(2024, 1, 2)})
    with pytest.raises(Unfit) as told:
        checked({"gp_event": [row, {**row, column: sent}]})
    assert [where for where, _ in told.value.faults] == [f"rows.gp_event.1.{column}"]


def test_rows_are_numbered_unless_they_say_their_number() -> None:
    row = {"event_date": "2024-01-01", "known_at": "2024-01-02", "patient_class": "ordinary"}
    held = checked({"spell": [row, {**row, "row_id": 77}]})["spell"]
    assert [(one["row_id"], one["person_id"], one["event_date"]) for one in held] == [
        (1, 1, date(2024, 1, 1)),
        (77, 1, date(2024, 1, 1)),
    ]
