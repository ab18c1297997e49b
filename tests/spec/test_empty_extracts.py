"""An extract with the names of its columns and no rows: a delivery with nothing in it. Where that is suspicious of its kind the feed's
report says so, and the delivery speaks for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from features.record.feeds import held_feeds
from features.sources import open_source
from tests.deliveries import Sent
from tests.spec import test_cld as cld
from tests.spec import test_csds as csds

DAY = "2024-10-14"
#: Kinds of which no rows is nothing to wonder at, with the name of their file.
ORDINARY = {"deaths": "deaths", "preferences": "preferences", "out_of_hours": "out_of_hours", "mental_health": "care_contact", "ambulance": "calls",
            "admissions_now": "admissions"}  # fmt: skip
SUSPICIOUS = {
    "demographics": "demographics",
    "caseloads": "caseloads",
    "gdppr": "gdppr",
    "outpatients": "op",
    "hes": "apc",
}


def empty(folder: Path, kind: str) -> Sent:
    """An extract of the kind, each of its files without a row."""
    sent = Sent(folder, kind)
    for file in sent.source.layout.files:
        sent.file(file.name, DAY)
    return sent


@pytest.mark.parametrize("kind", ORDINARY)
def test_that_nothing_happened_is_an_answer(tmp_path: Path, kind: str) -> None:
    sent = empty(tmp_path, kind)
    ledger = sent.take()
    assert not ledger.unchanged
    assert {entry.read for entry in ledger.entries if entry.table != "feed"} <= {0}
    assert list(ledger.warnings) == []
    assert {row["covers"] for row in held_feeds(sent.record)} <= {"*", "NOBODY"}
    assert sent.take().unchanged


@pytest.mark.parametrize("kind", SUSPICIOUS)
def test_an_extract_that_should_have_rows_is_taken_in_with_a_warning_and_speaks_for_nobody(
    tmp_path: Path, kind: str
) -> None:
    sent = empty(tmp_path, kind)
    ledger = sent.take()
    (warning,) = ledger.warnings
    assert "has no rows, which is suspicious" in warning
    assert ledger.as_dict()["warnings"] == [warning]
    assert {row["covers"] for row in held_feeds(sent.record)} == {"NOBODY"}


def test_an_empty_file_beside_one_with_rows_speaks_for_no_practice(tmp_path: Path) -> None:
    row = {"PRACTICE": "B86022", "SEX": "1", "YEAR_OF_BIRTH": "1950", "DATE": "2024-03-01", "RECORD_DATE": "2024-03-01", "CODE": "73211009",
           "NHS_NUMBER": "9990000018"}  # fmt: skip
    sent = Sent(tmp_path, "gdppr", {"gdppr": row}).file("gdppr", DAY, {}).file("gdppr", "2024-11-14")
    assert list(sent.take().warnings) == []
    covered = {(row["covers"], str(row["received"])) for row in held_feeds(sent.record)}
    assert covered >= {("B86022", DAY), ("NOBODY", "2024-11-14")}
    assert "*" not in {covers for covers, _ in covered}


def test_an_empty_submission_of_a_council_closes_no_service(tmp_path: Path) -> None:
    folder = cld.written(tmp_path / "in", received_2024_05_15=[cld.HOME], received_2024_08_15=[])
    batches = cld.taken(folder)
    assert len(cld.events(batches)) == 1
    assert cld.events(batches, "closed_by_absence") == []
    source = open_source("cld", folder)
    (received,) = set(source.feeds()["known_at"].to_pylist())
    assert str(received) == "2024-05-15"
    (warning,) = source.warnings()  # type: ignore[attr-defined]
    assert "cld_2024-08-15.csv has no rows" in warning


def test_a_submission_with_a_header_alone_withdraws_nothing(tmp_path: Path) -> None:
    nothing: dict[str, csds.Rows] = {name: [] for name in ("CYP001", "CYP101", "CYP102", "CYP201", "CYP202", "CYP612")}
    folder = csds.submission(csds.submission(tmp_path), "2024-06-15", **nothing)
    batches = csds.taken(folder)
    assert len(csds.rows(batches)) == 1
    assert csds.rows(batches, "withdrawn_by_resubmission") == []
    (warning,) = open_source("csds", folder).warnings()  # type: ignore[attr-defined]
    assert "2024-06-15 has a header and no rows" in warning
