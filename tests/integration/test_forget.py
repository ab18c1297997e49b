"""Forgetting somebody: from every table and file, with a proof; resumed after a kill, replayed after a restore."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from typer.testing import CliRunner

from features.errors import BadInput, WrongUsage
from features.record import ledger as ledgers
from features.record.erasure import holds
from features.record.manifest import load
from risk import keys, learnt, store, telling
from risk.audit import Audit, Event
from risk.cli import app
from risk.forgetting import forget as forgetting
from risk.forgetting import replaying
from risk.forgetting.ledger import ForgottenLedger
from risk.pseudonyms import Pseudonyms
from risk.run import folder, weekly
from risk.run.reading import READER
from risk.settings import Settings
from risk.store.hiding import Told
from risk.store.tables import metadata
from tests import released
from tests.extracts import Place, extract, feed, nhs
from tests.walking import holding

AT = date(2024, 12, 2)
PRACTICE = "A81001"
PEOPLE = 40


class Area:
    """A small area whose first person is to be forgotten: taken in, scored twice, looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(home=folder, today=date(2024, 12, 2), environment="test", keys=folder / "keys", lease_seconds=0.4,
                                 tracking=f"sqlite:///{folder / 'none' / 'mlflow.db'}")  # fmt: skip
        self.place = Place(folder)

    @cached_property
    def store(self) -> store.Store:
        return store.open(self.settings)

    def build(self) -> None:
        everybody = range(1, PEOPLE + 1)
        tables = ("person", "registration", "spell", "diagnosis", "gp_event", "person_link")
        self.take("e1", feeds=[feed(name) for name in tables],
            person=[{"nhs_number": nhs(n), "birth_month": f"{1925 + n}-05-01", "known_at": "2024-03-01", "full_name": f"Name {n}"} for n in everybody],
            registration=[{"nhs_number": nhs(n), "practice": PRACTICE, "event_date": "2020-01-01", "local_id": f"L{n}"} for n in everybody],
            spell=[{"nhs_number": nhs(n), "row_key": f"S{n}", "event_date": "2024-03-01", "admission_method": "21"} for n in (1, 2)],
            diagnosis=[{"nhs_number": nhs(n), "spell_key": f"S{n}", "event_date": "2024-03-01"} for n in (1, 2)],
            gp_event=[{"nhs_number": nhs(1), "event_date": "not a day", "known_at": "2024-03-01"}],
            person_link=[{"nhs_number": nhs(3), "other_nhs_number": nhs(4), "known_at": "2024-03-01"}],
        )  # fmt: skip
        self.take("e2", spell=[{"nhs_number": nhs(n), "row_key": f"S{n}", "event_date": "2024-03-01", "end_date": "2024-03-05",
                                "known_at": "2024-04-01", "admission_method": "21"} for n in (1, 2)])  # fmt: skip
        bundle = released.release(self.settings.bundles)
        self.store.record_release(name=bundle.name, version=1, action="promote", by="a test", reason="", gates=[],
                                  bundle_sha256=bundle.sha256)  # fmt: skip
        reasons = dict.fromkeys(("stale", "feeds", "moved"), "a test")
        for _ in range(2):
            weekly.run(
                weekly.Asked(self.place.record, "unplanned_admission", 365, 18, 0.5, at=AT, reasons=reasons),
                self.settings,
            )
        audit = Audit(self.store, keys.held(self.settings, make=True).audit, self.settings)
        audit.record(Event("user", "u1", "person.look", "answered", person_id=self.person, reason="Name 1 rang"))
        parts = {"train": [self.person, 5], "test": [6]}
        rows = {part: type("Part", (), {"person_id": np.array(ids)}) for part, ids in parts.items()}
        learnt.keep(self.settings, bundle.name, 1, rows)  # type: ignore[arg-type]

    def take(self, name: str, **given: Any) -> None:
        self.place.take(extract(self.folder / name, **given))

    @property
    def person(self) -> int:
        """``person_id`` of the first person: the one admitted who has a diagnosis of their own stay and the oldest birth month."""
        ((person,),) = self.place.rows("person", "person_id", "birth_month = DATE '1926-05-01'")
        return int(person)

    def copy(self, to: Path) -> Area:
        shutil.copytree(self.folder, to)
        return Area(to)

    def bytes_of(self, what: bytes) -> list[str]:
        """Files under the installation that hold these bytes."""
        return sorted(
            str(path.relative_to(self.folder)) for path in self.folder.rglob("*")
            if path.is_file() and not path.relative_to(self.folder).parts[0].startswith("e") and what in path.read_bytes()
        )  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Area:
    area = Area(tmp_path_factory.mktemp("built") / "area")
    area.build()
    return area


