"""The linked record in a backup: all of it or a refusal, sealed once, and with whoever was forgotten since forgotten again. On both databases where the store matters."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from features.errors import BadInput, Refused
from features.progress import SILENT
from features.record import manifest
from features.record.erasure import holds
from risk.backup import kept, writing
from risk.backup.drill import drill
from risk.backup.making import backup
from risk.backup.restoring import restore
from risk.forgetting.forget import finish
from risk.forgetting.ledger import Entry, ForgottenLedger
from risk.settings import Settings
from tests.backed_up import installation
from tests.integration.store_faults import ended
from tests.integration.test_backup import Held
from tests.records import record

ON_SQLITE = pytest.mark.parametrize("store_settings", ["sqlite"], indirect=True)


@pytest.fixture
def held(store_settings: Settings, tmp_path: Path) -> Held:
    """An installation whose runs are of people of a record: 101 and four others, with a stay each."""
    people = (101, 102, 103, 201, 202)
    made = record(
        tmp_path / "record",
        about="simulated",
        person=[{"person_id": n, "birth_month": "1940-05-01"} for n in people],
        registration=[{"person_id": n, "practice": "A81001"} for n in people],
        spell=[{"person_id": n, "event_date": "2024-03-02", "end_date": "2024-03-05"} for n in people],
    )
    settings = store_settings.model_copy(update={"record": made})
    return Held(settings, installation(settings), tmp_path / "backups")


def forget(held: Held, person: int) -> None:
    ledger = ForgottenLedger(held.settings.forgotten_folder)
    place = held.settings.record_folder
    entry = Entry("f" * 16, "erasure", (person,), (str(place),), "a test", "2024-12-02T00:00:00+00:00")
    with ledger.alone():
        ledger.begin(entry)
        finish(held.settings, held.store, ledger, entry, (place,), SILENT)


def lost(held: Held) -> Settings:
    shutil.rmtree(held.settings.record_folder)
    return held.lost()


def data(place: Path) -> dict[str, int]:
    """Sealed data files of the record in a backup, by name, with the number of names that each has on the disk."""
    return {path.name: path.stat().st_nlink for path in (place / "record" / "data").rglob("*.sealed")}


def test_the_record_comes_back_without_whoever_was_forgotten_since(held: Held) -> None:
    """Harm: the disk fails and the record is gone, since extracts are kept for weeks; or it comes back with somebody who was erased."""
    was = manifest.load(held.settings.record_folder)
    done = backup(held.settings, held.backups)
    assert (done["record"]["fingerprint"], done["record"]["rows"]) == (was.fingerprint, sum(f.rows for f in was.files))
    forget(held, 101)
    settings = lost(held)
    restored = restore(settings, Path(done["folder"]))
    assert (restored.says["record"]["people"], restored.says["forgotten_again"]) == (4, 1)
    assert holds(settings.record_folder, [101]) == {}
    assert holds(settings.record_folder, [102]) == {"person": 1, "registration": 1, "spell": 1}
    restored.store.close()


def test_a_drill_proves_the_record_too(held: Held, monkeypatch: pytest.MonkeyPatch) -> None:
    """Harm: a drill is passed by a backup whose record nobody can read, or in which somebody who was forgotten is still there."""
    place = held.made()
    forget(held, 101)
    before = manifest.load(held.settings.record_folder)
    said = drill(held.settings, place)
    assert (said["record"]["people"], said["forgotten_people_absent"]) == (4, 1)
    assert manifest.load(held.settings.record_folder) == before, "the installation's own is left as it is"
    monkeypatch.setattr("risk.forgetting.carrying_out.erase", lambda *_: {})
    with pytest.raises(Refused):
        drill(held.settings, place)


@ON_SQLITE
def test_a_backup_without_the_record_says_so(held: Held) -> None:
    """Harm: everybody takes it that the record is in the backup, and it never was."""
    bare = held.settings.model_copy(update={"record": None})
    done = backup(bare, held.backups)
    assert done["record"] is None
    assert drill(bare, Path(done["folder"]))["record"] is None


@ON_SQLITE
def test_what_an_earlier_backup_sealed_is_not_sealed_again_and_outlives_it(held: Held) -> None:
    """Harm: a nightly backup of a large record is never finished; or destroying last month's backup takes files from last night's."""
    first, second = held.made(), backup(held.settings, held.backups)
    names = data(first)
    assert names
    assert second["record"]["linked"] == len(names)
    place = Path(second["folder"])
    assert data(place) == dict.fromkeys(names, 2)
    shutil.rmtree(first)
    third = backup(held.settings, held.backups)
    assert data(Path(third["folder"])) == dict.fromkeys(names, 2)
    shutil.rmtree(place)
    assert data(Path(third["folder"])) == dict.fromkeys(names, 1)
    restored = restore(lost(held), Path(third["folder"]))
    assert restored.says["record"]["people"] == 5
    restored.store.close()


@ON_SQLITE
def test_a_damaged_file_of_an_earlier_backup_is_not_taken_into_the_next(held: Held) -> None:
    """Harm: one bad block spoils every backup that there is."""
    path = next((held.made() / "record" / "data").rglob("*.sealed"))
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    path.write_bytes(damaged)
    second = backup(held.settings, held.backups)
    names = data(Path(second["folder"]))
    assert (names[path.name], second["record"]["linked"]) == (1, len(names) - 1)
    drill(held.settings, Path(second["folder"]))


def killed(settings: str, backups: str, name: str) -> None:
    """A backup in a process of its own, killed in the middle of the record's file of ``name``."""
    original = writing.seal

    def deadly(key: Any, backup_id: str, of: str, source: Path, target: Path) -> Any:
        done = original(key, backup_id, of, source, target)
        if of.startswith("record/data/") and f"/{name}-" in of:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    writing.seal = deadly  # type: ignore[assignment]
    backup(Settings.model_validate_json(settings), Path(backups))


