"""The steps of a forgetting, in order. Each can be done again and changes nothing the second time, so that a forgetting that was
killed is carried out from the beginning, and one from before a restore is carried out anew.

The identity store comes first: from then on nothing about the person can come in. The ledger's last word comes last.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from features.linkage.identity import IdentityStore
from features.progress import SILENT, Progress
from features.record import manifest
from features.record.erasure import erase, holds
from risk import copies, fetching, learnt, operator, telling
from risk.forgetting.ledger import GROUNDS, KEPT_AWAY, Entry
from risk.run import amending, folder, lease, resuming
from risk.settings import Settings
from risk.store import Store

STEPS = 6


def carry_out(
    settings: Settings, store: Store, entry: Entry, records: Collection[Path], progress: Progress = SILENT
) -> dict[str, Any]:
    """Forget the people of ``entry`` everywhere under our control; the proof, ready for JSON."""
    progress.stage("forgetting", STEPS)
    unknown = learnt.unknown(settings)
    removed: dict[str, Any] = {"identity": _from_identity(settings, entry)}
    progress.advance()
    removed["records"] = {str(record): erase(record, entry.people) for record in records}
    progress.advance()
    removed["runs"] = _from_runs(settings, store, entry)
    progress.advance()
    removed["store"] = store.remove_people(entry.people)
    removed["audit_texts"] = store.remove_audit_texts(entry.people)
    store.scrub()
    renewed = copies.renew(settings, store)
    removed["downtime_sheets"], removed["outboxes"] = renewed["downtime"], renewed["outbox"]
    removed["told"] = telling.remove(settings, entry.people)
    removed["exports_waiting"] = fetching.remove(settings)
    progress.advance()
    removed["learnt"] = learnt.remove(settings, entry.people)
    progress.advance()
    left = found(settings, store, entry.people, records)
    operator.record(settings, store, "person.forgotten", people=entry.people,
                    detail={"forgetting": entry.forgetting, "ground": entry.ground})  # fmt: skip
    progress.advance()
    return {
        "forgetting": entry.forgetting,
        "ground": entry.ground,
        "ground_says": GROUNDS[entry.ground],
        "begun": entry.begun,
        "person_ids": len(entry.people),
        "removed": removed,
        "left": left,
        "kept": kept(settings, entry),
        "models": list(entry.models),
        "models_not_known": unknown,
        "backups": f"backups expire {settings.backups_days} days after they were made; after a restore run `frailty forget --replay`",
    }


def found(settings: Settings, store: Store, people: Collection[int], records: Collection[Path]) -> dict[str, int]:
    """Rows about ``people`` that are still there, by place: what the proof rests on. The audit's own are kept, and said."""
    left = {f"record {record}: {table}": rows for record in records for table, rows in holds(record, people).items()}
    for number in _runs_there(settings):
        for name in folder.manifest(settings.runs, number)["files"]:
            rows = sum(folder.person_row(settings.runs, number, name, person) is not None for person in people)
            left |= {f"run {number}: {name}": rows} if rows else {}
    left |= {f"store: {table}": rows for table, rows in store.rows_about(people).items() if table != "audit_event"}
    left |= (
        {"models: who they learned from": len(learnt.models_of(settings, people))}
        if learnt.models_of(settings, people)
        else {}
    )
    return left


def kept(settings: Settings, entry: Entry) -> list[dict[str, str]]:
    """What is kept, and why it must be."""
    said = [
        {"what": "audit: rows that hold the person_id, and no name or free text",
         "why": "who saw the person must stay answerable (UK GDPR article 5(2)); the chain must hold"},
        {"what": f"ledger of forgotten people: the person_id and the ground, in {settings.forgotten_folder}",
         "why": "after a restore the person is forgotten again"},
        {"what": "tombstones and amendments of runs: practice, rank and ground, no person_id",
         "why": "the counts that were published must still add up"},
        {"what": "models that learned from the person: trees and figures, in which nobody's row can be found",
         "why": "they hold no row of anybody; the controller decides whether to train them again"},
        {"what": "extracts as they were sent, files that a user wrote, and what clients have pulled",
         "why": "they are not under this product's control; tell whoever holds them"},
    ]  # fmt: skip
    if entry.ground in KEPT_AWAY:
        said.append({"what": "tokens of the person's identifiers, each with the identifier sealed, in the identity store",
                     "why": "without them the person would come back with the next extract"})  # fmt: skip
    said.append({"what": "quarantined rows whose identifier is too badly written to be known",
                 "why": "nobody can tell whose they are; they are deleted when their time is over"})  # fmt: skip
    return said


def _from_identity(settings: Settings, entry: Entry) -> dict[str, int]:
    if not settings.identity_folder.is_dir():
        return {}
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        removed = identity.forgotten.forget(entry.people, keep_away=entry.ground in KEPT_AWAY)
        identity.commit()
        identity.forgotten.scrub()
    return removed


def _from_runs(settings: Settings, store: Store, entry: Entry) -> list[dict[str, Any]]:
    done = []
    with lease.held(settings, store) as store:
        amending.mend(settings.runs)
        resuming.clear(store, settings.runs)
        for number in sorted({*_runs_there(settings), *store.runs_about(entry.people)}):
            what = None
            if (settings.runs / str(number) / folder.MANIFEST).is_file():
                what = amending.amend(settings.runs, number, entry.people, entry.forgetting, entry.ground)
                what = what or amending.amendment(settings.runs, number, entry.forgetting)
            rows = store.amend_run(number, entry.people, forgetting=entry.forgetting, ground=entry.ground, by=entry.by,
                                   before=what.content_before if what else None,
                                   after=what.content_after if what else None)  # fmt: skip
            if what or rows:
                done.append({"run": number, "people": rows or (what.people if what else 0),
                             "content_before": what and what.content_before, "content_after": what and what.content_after})  # fmt: skip
    return done


def _runs_there(settings: Settings) -> list[int]:
    there = settings.runs.glob(f"*/{folder.MANIFEST}")
    return sorted(int(path.parent.name) for path in there if path.parent.name.isdigit())


def is_record(folder: Path) -> bool:
    return (folder / manifest.NAME).is_file()
