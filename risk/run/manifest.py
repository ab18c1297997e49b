"""What a run says of itself: kept as ``run.json`` in its folder, and printed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from risk import sections
from risk.bands import BANDS
from risk.run import deliveries, scoring
from risk.run.saying import said

if TYPE_CHECKING:
    from risk.run.weekly import Asked, Prepared


def identity(scores: pd.DataFrame) -> dict[str, Any]:
    """How many of the scored, and of the listed, read with records linked to them by probability and not confirmed, and how many of
    those links are wrong by the model that made them."""
    unsure = scores[scores["identity"] < 1]
    wrong = round(float((1 - unsure["identity"]).sum()), 2)
    return {"probable": len(unsure), "probable_listed": int(unsure["listed"].sum()), "expected_wrong": wrong}


def of_run(
    number: int,
    asked: Asked,
    ready: Prepared,
    scores: pd.DataFrame,
    practices: pd.DataFrame,
    valid_until: datetime.date,
    kept_inside: Sequence[str],
    capacity: Mapping[str, int],
) -> dict[str, Any]:
    """The manifest: what was asked, from what data, by which model, and how many people it came to."""
    newest = deliveries.newest(ready.deliveries)
    bundle = ready.bundle
    return {
        "number": number,
        "status": "shadow" if asked.shadow else "published",
        "purpose": "case_finding",
        "at": str(ready.at),
        "valid_until": str(valid_until),
        "outcome": asked.outcome,
        "title": ready.title,
        "horizon": asked.horizon,
        "minimum_age": asked.minimum_age,
        "fraction": asked.fraction,
        "about": dict(ready.about),
        "data": said(ready.about),
        "newest_delivery": None if newest is None else str(newest),
        "feeds": {
            table: {**held, **{name: str(held[name]) for name in ("received", "up_to", "freshest")}}
            for table, held in deliveries.by_table(ready.deliveries).items()
        },
        "refused_feeds": ready.refused,
        "waived": ready.waived,
        "previous": ready.previous,
        "record": ready.fingerprint,
        "model": {"name": bundle.name, "version": bundle.version, "sha256": bundle.sha256},
        "predictors": {p.name: p.fingerprint for p in ready.predictors},
        "bands": bundle.bands._asdict(),
        "challenger": None if ready.beside is None else dict(ready.beside),
        "calibrator": bundle.calibrator.to_json(),
        "counts": {
            "people": ready.people,
            "left_out": ready.left_out,
            "scored": len(scores),
            "listed": int(scores["listed"].sum()),
            "held_out": int(scores["held_out"].sum()) if "held_out" in scores else 0,
            "sections": {name: int((scores["listed"] & scores["section"].eq(name)).sum()) for name in sections.NAMES},
            "sections_inside": list(kept_inside),
            "capacity": dict(capacity),
            "bands": {band: int((scores["band"] == band).sum()) for band in BANDS},
            "identity": identity(scores),
        },
        "practices": scoring.records(practices),
    }