@pytest.fixture
def area(built: Area, tmp_path: Path) -> Area:
    return built.copy(tmp_path / "area")


def everywhere(area: Area, person: int) -> dict[str, int]:
    """Rows about somebody, by place: every file of the record and of the runs, every table of every database."""
    left = {f"record {table}": rows for table, rows in holds(area.place.record, [person]).items()}
    for path in area.settings.runs.rglob("*.parquet"):
        rows = parquet.read_table(path)["person_id"].to_pylist().count(person)
        left |= {f"run {path.parent.name} {path.name}": rows} if rows else {}
    return {**left, **{f"store {table}": rows for table, rows in area.store.rows_about([person]).items()}}


@pytest.mark.parametrize("ground", ["objection", "error"])
def test_nothing_is_left_but_what_is_kept_and_the_counts_still_add_up(area: Area, ground: Any) -> None:
    person, before = area.person, area.store.run(1)
    there = everywhere(area, person)
    assert {"record person", "record registration", "record spell", "record diagnosis", "run 1 scores.parquet",
            "run 2 values.parquet", "store person_score", "store list_entry", "store audit_event"} <= set(there)  # fmt: skip
    proof = forgetting.forget(area.settings, [area.place.record], nhs(1), ground)

    assert everywhere(area, person) == {"store audit_event": there["store audit_event"]}, "kept: who saw them"
    assert proof["left"] == {}
    assert proof["removed"]["records"][str(area.place.record)] == {
        "diagnosis": 1,
        "person": 1,
        "registration": 1,
        "spell": 2,
    }
    assert proof["removed"]["identity"] == {"held_apart": 1, "original": 1, "person": 1, "token": 2}
    assert proof["models"] == [{"name": "unplanned_admission_365", "version": 1, "part": "train"}]

    after, amendment = area.store.run(1), folder.manifest(area.settings.runs, 1)["amendments"][0]
    assert (amendment["people"], amendment["listed"], amendment["ground"]) == (1, 1, ground)
    assert amendment["content_before"] == before["content_sha256"] != after["content_sha256"]
    assert (
        after["content_sha256"]
        == amendment["content_after"]
        == folder.manifest(area.settings.runs, 1)["content_sha256"]
    )
    assert after["counts"] == before["counts"], "what was published stays what was published"
    assert folder.faults(area.settings.runs, 1) == []
    rows = area.store.holdings()
    assert rows["person_score"] + 2 == 2 * before["counts"]["scored"], "a tombstone for each of two runs"
    assert area.store.withheld(2, PRACTICE) == 1

    audit = Audit(area.store, keys.held(area.settings).audit, area.settings)
    assert (audit.verify().faults, audit.verify().texts_removed) == ((), 1)
    assert area.bytes_of(b"Name 1 rang") == []
    totals = [one["totals"] for one in ledgers.read(area.place.record, load(area.place.record).batches)]
    assert sum(total["accepted"] for total in totals) == sum(file.rows for file in load(area.place.record).files)


def test_the_others_are_as_they_were(area: Area) -> None:
    before = parquet.read_table(area.settings.runs / "1" / folder.SCORES).to_pylist()
    stays = area.place.rows("spell", "person_id event_date known_until")
    person = area.person
    forgetting.forget(area.settings, [area.place.record], nhs(1), "erasure")
    assert parquet.read_table(area.settings.runs / "1" / folder.SCORES).to_pylist() == [
        row for row in before if row["person_id"] != person
    ]
    assert area.place.rows("spell", "person_id event_date known_until") == [row for row in stays if row[0] != person]


def test_every_table_of_the_store_that_holds_people_is_walked() -> None:
    """A table that keeps people under another name than ``person_id`` would be overlooked."""
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if "person" in column.name or column.name == "people"
    }
    counts = {"run_amendment.people", "baseline_practice.people"}
    assert {name for name in named if not name.endswith("person_id")} <= {"audit_event.people", *counts}


