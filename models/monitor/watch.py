"""A model's dates put side by side: what moved, what happened, and which triggers fired."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from models.monitor import moved
from models.monitor.facts import Watched
from models.monitor.happened import happened
from models.monitor.reference import Reference
from models.monitor.triggers import SEVERITIES, TRIGGERS, fired, gravest

FORMAT = 1
NO_REFERENCE = (
    "what the model was made of was not kept when it was trained; train it again to have its inputs and scores watched"
)


def watch(
    dates: Sequence[Watched],
    references: Mapping[int, Reference],
    reports: Mapping[int, Mapping[str, Any]],
    tables: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """What a page and a program are told of the dates, oldest first, ready for JSON.

    ``references`` and ``reports`` (a bundle's own) by version of the model: each date is held against the version that scored it.
    ``tables`` of the record that each predictor reads.
    """
    rows = []
    for held in sorted(dates, key=lambda held: (held.at, held.name)):
        facts = of_date(held, references.get(held.version), validated(reports.get(held.version, {})), tables)
        rows.append({**facts, "triggers": fired(facts)})
    everything = [{"name": row["name"], "at": row["at"], **trigger} for row in rows for trigger in row["triggers"]]
    return {
        "format": FORMAT,
        "dates": rows,
        "triggers": [trigger.to_json() for trigger in TRIGGERS],
        "fired": {name: sum(row["severity"] == name for row in everything) for name in SEVERITIES},
        "severity": gravest(everything),
    }


def of_date(
    held: Watched, reference: Reference | None, validated: Mapping[str, float], tables: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """All that is measured of one date. Without a reference only what happened is."""
    found = happened(held)
    known = int(held.known.sum())
    return {
        "name": held.name, "at": str(held.at), "version": held.version, "people": len(held), "listed": int(held.listed.sum()),
        "inputs": moved.inputs(held, reference, tables) if reference else None,
        "feeds": moved.feeds(held, reference) if reference else [],
        "score": moved.score(held, reference) if reference else {"psi": 0.0, "by_chance": 0.0, "not_told": NO_REFERENCE},
        "people_by": moved.people(held, reference) if reference else [],
        "known": known, "unknown": dict(held.unknown), "happened": found, "validated": dict(validated),
    }  # fmt: skip


def validated(report: Mapping[str, Any]) -> dict[str, float]:
    """The figures of a model's own validation that a date is held against: ``auroc``, and the list's ``ppv`` and ``sensitivity``."""
    ours = report.get("performance", {}).get("ours", {})
    drawn = ours.get("per_practice", {})
    held = {"auroc": ours.get("auroc"), "ppv": drawn.get("ppv"), "sensitivity": drawn.get("sensitivity")}
    return {name: float(figure["value"]) for name, figure in held.items() if figure and figure["value"] is not None}
