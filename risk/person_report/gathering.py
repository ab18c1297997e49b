"""Looks for one person in every place that there is, by what each place calls them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from features.linkage.revealing import identifiers
from features.record.permission import AllowAll
from features.record.reader import Record
from features.record.tables import PERSON_TABLES
from risk import learnt
from risk.kept_classes import CLASSES
from risk.person_report.withheld import SAYS, told
from risk.run import folder
from risk.settings import Settings
from risk.store import Store

#: Where what is held came from, and why (UK GDPR articles 13 to 15), for whoever reads the report.
PURPOSE = (
    "Records of a local area's health and care, read to find people at risk of an unplanned admission or of deterioration and put them in front of a team that can help. It "
    "supports decisions and takes none."
)


def gathered(settings: Settings, store: Store, people: Collection[int], records: Sequence[Path]) -> dict[str, Any]:
    """Everything on ``people``, who are one person, ready for JSON. Whoever is hidden from lists is in it too: it is theirs."""
    tables = store.everything_about(people)
    events = tables.pop("audit_event", [])
    return {
        "purpose": PURPOSE,
        "controller_decides": "This report is complete but for what `withheld` says. Parts are marked to be read before it is given.",
        "identity": _identity(settings, people),
        "record": {str(record): _record(record, people) for record in records},
        "runs": [_run(settings, store, number, people) for number in store.runs_about(people)],
        "suppressions": [told(row) for row in tables.pop("overlay", [])],
        "store": {table: [told(row) for row in rows] for table, rows in sorted(tables.items())},
        "models": [dict(model) for model in learnt.models_of(settings, people)],
        "read_by": _read_by(store, events),
        "kept": _kept(settings),
        "withheld": list(SAYS),
    }  # fmt: skip


def _identity(settings: Settings, people: Collection[int]) -> list[str]:
    """By what the person is known, each with its kind or source; nothing where there is no identity store."""
    folder_, key = settings.identity_folder, settings.identity_key_file
    return [name for person in sorted(people) for name in identifiers(folder_, key, person)] if folder_.is_dir() else []


def _record(record: Path, people: Collection[int]) -> dict[str, list[dict[str, Any]]]:
    """Every version of every row, by table."""
    found: dict[str, list[dict[str, Any]]] = {}
    with Record(record, purpose="ingest", permissions=AllowAll()) as held:
        for table in (*PERSON_TABLES, "person_link"):
            about = "person_id IN (SELECT unnest(?))" + (
                " OR other_person_id IN (SELECT unnest(?))" if table == "person_link" else ""
            )
            done = held.connection.execute(f"SELECT * FROM {table} WHERE {about}", [sorted(people)] * about.count("?"))
            names = [column[0] for column in done.description or ()]
            rows = [told(dict(zip(names, row, strict=True))) for row in done.fetchall()]
            found |= {table: rows} if rows else {}
    return found


def _run(settings: Settings, store: Store, number: int, people: Collection[int]) -> dict[str, Any]:
    """What a run's folder holds of the person: scores, reasons, predictors, flags; its rows in the store are told there."""
    run = store.run(number) or {}
    names = ("number", "index_date", "status", "outcome", "horizon", "model_name", "model_version")
    there = (settings.runs / str(number) / folder.MANIFEST).is_file()
    files = sorted(folder.manifest(settings.runs, number)["files"]) if there else []
    held = {name: folder.person_rows(settings.runs, number, name, people) for name in files}
    return {
        **told({name: run.get(name) for name in names}),
        "files": {name: [told(row) for row in rows.values()] for name, rows in held.items() if rows},
        "folder": "kept" if there else "past its time",
    }


def _read_by(store: Store, events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who was told what of the person: the system's name, or the role and organisation of whoever it was."""
    clients = {row["client_id"]: row["name"] for row in store.clients()}
    texts = store.audit_texts_of([row["seq"] for row in events])
    names = ("seq", "at", "actor_kind", "role", "organisation", "action", "outcome", "run")
    return [
        told({**{name: row[name] for name in names}, "reason": texts.get(row["seq"])})
        | (
            {"system": clients.get(row["actor"], "a system that is registered no more")}
            if row["actor_kind"] == "client"
            else {}
        )
        for row in events
    ]


def _kept(settings: Settings) -> list[dict[str, Any]]:
    """Where it is kept, and until when."""
    return [{"what": one.what, "days": getattr(settings, one.days), "why": one.why} for one in CLASSES]