def test_whoever_is_one_with_them_is_forgotten_too(area: Area) -> None:
    """Persons 3 and 4 are linked."""
    proof = forgetting.forget(area.settings, [area.place.record], nhs(4), "erasure")
    assert proof["person_ids"] == 2
    assert proof["removed"]["records"][str(area.place.record)] == {"person": 2, "person_link": 1, "registration": 2}


# ground, rows accepted of two of theirs that come again
@pytest.mark.parametrize(("ground", "accepted"), [("objection", 0), ("error", 1)])
def test_who_comes_back(area: Area, ground: Any, accepted: int) -> None:
    """Somebody forgotten for an objection or by right does not; one who was there by error may, as somebody new."""
    person = area.person
    forgetting.forget(area.settings, [area.place.record], nhs(1), ground)
    area.take("e3", spell=[{"nhs_number": nhs(1), "row_key": "S9", "event_date": "2024-05-01"}])
    found = area.place.rows("spell", "person_id", "event_date = DATE '2024-05-01'")
    assert len(found) == accepted
    assert (person,) not in found


def test_killed_for_good_at_every_step_and_within_each_it_is_finished_in_the_end(area: Area) -> None:
    """SIGKILL, nine times over: no handler runs, and the next process takes it up from the beginning."""
    person, before = area.person, area.store.run(2)["content_sha256"]
    asked = [sys.executable, "-m", "tests.integration.killed_forgetting", str(area.folder), nhs(1)]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert (done.stdout.strip(), done.returncode) == ("9", 0), done.stderr[-2000:]
    assert len(ForgottenLedger(area.settings.forgotten_folder).unfinished()) == 1
    (proof,) = forgetting.resume(area.settings, [area.place.record])
    assert (proof["left"], set(everywhere(area, person))) == ({}, {"store audit_event"})
    assert [row["forgetting"] for row in folder.manifest(area.settings.runs, 1)["amendments"]] == [proof["forgetting"]]
    assert folder.faults(area.settings.runs, 1) == folder.faults(area.settings.runs, 2) == []
    audit = Audit(area.store, keys.held(area.settings).audit, area.settings)
    assert audit.verify().faults == ()
    assert proof["models"] == [{"name": "unplanned_admission_365", "version": 1, "part": "train"}]
    after = area.store.run(2)["content_sha256"]
    assert after == folder.manifest(area.settings.runs, 2)["content_sha256"] != before
    assert where(area, person, nhs(1)) == KEPT
    assert forgetting.resume(area.settings, [area.place.record]) == []


#: Where a forgotten person's number stays, and why it must.
KEPT = {"frailty.db audit_event", "forgotten/forgotten.jsonl", "identity/identity.db forgotten"}


def where(area: Area, person: int, *texts: str) -> set[str]:
    """Places of the installation that hold somebody, whatever kind of file they are; the extracts as sent are not the product's."""
    area.store.scrub()  # the last rows of the audit from beside the database into it
    return {place for place in holding(area.folder, person, texts) if not re.match(r"e\d/", place)}


def test_a_walk_over_every_file_of_the_installation_finds_nothing_but_what_is_kept(area: Area) -> None:
    """A table, file or report that is new is walked too: files are taken as they are found."""
    before = where(area, area.person, nhs(1))
    for kind in (
        "record/",
        "runs/1/scores.parquet",
        "runs/2/flags.parquet",
        "frailty.db list_entry",
        "frailty.db person_score",
    ):
        assert any(place.startswith(kind) for place in before), kind
    person = area.person
    told = [Told(person, "died_informal", AT, "ward 7", "somebody")]
    assert telling.tell(area.settings, area.store, told)["hidden"] == 1
    assert {"forgotten/told.jsonl", "frailty.db overlay"} <= where(area, person, nhs(1))
    forgetting.forget(area.settings, [area.place.record], nhs(1), "erasure")
    assert where(area, person, nhs(1)) == KEPT


