"""The baseline: how each practice stood in the year before go-live, frozen before the first list is published.

Whether lists help is told by what came after beside what was before, and what was before cannot be worked out fairly once lists are worked
through. So it is frozen once, with the hash of its rows, and never anew. It counts the emergency admissions and all bed days of the people who
could be scored on the day, over the year before it; whoever died in that year is among nobody's: compare practices with it, not years of the
same people (high risk falls by itself: regression to the mean).
"""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from features import matrix
from features.cohort import CohortRules, cohort
from features.errors import Refused
from features.predictors import named
from features.record.permission import Permissions
from features.record.reader import Record
from risk import operator
from risk import store as stores
from risk.permissions import permissions as area_permissions
from risk.settings import Settings
from risk.store import Store

#: Predictors that are counted, as declared: emergency admissions, and days in hospital of any stay, in the year before the date.
ADMISSIONS, BED_DAYS = COUNTED = ("emergency_admissions_1y", "bed_days_1y")
YEAR = timedelta(days=365)


def of(record: Record, at: date, minimum_age: int) -> list[dict[str, Any]]:
    """One row a practice, by scheme and code: ``people`` who can be scored on ``at``, how many of them were ``admitted`` as an emergency in the
    year before, ``admissions``, ``bed_days``, and of how many that is ``unknown`` because no feed covers them."""
    people = cohort(record, [at], CohortRules(minimum_age, record.objections))
    if not len(people):
        return []
    values = matrix.build(record, people, named(list(COUNTED))).values
    held = people.frame[["practice_scheme", "practice"]].assign(
        people=1, unknown=np.asarray(np.isnan(values).any(axis=1)), admitted=values[:, 0] > 0,
        admissions=np.nan_to_num(values[:, 0]).astype(np.float64), bed_days=np.nan_to_num(values[:, 1]).astype(np.float64),
    )  # fmt: skip
    counted = held.groupby(["practice_scheme", "practice"], observed=True).sum().sort_index().reset_index()
    return [_row(row) for row in counted.rename(columns={"practice_scheme": "scheme"}).to_dict("records")]


def content(index_date: date, practices: list[dict[str, Any]]) -> str:
    """SHA-256 of a baseline's date and rows."""
    return hashlib.sha256(orjson.dumps([str(index_date), practices], option=orjson.OPT_SORT_KEYS)).hexdigest()


def ensure(
    settings: Settings, store: Store, record_folder: Path, at: date, permissions: Permissions | None = None
) -> bool:
    """Freeze the baseline as it was on ``at``, unless one is frozen; whether it was frozen now."""
    if store.baseline() is not None:
        return False
    may = permissions or area_permissions(settings, record_folder)
    with Record(
        record_folder, purpose="case_finding", permissions=may, memory=settings.memory, threads=settings.threads or None
    ) as record:
        practices, fingerprint = of(record, at, settings.minimum_age), record.fingerprint
    sha256 = content(at, practices)
    frozen = store.freeze_baseline(
        practices, index_date=at, fingerprint=fingerprint, content_sha256=sha256, by=operator.name()
    )
    if frozen:
        operator.record(settings, store, "baseline.frozen", detail={"at": str(at), "sha256": sha256})
    return frozen


def freeze(settings: Settings, record_folder: Path, at: date) -> dict[str, Any]:
    """Freeze it by hand; the baseline. :class:`Refused` where one is frozen: it is never made anew."""
    operator.ready(settings)
    store = stores.open(settings)
    if not ensure(settings, store, record_folder, at):
        raise Refused(
            f"the baseline was frozen on {_told(store)['frozen_at'][:10]} and is never made anew; `frailty baseline show` prints it"
        )
    return _told(store)


def show(settings: Settings) -> dict[str, Any]:
    """The frozen baseline, and whether its rows are as they were frozen; :class:`Refused` where none is."""
    store = stores.open(settings)
    if store.baseline() is None:
        raise Refused(
            "no baseline is frozen; `frailty baseline freeze` does it, and else the first run that is published"
        )
    return _told(store)


def _told(store: Store) -> dict[str, Any]:
    held = store.baseline()
    assert held is not None
    at: date = held["index_date"]
    return {
        "from": str(at - YEAR),
        "to": str(at),
        "record": held["manifest_fingerprint"],
        "sha256": held["content_sha256"],
        "as_frozen": content(at, held["practices"]) == held["content_sha256"],
        "by": held["by"],
        "frozen_at": held["at"].isoformat(timespec="seconds"),
        "practices": held["practices"],
    }


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    whole = {name: int(row[name]) for name in ("people", "admitted", "admissions", "unknown")}
    return {"scheme": str(row["scheme"]), "practice": str(row["practice"]), **whole, "bed_days": float(row["bed_days"])}
