"""A new key for the identity store, with the proof that people, runs and audit are as they were."""

from __future__ import annotations

from typing import Any

from features.errors import Refused
from features.linkage import rotating
from features.progress import SILENT, Progress
from risk import audit, keys, operator
from risk import store as stores
from risk.linkage.opening import identity_of
from risk.run import folder
from risk.settings import Settings


def rotate(settings: Settings, progress: Progress = SILENT) -> dict[str, Any]:
    """Rotate; what was proved. :class:`Refused`, before anything is done, where a run or the audit is at fault already:
    afterwards nobody could say that the rotation was not to blame."""
    operator.ready(settings)
    store = stores.open(settings)
    log = audit.Audit(store, keys.held(settings).audit, settings)
    progress.stage("runs and audit before")
    before = _state(settings, store, log)
    if before["faults"]:
        raise Refused(f"not rotated: {'; '.join(before['faults'][:5])}; put that right first")
    progress.stage("new key")
    with identity_of(settings) as identity:
        done = rotating.rotate(identity)
    progress.stage("runs and audit after")
    after = _state(settings, store, log)
    if after != before:
        raise Refused(
            f"after the rotation the runs or the audit are not as they were: {'; '.join(after['faults'][:5]) or 'rows were added'}"
        )
    operator.record(settings, store, "identity.rotate", detail={"people": done.people, "tokens": done.tokens})
    return {
        "key_file": str(settings.identity_key_file),
        "people": done.people,
        "tokens": done.tokens,
        "says": done.says,
        "runs": len(before["runs"]),
        "audit_rows": before["audit_rows"],
    }


def _state(settings: Settings, store: stores.Store, log: audit.Audit) -> dict[str, Any]:
    runs = {run["number"]: run["content_sha256"] for run in store.runs("published", "shadow", "withdrawn")}
    verdict = log.verify()
    faults = [fault for number in sorted(runs) for fault in folder.faults(settings.runs, number)]
    return {"runs": runs, "audit_rows": verdict.rows, "faults": [*faults, *verdict.faults]}
