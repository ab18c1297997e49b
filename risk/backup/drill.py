"""The drill: a backup restored into a scratch place and proved, with how old it is and how long it took. The installation itself is left as it is."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from features.errors import MissingPart, Refused
from features.progress import SILENT, Progress
from risk import checkpoints, keys, operator, telling
from risk import store as stores
from risk.backup import manifest
from risk.backup.restoring import Restored, restore
from risk.forgetting.carrying_out import found
from risk.forgetting.ledger import FILE as LEDGER
from risk.forgetting.ledger import ForgottenLedger
from risk.settings import Settings
from risk.store.hiding import UNLINKED


def drill(settings: Settings, place: Path, scratch: Path | None = None, progress: Progress = SILENT) -> dict[str, Any]:
    """Restore the backup in ``place`` below ``scratch`` (else the machine's own temporary folder), prove it, and remove it again; ready for JSON.

    Errors as of :func:`risk.backup.restoring.restore`, and :class:`Refused` where somebody who was forgotten or hidden would come back. Of a
    PostgreSQL store a scratch database is made beside it and removed: :class:`MissingPart` where that is not allowed.
    """
    began, at = time.perf_counter(), datetime.now(UTC)
    made = manifest.read(place, keys.of_backups(settings))
    with (
        tempfile.TemporaryDirectory(prefix="frailty-drill-", dir=scratch) as folder,
        _database(settings, made.database) as url,
    ):
        apart = _apart(settings, Path(folder) / "home", url)
        done = restore(apart, place, (), progress)
        try:
            proved = _forgotten(apart, done)
        finally:
            done.store.close()
    seconds = time.perf_counter() - began
    newest = made.newest or made.begun
    said = {
        **done.says, **proved, "drill": True,
        "recovery_point": {"newest": newest.isoformat(timespec="seconds"), "age_seconds": round((at - newest).total_seconds())},
        "recovery_time": {"seconds": round(seconds, 1)},
    }  # fmt: skip
    if not settings.restoring_mark.exists() and settings.runs.is_dir():
        store = stores.open(settings)
        operator.record(settings, store, "backup.drilled", detail={"backup": made.backup, "seconds": round(seconds, 1)})
        store.close()
    return said


def _apart(settings: Settings, home: Path, url: str) -> Settings:
    """Settings of the scratch place: its own everything, the installation's keys, and copies of the journals that outlive a backup. The ledger's
    copy names no record, so that none is touched."""
    apart = settings.model_copy(update={
        "home": home, "store": url, "record": None, "identity": None, "permissions": None, "checkpoints": None, "forgotten": None,
        "keys": settings.keys_folder.absolute(), "identity_key": settings.identity_key_file.absolute(),
    })  # fmt: skip
    for source, target, name in (
        (settings.checkpoints_folder, apart.checkpoints_folder, checkpoints.FILE),
        (settings.forgotten_folder, apart.forgotten_folder, telling.FILE),
        (settings.forgotten_folder, apart.forgotten_folder, LEDGER),
    ):
        if (source / name).is_file():
            target.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(source / name, target / name)
    ledger = apart.forgotten_folder / LEDGER
    if ledger.is_file():
        lines = [orjson.loads(line) for line in ledger.read_bytes().split(b"\n")[:-1]]
        ledger.write_bytes(
            b"".join(orjson.dumps(line | ({"records": []} if "records" in line else {})) + b"\n" for line in lines)
        )
    return apart


def _forgotten(settings: Settings, done: Restored) -> dict[str, int]:
    """Look for everybody who was ever forgotten, and whether whoever is told to be hidden is."""
    entries = ForgottenLedger(settings.forgotten_folder).entries()
    people = {person for entry in entries for person in entry.people}
    records = () if done.made.record is None else (settings.record_folder,)
    left = found(settings, done.store, people, records) if people else {}
    standing = {
        (row["person_id"], row["ground"], row["scheme"], row["practice"], row["source"])
        for row in done.store.standing()
    }
    told = {key for key, row in telling.last(settings).items() if row.hides and row.ground != UNLINKED}
    if left or told - standing:
        raise Refused("somebody who was forgotten or hidden would come back with this backup; do not use it")
    return {"forgotten_people_absent": len(people), "hidden_people_hidden": len({key[0] for key in told})}


@contextmanager
def _database(settings: Settings, kind: str) -> Iterator[str]:
    """URL of an empty database to drill on, gone afterwards; the empty text for a file in the scratch place."""
    if kind == "sqlite":
        yield ""
        return
    name = f"frailty_drill_{secrets.token_hex(6)}"
    server = create_engine(stores.connect(settings.store_url).url, isolation_level="AUTOCOMMIT", hide_parameters=True)
    if server.dialect.name != "postgresql":
        raise MissingPart("the backup is of a PostgreSQL store: name a server to drill on with FRAILTY_STORE")
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
    except SQLAlchemyError as error:
        raise MissingPart(
            "a scratch database could not be made: the store's user needs CREATEDB for a drill, or name another server"
        ) from error
    try:
        yield server.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        server.dispose()
