"""What is past its time, and its removal. Classes, periods and reasons: :mod:`risk.kept_classes`. Runs that are live, and the one before, stay whatever
their age."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from features.linkage.identity import IdentityStore
from features.record.accounts import ORIGINALS_KEPT
from features.record.permission import AllowAll
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from risk import keys, operator
from risk.audit import Audit
from risk.backup.kept import expired
from risk.kept_classes import CLASSES
from risk.run import folder, lease
from risk.settings import Settings
from risk.store import Store


@dataclass(frozen=True)
class Past:
    """One thing past its time: what it is called and how to remove it. ``rows`` where it is rows rather than a file."""

    name: str
    remove: Callable[[], Any]
    rows: int = 0


def past(settings: Settings, store: Store, today: date, records: Sequence[Path] = ()) -> dict[str, list[Past]]:
    """What is past its time on the day, by class. Who is in no record is looked up in ``records``, which must be all that there are; without
    any, nothing is said of identities."""
    return {
        "identity": _identities(settings, store, today, records),
        "decisions": _decisions(store, today - timedelta(days=settings.decision_days)),
        "frailty_register": _register(store, today - timedelta(days=settings.decision_days)),
        "audit": _audit(settings, store, today - timedelta(days=settings.audit_days)),
        "break_glass": _openings(store, today - timedelta(days=settings.audit_days)),
        "raw_extracts": _files(settings.extracts, today - timedelta(days=settings.raw_extract_days)),
        "quarantine": _originals(settings, today),
        "full_scores": _full_scores(settings, store, today),
        "runs": _runs(settings, store, today - timedelta(days=settings.run_days)),
        "events": _events(store, today - timedelta(days=settings.event_days)),
        "backups": [_backup(path) for path in expired(settings.backups, today)],
        "sessions": _sessions(store, today - timedelta(days=settings.log_days)),
        "logs": _files(settings.logs, today - timedelta(days=settings.log_days)),
    }


def notice(settings: Settings, store: Store, today: date, records: Sequence[Path]) -> int:
    """Remember since when who of the identity store is in none of ``records``; how many they are."""
    if not records or not settings.identity_folder.is_dir():
        return 0
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        everybody = identity.forgotten.everybody()
    without = sorted(set(everybody) - _in(records))
    store.notice(everybody, without, today)
    return len(without)


def remove(found: dict[str, list[Past]]) -> None:
    """Remove what :func:`past` found."""
    for things in found.values():
        for thing in things:
            thing.remove()


def report(settings: Settings, found: dict[str, list[Past]], applied: bool) -> dict[str, Any]:
    """Each class with its period, its reason, and what is past its time; ready for JSON."""
    return {
        "applied": applied,
        "classes": [
            {"name": one.name, "what": one.what, "days": getattr(settings, one.days), "why": one.why,
             "past": [{"name": thing.name, "rows": thing.rows} for thing in found.get(one.name, [])]}
            for one in CLASSES
        ],
    }  # fmt: skip


def _files(place: Path | None, before: date) -> list[Past]:
    if place is None or not place.is_dir():
        return []
    midnight = datetime(before.year, before.month, before.day, tzinfo=UTC).timestamp()
    return [
        Past(path.name, lambda path=path: shutil.rmtree(path) if path.is_dir() else path.unlink())  # type: ignore[misc]
        for path in sorted(place.iterdir())
        if max(each.stat().st_mtime for each in (path, *path.rglob("*"))) < midnight
    ]


def _backup(path: Path) -> Past:
    return Past(path.name, lambda: shutil.rmtree(path))


def _originals(settings: Settings, today: date) -> list[Past]:
    if not settings.identity_folder.is_dir():
        return []
    # Each row carries the day on which its time is over; the setting puts that day earlier, never later.
    day = today + timedelta(days=max(0, ORIGINALS_KEPT - settings.quarantine_days))
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        rows = identity.held.expiring(day)

    def expire() -> None:
        with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
            identity.expire(day)

    return [Past("originals of quarantined rows", expire, rows)] if rows else []


def _in(records: Sequence[Path]) -> set[int]:
    """Everybody about whom a record holds a row, whatever it says."""
    found: set[int] = set()
    for record in records:
        with Record(record, purpose="ingest", permissions=AllowAll()) as held:
            for table in PERSON_TABLES:
                rows = held.connection.execute(f"SELECT DISTINCT person_id FROM {table}").fetchall()
                found |= {person for (person,) in rows}
            links = held.connection.execute("SELECT DISTINCT other_person_id FROM person_link").fetchall()
            found |= {person for (person,) in links}
    return found


def _identities(settings: Settings, store: Store, today: date, records: Sequence[Path]) -> list[Past]:
    if not records or not settings.identity_folder.is_dir():
        return []
    gone = sorted(set(store.noticed_before(today - timedelta(days=settings.identity_days))) - _in(records))

    def forget() -> None:
        with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
            identity.forgotten.forget(gone, keep_away=False)
            identity.commit()
            identity.forgotten.scrub()
        store.remove_notices(gone)

    return [Past("identifiers of people in no record", forget, len(gone))] if gone else []


def _decisions(store: Store, before: date) -> list[Past]:
    untouched = store.entries_untouched(before)
    if not untouched:
        return []
    return [
        Past("what was decided of people", lambda: store.remove_entries(sorted(untouched)), sum(untouched.values()))
    ]


def _register(store: Store, before: date) -> list[Past]:
    untouched = store.frailty_untouched(before)
    if not untouched:
        return []
    rows = sum(untouched.values())
    return [Past("what was answered of people", lambda: store.remove_frailty_entries(sorted(untouched)), rows)]


def _sessions(store: Store, before: date) -> list[Past]:
    rows = store.sessions_unused(before)
    return [Past("sessions", lambda: store.remove_sessions(before), rows)] if rows else []


def _openings(store: Store, before: date) -> list[Past]:
    rows = store.openings_before(before)
    return [Past("openings", lambda: store.remove_openings(before), rows)] if rows else []


def _events(store: Store, before: date) -> list[Past]:
    rows = store.events_before(before)
    return [Past("events", lambda: store.remove_events(before), rows)] if rows else []


def _audit(settings: Settings, store: Store, before: date) -> list[Past]:
    moment = f"{before}T00:00:00"
    audit = Audit(store, keys.held(settings, make=True).audit, settings)
    through = audit.aged(moment)
    if not through:
        return []
    return [Past(f"audit rows up to {through}", lambda: audit.age(moment, operator.name()), store.audit_count(through))]


def _runs(settings: Settings, store: Store, before: date) -> list[Past]:
    published = [run["number"] for run in store.runs("published")]
    stays = set(published[:2])
    found = []
    for run in reversed(store.runs()):
        if run["number"] in stays or run["status"] == "staging" or run["started_at"].date() >= before:
            continue
        number = int(run["number"])
        if (rows := store.rows_of_run(number)) or (settings.runs / str(number)).is_dir():
            found.append(Past(f"run {number}", lambda number=number: _remove_run(settings, store, number), rows))  # type: ignore[misc]
    return found


def _full_scores(settings: Settings, store: Store, today: date) -> list[Past]:
    """Of runs older than the newest ``full_score_runs``, what their folders hold of everybody; never of the run that readers see or the one before."""
    stays = {run["number"] for run in store.runs("published")[:2]}
    kept = store.runs("published", "shadow", "withdrawn")
    found = []
    for run in reversed(kept[settings.full_score_runs :]):
        number = int(run["number"])
        if number in stays or not (settings.runs / str(number) / folder.MANIFEST).is_file():
            continue
        names = folder.full(folder.manifest(settings.runs, number)["files"])
        if names:
            found.append(Past(f"run {number}", partial(_drop, settings, store, number, names, today)))
    return found


def _drop(settings: Settings, store: Store, number: int, names: Sequence[str], today: date) -> None:
    with lease.held(settings, store):
        folder.drop(settings.runs, number, names, str(today))


def _remove_run(settings: Settings, store: Store, number: int) -> None:
    with lease.held(settings, store):
        store.remove_run_rows(number)
        shutil.rmtree(settings.runs / str(number), ignore_errors=True)
