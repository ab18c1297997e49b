"""After a restore: a backup holds people who were forgotten since it was made, and does not know who was told to be shown no more."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Any

from features.progress import SILENT, Progress
from risk import operator, telling
from risk.forgetting.carrying_out import found, is_record
from risk.forgetting.forget import finish
from risk.forgetting.ledger import ForgottenLedger
from risk.settings import Settings
from risk.store import Store


def replay(
    store: Store,
    settings: Settings,
    since: datetime | None,
    records: Collection[Path] = (),
    progress: Progress = SILENT,
) -> list[dict[str, Any]]:
    """Carry out anew every forgetting that the restored ``store`` may not know of; their proofs.

    Those are the ones that ended at ``since`` (when the backup was begun) or later, those that never ended, and, since clocks can be
    wrong, every other of whose people anything is there. Without ``since``, all. Looks in ``records``, and in those that each forgetting
    named and that are there still. :class:`features.errors.Refused` where something of anybody is left after all: then the restored installation
    is not to be used. Then the overlay is told again what was told since (:mod:`risk.telling`).
    """
    operator.ready(settings)
    ledger = ForgottenLedger(settings.forgotten_folder)
    with ledger.alone():
        ended = ledger.ended()
        proofs = []
        for entry in ledger.entries():
            at = ended.get(entry.forgetting)
            where = sorted(place for place in {*map(Path, entry.records), *records} if is_record(place))
            if since is None or at is None or at >= since.replace(microsecond=0) or found(settings, store, entry.people, where):  # fmt: skip
                proofs.append(finish(settings, store, ledger, entry, where, progress))
    told = telling.again(settings, store, since)
    operator.record(settings, store, "restore.replayed", detail={"forgotten": len(proofs), **told})
    return proofs
