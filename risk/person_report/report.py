"""A report on one person: found, put in the audit, gathered and written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from features.progress import SILENT, Progress
from risk import operator
from risk import store as stores
from risk.forgetting.forget import one_with, records_there, whom
from risk.person_report.gathering import gathered
from risk.person_report.writing import write
from risk.settings import Settings

STEPS = 3


def report(
    settings: Settings,
    records: Sequence[Path],
    person: str,
    out: Path,
    reason: str | None = None,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """Write everything that is held on one person, and whoever they are one with by the record's links, into the archive ``out``; counts by place, and of nobody.

    ``person`` is an opaque id as `frailty list` shows it, or an NHS number. It is in the audit before the file is there; errors as of
    :func:`risk.forgetting.forget.whom` and :func:`risk.person_report.writing.write`.
    """
    operator.ready(settings)
    progress.stage("everything held on one person", STEPS)
    there = records_there(records)
    store = stores.open(settings)
    people = one_with([whom(settings, there, person)], there)
    progress.advance()
    held = {"made_at": datetime.now(UTC).isoformat(timespec="seconds"), **gathered(settings, store, people, there)}
    progress.advance()
    operator.record(settings, store, "person.report", people=people, reason=reason)
    write(held, out)
    progress.advance()
    return {
        "out": str(out),
        "person_ids": len(people),
        "record_rows": sum(len(rows) for tables in held["record"].values() for rows in tables.values()),
        "runs": len(held["runs"]),
        "store_rows": sum(len(rows) for rows in held["store"].values()),
        "suppressions": len(held["suppressions"]),
        "read_by": len(held["read_by"]),
    }
