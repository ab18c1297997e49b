"""Restoring a backup into an empty place. Until all of it is there, proved, and whoever was forgotten or hidden since is so again, nothing works with it."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.errors import BadInput, MissingPart, Refused
from features.linkage.identity import IdentityStore
from features.progress import SILENT, Progress
from risk import keys, operator, telling
from risk import store as stores
from risk.audit import Audit
from risk.backup import chain, database, manifest, of_record, postgres
from risk.backup.making import MODELS, OF_LEARNING, PERMISSIONS, outside
from risk.backup.manifest import Manifest
from risk.backup.of_runs import RUNS
from risk.backup.sealing import lies_there, unseal
from risk.backup.writing import RECORD, sealed_at
from risk.forgetting.replaying import replay
from risk.keys import Secret
from risk.run import folder as run_folder
from risk.settings import Settings
from risk.store import Store
from risk.store.hiding import UNLINKED
from risk.store.schema import refuse_newer

DATABASES = (database.SQLITE, postgres.DUMP, postgres.ROWS)
SCRATCH = ".restoring"


@dataclass(frozen=True)
class Restored:
    """A place that was restored and proved: its open ``store``, and what was found."""

    store: Store
    made: Manifest
    says: dict[str, Any]


def restore(settings: Settings, place: Path, records: Collection[Path] = (), progress: Progress = SILENT) -> Restored:
    """Restore the backup in the folder ``place`` as the installation that the settings name; its keys must be there. The linked record in it comes back in
    :attr:`risk.settings.Settings.record_folder`, and whoever was forgotten since is forgotten there, and in ``records``, again.

    :class:`BadInput` where the backup is none, damaged or another key's; :class:`MissingPart` where a key or a journal is missing; :class:`Refused`
    where something lies there already, a later version wrote the backup, or what was restored is not as it was: then a mark is left, and nothing
    works with it.
    """
    key = keys.of_backups(settings)
    keys.held(settings)
    made = verified(place, key, progress)
    _empty(settings, made)
    _journals(settings, made)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.restoring_mark.write_text(f"backup {made.backup}\n")
    _files(settings, place, key, made, progress)
    progress.stage("proof")
    rows = _rows(settings)
    if rows != dict(made.rows):
        wrong = sorted(name for name in {*rows, *made.rows} if rows.get(name) != made.rows.get(name))
        raise Refused(
            f"rows of {', '.join(wrong)} are not as many as were backed up; nothing works with what was restored: take an older backup"
        )
    if settings.identity_folder.is_dir():
        IdentityStore.open(settings.identity_folder, settings.identity_key_file).__exit__(None, None, None)
    own = () if made.record is None else (settings.record_folder,)
    for record in own:
        of_record.proved(record, dict(made.record or {}))
    store = stores.open(settings, restoring=True)
    audit = Audit(store, keys.held(settings).audit, settings)
    _without_faults(audit.verify(restoring=True).faults)
    lost = chain.go_on(settings, store)
    proofs = replay(store, settings, made.begun, (*records, *own), progress)
    _as_told_last(settings, store)
    verdict = audit.verify()
    _without_faults(verdict.faults)
    read = readable(settings, store)
    operator.record(settings, store, "backup.restored", detail={"backup": made.backup, "audit_rows_lost": lost})
    settings.restoring_mark.unlink()
    return Restored(store, made, {
        "backup": made.backup, "begun": made.begun.isoformat(timespec="seconds"), "expired": made.expires <= datetime.now(UTC).date(),
        "newest": None if made.newest is None else made.newest.isoformat(timespec="seconds"),
        "rows": sum(rows.values()), "files": len(made.files), "forgotten_again": len(proofs), "audit_rows": verdict.rows, "audit_rows_lost": lost,
        "checkpoints": verdict.checkpoints, "checkpoints_missing": max(0, made.checkpoints - outside(settings)["checkpoints"]), **read,
        "record": None if made.record is None else {**made.record, "folder": str(settings.record_folder), "people": of_record.people(settings.record_folder)},
    })  # fmt: skip


def verified(place: Path, key: Secret, progress: Progress = SILENT) -> Manifest:
    """The manifest of a backup whose every file lies there as it was sealed, and which this version can read."""
    made = manifest.read(place, key)
    refuse_newer(made.schema)
    progress.stage("hashes", len(made.files))
    for name, expected in made.files.items():
        lies_there(sealed_at(place, name), name, expected)
        progress.advance()
    return made


def readable(settings: Settings, store: Store) -> dict[str, Any]:
    """Read the current run as readers do: its files by their hashes, and every practice's list. :class:`Refused` where it cannot be."""
    run = store.current_run()
    if run is None:
        return {"run": None, "practices": 0, "shown": 0, "withheld": 0}
    number = int(run["number"])
    _without_faults(run_folder.faults(settings.runs, number))
    shown = withheld = 0
    practices = store.practices(number)
    for row in practices:
        shown += len(store.practice_list(number, row["practice"], row["scheme"]))
        withheld += store.withheld(number, row["practice"], row["scheme"])
    if shown + withheld != sum(row["listed"] for row in practices):
        raise Refused(f"the lists of run {number} do not hold as many people as were listed; take an older backup")
    return {"run": number, "practices": len(practices), "shown": shown, "withheld": withheld}


