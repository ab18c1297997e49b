"""The audit after a restore: it goes on from where the backup ends, and says itself which rows were lost."""

from __future__ import annotations

from risk import keys, operator
from risk.audit import RESTORED, Audit, Event, lost
from risk.checkpoints import Checkpoints
from risk.settings import Settings
from risk.store import Store
from risk.store.auditing import GENESIS


def go_on(settings: Settings, store: Store) -> int:
    """Say to the checkpoints outside how far the audit goes again, and in the chain how many rows there had been; how many were lost.

    Can be done again after a kill: what a checkpoint says and no row does is said then.
    """
    key = keys.held(settings).audit
    audit, outside = Audit(store, key, settings), Checkpoints(settings.checkpoints_folder, key)
    head, rows = store.audit_head() or (0, GENESIS), 0
    signed, _ = outside.read()
    if signed and signed[-1].seq > head[0]:
        outside.rewind(*head)
    said = {lost(row) for row in store.audit_rows() if row["action"] == RESTORED}
    for to, had in outside.rewinds():
        if (to, had) not in said and to <= head[0]:
            audit.record(Event("system", operator.name(), RESTORED, detail={"to": to, "had": had}))
            rows += had - to
    audit.checkpoint()
    return rows
