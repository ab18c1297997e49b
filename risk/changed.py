"""Which reasons changed most of somebody between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Reasons told of a person.
MOST = 3
Reasons = Mapping[str, Any]


def most(now: Reasons, before: Reasons | None) -> list[dict[str, Any]]:
    """The reasons whose contribution (log-odds) to the score changed most, the greatest first: ``driver``, ``title``, what it ``says`` now (or said,
    where it is no reason any more), ``contribution`` now and ``contribution_before``, None where it was not among those told then or now.

    Of a reason that one of the two runs does not tell, nothing was; its change is at the least what the other tells. None of ``before``: the run
    before did not score the person, or its reasons cannot be told any more; then nothing is said.
    """
    if before is None:
        return []
    held, was = _told(now), _told(before)
    changes = []
    for driver in held.keys() | was.keys():
        here, there = held.get(driver), was.get(driver)
        told = here or there
        assert told is not None
        values = [None if one is None else float(one["contribution"]) for one in (here, there)]
        change = (values[0] or 0.0) - (values[1] or 0.0)
        if change:
            changes.append((-abs(change), driver, told, values))
    return [
        {"driver": driver, "title": told.get("title", told["domain"]), "says": told["says"], "contribution": values[0],
         "contribution_before": values[1]}
        for _, driver, told, values in sorted(changes, key=lambda change: change[:2])[:MOST]
    ]  # fmt: skip


def _told(reasons: Reasons) -> dict[str, Mapping[str, Any]]:
    """By driver; runs of before there were drivers told predictors."""
    every = [*reasons.get("raises", ()), *reasons.get("lowers", ())]
    return {str(one.get("driver") or one["predictor"]): one for one in every}
