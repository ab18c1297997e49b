"""What is past its time is said, and removed when asked; what is live stays whatever its age."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as arrow
import pytest
from sqlalchemy import update
from typer.testing import CliRunner

from risk import store as stores
from risk.cli import app
from risk.kept_classes import CLASSES
from risk.settings import Settings
from risk.store import Store
from risk.store.meeting import NewEntry
from risk.store.tables import run
from tests.extracts import Place, extract, nhs
from tests.published import published


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Four published runs, the first three of them three years old; an old extract and a new one; one quarantined row."""
    for name, value in {"HOME": tmp_path, "EXTRACTS": tmp_path / "in", "LOGS": tmp_path / "logs"}.items():
        monkeypatch.setenv(f"FRAILTY_{name}", str(value))
    made = Settings()
    store = stores.open(made)
    for _ in range(4):
        (made.runs / str(published(store))).mkdir(parents=True)
    age(store, 1095, 1, 2, 3)
    for name, days in (("old", 31), ("new", 29)):
        (tmp_path / "in" / name).mkdir(parents=True)
        stamp = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        (tmp_path / "in" / name / "spell.csv").write_text("x")
        for path in (tmp_path / "in" / name / "spell.csv", tmp_path / "in" / name):
            os.utime(path, (stamp, stamp))
    Place(tmp_path).take(
        extract(tmp_path / "e", spell=[{"event_date": "never", "known_at": "2024-03-01"}, {"event_date": "2024-03-01"}])
    )
    return made


def age(store: Store, days: int, *numbers: int) -> None:
    with store.writing() as connection:
        began = datetime.now(UTC) - timedelta(days=days)
        connection.execute(update(run).where(run.c.number.in_(numbers)).values(started_at=began))


def told(*flags: str) -> dict[str, list[str]]:
    done = CliRunner().invoke(app, ["retention", *flags, "--json"], catch_exceptions=False)
    return {one["name"]: [thing["name"] for thing in one["past"]] for one in json.loads(done.stdout)["classes"]}


def test_what_is_past_its_time_is_said_and_then_removed(settings: Settings) -> None:
    """Runs 1 and 2 go; 3 is as old, and the one before the live one."""
    found = told()
    assert (found["runs"], found["raw_extracts"], found["quarantine"]) == (["run 1", "run 2"], ["old"], [])
    assert sorted(path.name for path in settings.runs.glob("[0-9]")) == ["1", "2", "3", "4"]
    assert told("--apply") == found
    store = stores.open(settings)
    assert sorted(path.name for path in settings.runs.glob("[0-9]")) == ["3", "4"]
    assert (store.rows_of_run(1), store.rows_of_run(3)) == (0, 8)
    assert store.run(1) is not None, "that there was such a run is kept"
    assert sorted(path.name for path in settings.extracts.iterdir()) == ["new"]  # type: ignore[union-attr]
    assert told()["runs"] == []
    assert [row["action"] for row in store.audit_rows()] == ["retention.applied"]


def test_quarantined_rows_go_when_the_area_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taken in today and kept for 90 days; with a setting of 1 they go tomorrow."""
    monkeypatch.setenv("FRAILTY_QUARANTINE_DAYS", "1")
    assert told()["quarantine"] == []
    monkeypatch.setenv("FRAILTY_TODAY", str(datetime.now(UTC).date() + timedelta(days=2)))
    assert told("--apply")["quarantine"] == ["originals of quarantined rows"]
    assert told()["quarantine"] == []


def test_every_class_has_a_setting_a_reason_and_a_row_in_the_document() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "governance.md").read_text()
    for one in CLASSES:
        days = Settings.model_fields[one.days].default
        assert f"| `{one.name}` | {days} (`{one.days}`) | {one.what} | {one.why} |" in page
    assert {one.name for one in CLASSES} == {
        "raw_extracts",
        "identity",
        "quarantine",
        "runs",
        "decisions",
        "break_glass",
        "events",
        "frailty_register",
        "full_scores",
        "audit",
        "backups",
        "sessions",
        "logs",
    }


def test_identifiers_of_people_in_no_record_go_in_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One person has rows, and one only what was quarantined of them: noticed today, and gone a year and a day later. The other stays."""
    place = Place(settings.home)
    with place.identity() as identity:
        identity.resolve(arrow.array([nhs(7)]), "", arrow.nulls(1, arrow.string()))
        identity.commit()
        assert len(identity.forgotten.everybody()) == 2
    monkeypatch.setenv("FRAILTY_IDENTITY_DAYS", "365")
    record = ("--record", str(place.record))
    assert told("--apply", *record)["identity"] == []
    monkeypatch.setenv("FRAILTY_TODAY", str(datetime.now(UTC).date() + timedelta(days=366)))
    assert told()["identity"] == [], "which records there are was not said"
    assert told(*record)["identity"] == ["identifiers of people in no record"]
    assert told("--apply", *record)["identity"] == ["identifiers of people in no record"]
    with place.identity() as identity:
        (left,) = identity.forgotten.everybody()
    assert place.rows("spell", "person_id") == [(left,)]
    assert told("--apply", *record)["identity"] == []


def test_who_comes_back_into_a_record_is_noticed_no_more(store: Store) -> None:
    """Harm: somebody without rows for a week eight years ago loses their identity while a record holds them."""
    day = date(2024, 12, 2)
    store.notice([1, 2, 3], [1, 2], day)
    store.notice([1, 2, 3], [2, 3], day + timedelta(days=1))
    assert store.noticed_before(day + timedelta(days=1)) == [2]
    assert store.noticed_before(day + timedelta(days=2)) == [2, 3]


def test_the_audit_ages_and_says_so(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told("--apply")
    assert told()["audit"] == []
    monkeypatch.setenv("FRAILTY_TODAY", str(datetime.now(UTC).date() + timedelta(days=2921)))
    assert told("--apply")["audit"] == ["audit rows up to 1"]
    assert [row["action"] for row in stores.open(settings).audit_rows()] == ["audit.aged", "retention.applied"]


def test_what_was_decided_goes_whole_once_nothing_was_written_for_long(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two people were decided of eight years ago, and one of them again since: of that one everything stays."""
    store, long_ago = stores.open(settings), date(2016, 1, 4)
    for n, (person, day, read) in enumerate(((101, long_ago, 0), (102, long_ago, 0), (102, date(2024, 12, 2), 1))):
        store.write_entry(
            NewEntry(person, "ods", "A81001", "decision", 4, day, "u1", read, bytes([n]) * 32, bytes(32), {}, {"reason": "Mrs B rang"})
        )  # fmt: skip
    monkeypatch.setenv("FRAILTY_TODAY", "2024-12-03")
    assert told("--apply")["decisions"] == ["what was decided of people"]
    assert {person: len(rows) for person, rows in store.entries(None).items()} == {102: 2}
    assert told()["decisions"] == []
