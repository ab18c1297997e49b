"""Taking a list of opt-outs into the record: who objects anew, whose objection ends, and who is shown no more for it."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as arrow

from features.errors import BadInput
from features.governance.opt_out_lists import NAME, OptOutList, changes
from features.linkage.identity import IdentityStore
from features.progress import SILENT, Progress
from features.record import manifest
from features.record.ingest import ingest
from features.record.permission import AllowAll
from features.record.reader import Record
from risk import hiding
from risk import store as stores
from risk.settings import Settings

_IN_FORCE = """
    SELECT o.person_id, max(o.event_date) FROM objection o JOIN (SELECT DISTINCT feed_id, source FROM feed) f USING (feed_id)
    WHERE f.source = $source AND o.kind = $kind AND o.known_until IS NULL AND o.end_date IS NULL GROUP BY o.person_id
"""


def take(
    settings: Settings,
    record: Path,
    kind: str,
    objecting: Collection[str],
    withdrawn: Collection[str],
    on: date,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Record who objects on the day and who no longer does; how many of each, and how many are shown no more."""
    held = manifest.load(record)
    about = json.loads(held.notes.get("about", '{"kind": "real", "title": "a record of unstated origin"}'))
    with Record(record, purpose="ingest", permissions=AllowAll()) as opened:
        in_force = dict(opened.connection.execute(_IN_FORCE, {"source": NAME, "kind": kind}).fetchall())
    with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        known = sorted({*objecting, *withdrawn})
        none = arrow.nulls(len(known), arrow.string())
        people = identity.find(arrow.array(known, arrow.string()), NAME, none).tolist() if known else []
        begun = {number: in_force[person] for number, person in zip(known, people, strict=True) if person in in_force}
        fresh, ending = changes(objecting, withdrawn, begun)
        if any(start > on for start in ending.values()):
            raise BadInput(
                f"expected a list of a later day than {on}: objections that it ends began after it; nothing was written"
            )
        told = OptOutList(kind, on, fresh, ending, about)
        if not told.is_empty:
            ingest(told, record, identity, progress=progress, rules=settings.permissions_file)
    return {"kind": kind, "on": str(on), "objecting": len(fresh), "ended": len(ending), "unchanged": len(set(objecting) & set(begun)),
            "not_shown": hiding.refresh(settings, stores.open(settings), record)}  # fmt: skip