def _as_told_last(settings: Settings, store: Store) -> None:
    """What the journal tells last stands, whatever the clocks said: a clock that stepped back stamps what was told after a backup as if before it."""
    standing = {
        (row["person_id"], row["ground"], row["scheme"], row["practice"], row["source"]) for row in store.standing()
    }
    store.tell(
        [
            row
            for key, row in telling.last(settings).items()
            if row.ground != UNLINKED and row.hides != (key in standing)
        ]
    )


def _empty(settings: Settings, made: Manifest) -> None:
    if settings.restoring_mark.exists():
        raise Refused(
            f"a restore into {settings.home} was not finished: empty that folder (not its keys) and the database, and restore again"
        )
    places = [settings.runs, settings.bundles, settings.home / OF_LEARNING, settings.identity_folder]
    places += [] if made.record is None else [settings.record_folder]
    there = [path for path in places if path.is_dir() and any(path.iterdir())]
    if there:
        raise Refused(
            f"expected an empty place to restore into, found files in {', '.join(map(str, there))}; a restore overwrites nothing"
        )
    database.nothing_there(settings)


def _journals(settings: Settings, made: Manifest) -> None:
    """Without the journals that outlive a backup nobody knows who must not come back."""
    now = outside(settings)
    if now["forgotten"] < made.forgotten or (made.told and not (now["told"] or now["forgotten"] > made.forgotten)):
        raise MissingPart(
            f"expected the ledger of {made.forgotten} forgettings and the journal of who is hidden in {settings.forgotten_folder}, found "
            f"{now['forgotten']}: without them people who were forgotten or hidden would be shown again; give their folder (FRAILTY_FORGOTTEN)"
        )


def _files(settings: Settings, place: Path, key: Secret, made: Manifest, progress: Progress) -> None:
    scratch = settings.home / SCRATCH
    scratch.mkdir(mode=0o700)
    progress.stage("files", len(made.files))
    for name, expected in made.files.items():
        unseal(key, made.backup, name, sealed_at(place, name), _target(settings, scratch, name), expected)
        progress.advance()
    for number in made.runs:
        if (settings.runs / str(number)).is_dir():
            run_folder.close(settings.runs / str(number))
    held = next((name for name in DATABASES if name in made.files), None)
    if held is None:
        raise BadInput("the backup holds no database; take an older backup")
    database.put_back(settings, scratch / held, made.schema, progress)
    shutil.rmtree(scratch)


def _target(settings: Settings, scratch: Path, name: str) -> Path:
    under, _, rest = name.partition("/")
    places = {
        RUNS: settings.runs,
        MODELS: settings.bundles,
        OF_LEARNING: settings.home / OF_LEARNING,
        "identity": settings.identity_folder,
        RECORD: settings.record_folder,
    }
    if name == PERMISSIONS:
        return settings.home / SCRATCH / name if settings.permissions_file.exists() else settings.permissions_file
    return places[under] / rest if under in places else scratch / name


def _rows(settings: Settings) -> dict[str, int]:
    engine = stores.connect(settings.store_url)
    try:
        with engine.connect() as connection:
            return database.counts(connection)
    finally:
        engine.dispose()


def _without_faults(faults: Collection[str]) -> None:
    if faults:
        raise Refused(
            f"what was restored is not as it was, and nothing works with it: {'; '.join(faults)}; take an older backup"
        )
