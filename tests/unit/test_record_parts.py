"""Parts of the record's intake: types, masks, faults, identities."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as arrow
import pytest

from features.record.casting import cast, castable
from features.record.keys import RowIdentities, feed_identity
from features.record.quarantine import REASONS, Faults, mask
from features.record.tables import TABLES

DATE, WHOLE, NUMBER, FLAG, TEXT = arrow.date32(), arrow.int32(), arrow.float64(), arrow.bool_(), arrow.string()

# what a column holds, the type wanted, what is read, which rows do not read as it
CAST: list[tuple[list[Any], arrow.DataType, list[Any], list[int]]] = [
    (["2024-03-31", "", None], DATE, [date(2024, 3, 31), None, None], []),
    (["2024-3-31", "2024-02-30", "31/03/2024", "2024-03-31"], DATE, [None, None, None, date(2024, 3, 31)], [0, 1, 2]),
    ([datetime(2024, 3, 31, 23, 59)], DATE, [date(2024, 3, 31)], []),
    (["1", "2.0", "2.5", "9999999999", "x"], WHOLE, [1, 2, None, None, None], [2, 3, 4]),
    ([1.0, 2.5, float("nan")], WHOLE, [1, None, None], [1]),
    (["1e3", ".5", "-2", "inf", "nan", "1,000"], NUMBER, [1000.0, 0.5, -2.0, None, None, None], [3, 4, 5]),
    ([1, None], NUMBER, [1.0, None], []),
    (["true", "False", "1", "0", "yes"], FLAG, [True, False, True, False, None], [4]),
    ([7, None], TEXT, ["7", None], []),
    (["", " "], TEXT, [None, " "], []),
]  # fmt: skip


@pytest.mark.parametrize(("held", "wanted", "read", "bad"), CAST)
def test_casting(held: list[Any], wanted: arrow.DataType, read: list[Any], bad: list[int]) -> None:
    column = arrow.chunked_array([arrow.array(held)])
    made, wrong = cast(column, wanted)
    assert made.type == wanted
    assert made.to_pylist() == read
    assert ([] if wrong is None else np.flatnonzero(wrong).tolist()) == bad


def test_a_time_with_a_zone_falls_on_a_london_day() -> None:
    # 23:30 UTC on 30 June is 00:30 on 1 July in London, an hour ahead in summer.
    utc = arrow.array([datetime(2024, 6, 30, 23, 30)], arrow.timestamp("us", "UTC"))
    assert cast(arrow.chunked_array([utc]), DATE)[0].to_pylist() == [date(2024, 7, 1)]


def test_what_cannot_be_read_as_a_type_at_all() -> None:
    assert not castable(arrow.int64(), DATE)
    assert not castable(arrow.float64(), TEXT)
    assert not castable(arrow.int8(), FLAG)
    assert castable(arrow.dictionary(arrow.int8(), TEXT), DATE)


MASKED = [("9990000107", "10 digits"), ("7", "1 digit"), ("Ada", "3 letters"), ("B86022", "6 letters and digits"),
          ("ZZ99 3VZ", "text of 8 characters"), ("", "empty"), (None, "empty")]  # fmt: skip


@pytest.mark.parametrize(("value", "masked"), MASKED)
def test_masks(value: str | None, masked: str) -> None:
    assert mask(value) == masked


def test_a_rows_first_fault_counts_and_a_field_is_faulted_once() -> None:
    faults = Faults(4)
    faults.add(np.array([True, True, False, False]), "event_date", "not_a_date")
    faults.add(np.array([1, 2]), "event_date", "missing")
    faults.add(np.array([0, 2, 2]), "code", "malformed_code")
    assert faults.bad.tolist() == [True, True, True, False]
    assert faults.by_reason() == {"not_a_date": 2, "missing": 1}
    lines = faults.lines("f.csv", "gp_event", np.array([2, 3, 4, 5]), arrow.table({"code": ["a1", "b", "c", "d"]}))
    assert [(line["row"], line["field"], line["reason"], line["masked"]) for line in lines.to_pylist()] == [
        (2, "event_date", "not_a_date", "empty"), (3, "event_date", "not_a_date", "empty"),
        (4, "event_date", "missing", "empty"), (2, "code", "malformed_code", "2 letters and digits"),
        (4, "code", "malformed_code", "1 letter")]  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_every_check_of_a_table_has_a_reason_in_words(table: str) -> None:
    schema = TABLES[table].schema
    named = [check.name for check in schema.checks]
    named += [check.name for column in schema.columns.values() for check in column.checks if not check.error]
    assert set(named) <= set(REASONS)


def identities(salt: str = "salt", source: str = "native") -> RowIdentities:
    return RowIdentities(salt, source, duckdb.connect())


def test_row_identities_are_stable_positive_and_salted() -> None:
    keys = arrow.array(["S1", None, "S1", "S2"])
    ids = identities().of_keys("spell", keys).to_pylist()
    assert ids[0] == ids[2] != ids[3]
    assert ids[1] is None
    assert min(ids[0], ids[3]) > 0
    # md5 of `salt\x1fnative\x1fspell\x1fkey\x1fS1`, its last eight bytes read little-endian, halved: pinned, for it is stored.
    assert ids[0] == _md5_lower(b"salt\x1fnative\x1fspell\x1fkey\x1fS1") >> 1
    others = {identities(salt="x"): "spell", identities(source="omop"): "spell", identities(): "death"}
    assert ids[0] not in [made.of_keys(table, keys)[0].as_py() for made, table in others.items()]


def _md5_lower(text: bytes) -> int:
    return int.from_bytes(hashlib.md5(text).digest()[8:], "little")


def test_content_identities_tell_an_empty_field_from_a_shifted_one() -> None:
    rows = arrow.table({"person_id": [1, 1, 1], "a": ["x", None, "x"], "b": [None, "x", None], "known_at": [1, 2, 3]})
    first, second, third = identities().of_content("gp_event", rows).to_pylist()
    assert first == third != second


def test_feed_identities_are_pinned() -> None:
    one = feed_identity("gp", "gp_event", "ods", "B86022", "B86022")
    assert one == 5126779809539216627
    assert one != feed_identity("gp", "gp_event", "ods", "B86022", "*")
