"""Tables and columns that the record has been given since its first version."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from pandera.errors import SchemaError

from features.record.reader import Record
from features.record.tables import PERSON_TABLES, TABLES
from features.record.writer import Transaction
from tests.records import record, table

ADDED = ["care_home_id", "match_confidence"]


def test_a_caseload_is_an_interval_of_a_kind_of_team() -> None:
    assert TABLES["caseload"].interval
    assert table("caseload", [{"event_date": "2024-01-01", "team": "virtual_ward", "team_id": "VW1"}]).num_rows == 1
    with pytest.raises(SchemaError):
        table("caseload", [{"event_date": "2024-01-01", "team": "the nice one"}])


def test_a_new_table_takes_the_highest_bits_of_a_feed_mask_so_that_old_masks_still_read() -> None:
    assert PERSON_TABLES.index("assessment") == 18
    assert PERSON_TABLES.index("caseload") > PERSON_TABLES.index("assessment")


def test_a_record_written_before_a_column_was_added_reads_it_as_null_beside_newer_rows(tmp_path: Path) -> None:
    folder = record(tmp_path / "r", residence=[{"kind": "care_home"}])
    manifest = json.loads((folder / "manifest.json").read_text())
    (old,) = [folder / file["path"] for file in manifest["files"] if file["table"] == "residence"]
    parquet.write_table(parquet.read_table(old).drop_columns(ADDED), old)
    with Record(folder, purpose="planning") as held:
        assert held.connection.sql("SELECT kind, care_home_id, match_confidence FROM residence").fetchall() == [("care_home", None, None)]  # fmt: skip
    with Transaction(folder) as transaction:
        transaction.add(
            "residence", table("residence", [{"row_id": 9, "care_home_id": "H1", "match_confidence": "uprn"}])
        )
        transaction.commit()
    with Record(folder, purpose="planning") as held:
        assert held.connection.sql("SELECT care_home_id FROM residence ORDER BY ALL").fetchall() == [("H1",), (None,)]
