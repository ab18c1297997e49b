"""Linking, and the pile of pairs that wait for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.linkage.choosing import THRESHOLD
from features.linkage.linking import link
from features.linkage.pile import Candidate
from features.progress import SILENT, Progress
from risk import operator
from risk import store as stores
from risk.linkage.opening import Names, day, identity_of
from risk.settings import Settings

#: Pairs that one look at the pile shows unless more are asked for.
SHOWN = 50


def work(settings: Settings, record: Path, threshold: float = THRESHOLD, progress: Progress = SILENT) -> dict[str, Any]:
    """Link everybody without an NHS number; how many there were, and what became of them."""
    operator.ready(settings)
    store = stores.open(settings)
    known = day(record, store)
    with identity_of(settings) as identity:
        done = link(
            record,
            identity,
            settings.identity_folder,
            known,
            threshold=threshold,
            memory=settings.memory,
            progress=progress,
        )
        waiting = identity.pile.waiting()
    made = done.made
    result = {
        "known_at": str(known),
        "threshold": threshold,
        "with_number": done.numbered,
        "without_number": done.loose,
        "linked": len(made),
        "expected_wrong": round(float((1 - made["probability"]).sum()), 2),
        "uncertain": len({pair.other_person_id for pair in waiting}),
        "why_uncertain": {str(why): int(n) for why, n in done.chosen["why"].value_counts().items() if why},
    }
    operator.record(
        settings, store, "link", detail={"linked": len(made), "uncertain": result["uncertain"], "threshold": threshold}
    )
    return result


def uncertain(settings: Settings, limit: int = SHOWN) -> dict[str, Any]:
    """The pile, the likeliest first: opaque ids, the probability, why it was not linked, and what agrees. No values."""
    operator.ready(settings)
    names = Names.of(settings)
    with identity_of(settings) as identity:
        waiting = identity.pile.waiting()
    shown = waiting[:limit]
    people = sorted({person for pair in shown for person in (pair.person_id, pair.other_person_id)})
    operator.record(settings, stores.open(settings), "link.uncertain", outcome="answered", people=people)
    return {"waiting": len(waiting), "pairs": [_said(pair, names) for pair in shown]}


def _said(pair: Candidate, names: Names) -> dict[str, Any]:
    return {
        "person": names.short(pair.person_id),
        "other": names.short(pair.other_person_id),
        "probability": pair.probability,
        "why": pair.why,
        "agreement": dict(pair.agreement),
        "since": str(pair.on_day),
    }