def test_exports_that_wait_to_be_fetched_go_with_whoever_may_be_in_them(area: Area) -> None:
    """Harm: a file that a system asked for before is fetched after, with somebody in it who was forgotten."""
    waits = area.settings.home / "bulk" / ("0" * 32)
    waits.mkdir(parents=True)
    (waits / "Patient.ndjson").write_text("somebody")
    proof = forgetting.forget(area.settings, [area.place.record], nhs(1), "erasure")
    assert (waits.exists(), proof["removed"]["exports_waiting"]) == (False, 1)


def test_a_restore_is_followed_by_forgetting_again(area: Area, tmp_path: Path) -> None:
    backup, person = area.copy(tmp_path / "backup"), area.person
    forgetting.forget(area.settings, [area.place.record], nhs(1), "objection")
    settings = backup.settings.model_copy(update={"forgotten": area.settings.forgotten_folder})
    assert len(everywhere(backup, person)) > 1
    forgetting.replay(settings, [backup.place.record])
    assert set(everywhere(backup, person)) == {"store audit_event"}
    backup.take("e3", spell=[{"nhs_number": nhs(1), "row_key": "S9", "event_date": "2024-05-01"}])
    assert backup.place.rows("spell", "person_id", "event_date = DATE '2024-05-01'") == []


# the backup is older than the forgetting, or by a wrong clock newer; without anybody left to forget nothing is done again
@pytest.mark.parametrize(("restored", "hours", "again"), [(True, -1, 1), (True, 1, 1), (False, 1, 0), (False, -1, 1)])
def test_a_restored_store_forgets_whoever_it_holds_whatever_its_clock_said(
    area: Area, tmp_path: Path, restored: bool, hours: int, again: int
) -> None:
    """A restore that brought back somebody who had been promised that they are gone would break the promise unseen."""
    backup, person = area.copy(tmp_path / "backup"), area.person
    forgetting.forget(area.settings, [area.place.record], nhs(1), "erasure")
    held = backup if restored else area
    settings = held.settings.model_copy(update={"forgotten": area.settings.forgotten_folder})
    proofs = replaying.replay(held.store, settings, datetime.now(UTC) + timedelta(hours=hours), [held.place.record])
    assert [proof["left"] for proof in proofs] == [{}] * again
    assert set(everywhere(held, person)) == {"store audit_event"}
    assert replaying.replay(held.store, settings, datetime.now(UTC) + timedelta(hours=1)) == []


def test_the_ledger_holds_no_identifier_and_a_torn_line_is_no_forgetting(area: Area) -> None:
    forgetting.forget(area.settings, [area.place.record], nhs(1), "erasure")
    ledger = ForgottenLedger(area.settings.forgotten_folder)
    assert nhs(1) not in ledger.path.read_text()
    with ledger.path.open("a") as file:
        file.write('{"is": "begun", "forg')
    assert (len(ledger.entries()), ledger.unfinished()) == (1, [])
    forgetting.forget(area.settings, [area.place.record], nhs(2), "erasure")
    assert len(ledger.entries()) == 2


@pytest.mark.parametrize(
    ("person", "error"), [(nhs(99), WrongUsage), ("1234567890", BadInput), ("aaaa-bbbb", WrongUsage)]
)
def test_nobody_of_that_name_is_said_without_saying_the_name(area: Area, person: str, error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        forgetting.forget(area.settings, [area.place.record], person, "erasure")
    assert person not in str(raised.value)


def test_from_the_command_line_by_the_id_of_the_list(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRAILTY_HOME", str(area.folder))
    record = str(area.place.record)
    shown = Pseudonyms(keys.held(area.settings).person, READER).of(area.person)[:8]
    with pytest.raises(WrongUsage, match="--ground"):
        CliRunner().invoke(app, ["forget", shown, "--record", record], catch_exceptions=False)
    asked = ["forget", shown, "--record", record, "--ground", "erasure"]
    done = CliRunner().invoke(app, [*asked, "--json"], catch_exceptions=False)
    (proof,) = json.loads(done.stdout)["proofs"]
    assert (proof["left"], proof["person_ids"]) == ({}, 1)
    again = CliRunner().invoke(app, ["forget", "--resume", "--record", record], catch_exceptions=False)
    assert "Nothing was left to do." in again.stdout
    said = CliRunner().invoke(
        app, ["forget", "-", "--record", record, "--ground", "error"], input=nhs(2), catch_exceptions=False
    )
    assert "Models that learned from the person: none." in said.stdout
    assert nhs(2) not in said.output