@ON_SQLITE
def test_a_killed_backup_is_gone_on_with(held: Held) -> None:
    """Harm: a backup that takes longer than the machine stays up is never finished; or half a file of the killed one is taken for whole."""
    held.store.close()
    assert ended(killed, held.settings.model_dump_json(), str(held.backups), "spell") == -signal.SIGKILL
    (torn,) = kept.torn(held.backups)
    whole = set(data(torn))
    assert whole
    assert not any(name.startswith("spell") for name in whole), "it was sealed, and had no name yet"
    done = backup(held.settings, held.backups)
    place = Path(done["folder"])
    assert done["record"]["linked"] == len(whole)
    assert kept.torn(held.backups) == []
    assert data(place) == dict.fromkeys(data(place), 1)
    assert drill(held.settings, place)["record"]["people"] == 5


@ON_SQLITE
def test_a_record_that_is_not_as_it_was_written_is_not_backed_up(held: Held) -> None:
    """Harm: a damaged file is kept for five weeks as if it were good, and the good one goes on its day."""
    path = next((held.settings.record_folder / "data").rglob("spell*.parquet"))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with pytest.raises(Refused, match="not as its own hashes say"):
        backup(held.settings, held.backups)
    assert kept.there(held.backups) == []


@ON_SQLITE
def test_somebody_who_is_forgotten_during_a_backup_costs_another_reading(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Harm: a backup holds a record whose manifest names files that went, and cannot be restored."""
    original = writing.Writing.take
    done: list[bool] = []

    def take(self: writing.Writing, name: str, source: Path, sha256: str) -> Any:
        if not done:
            done.append(True)
            forget(held, 101)
        return original(self, name, source, sha256)

    monkeypatch.setattr(writing.Writing, "take", take)
    place = held.made()
    assert drill(held.settings, place)["record"]["people"] == 4


@ON_SQLITE
def test_a_record_is_not_restored_over_another(held: Held) -> None:
    """Harm: last week's record is written over this week's."""
    place = held.made()
    settings = held.lost()
    with pytest.raises(Refused, match="overwrites nothing"):
        restore(settings, place)


@ON_SQLITE
def test_a_backup_of_before_records_were_in_it_is_read_and_one_of_later_is_not(held: Held) -> None:
    """Harm: after an upgrade no older backup can be restored."""
    bare = held.settings.model_copy(update={"record": None})
    place = Path(backup(bare, held.backups)["folder"])
    said = json.loads((place / "backup.json").read_text())
    (place / "backup.json").write_text(json.dumps(said | {"format": 1}))
    assert drill(bare, place)["record"] is None
    (place / "backup.json").write_text(json.dumps(said | {"format": 3}))
    with pytest.raises(BadInput, match="format 2 or before"):
        drill(bare, place)
