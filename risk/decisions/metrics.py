"""What a meeting has left undone, counted over everybody on the list, the folded too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from risk.decisions.folding import ACCEPT, due
from risk.decisions.meeting import Meeting
from risk.decisions.standing import Standing
from risk.store.meeting import DECISION


def metrics(held: Meeting, today: date) -> dict[str, Any]:
    """Counts of people: ``listed`` is the denominator of all but ``added`` and ``need_without_service``, which speak of those added too.

    ``not_reviewed``: nothing was decided. ``reviewed_unactioned``: accepted, and no action was ever written. ``not_informed``: decided, and the
    person was not told, or nobody said. ``overdue``: a review day has come, an open action is late, or
    somebody was folded away for as long as anybody is.
    """
    stands = [one.stands for one in held.listed]
    everybody = [*stands, *(one.stands for one in held.added)]
    decided = [one for one in stands if one.decision is not None]
    needs = Counter(need for one in everybody for need in _without_service(one))
    return {
        "listed": len(stands),
        "views": dict(held.counts),
        "not_reviewed": len(stands) - len(decided),
        "reviewed": len(decided),
        "decisions": dict(sorted(Counter(str(one.what) for one in decided).items())),
        "reviewed_unactioned": sum(one.what == ACCEPT and not one.open and not one.closed for one in decided),
        "not_informed": sum(not _told(one.decision) for one in decided),
        "overdue": sum(_overdue(one, today) for one in stands),
        "added": len(held.added),
        "actions_open": sum(len(one.open) for one in everybody),
        "actions_late": sum(_late(one, today) for one in everybody),
        "need_without_service": sum(bool(_without_service(one)) for one in everybody),
        "needs_without_service": dict(sorted(needs.items())),
        "corrections_open": sum(answer is None for one in everybody for _, answer in one.corrections),
    }


def _told(decision: Mapping[str, Any] | None) -> bool:
    return bool(decision and decision["kind"] == DECISION and (decision["body"].get("informed") or {}).get("told"))


def _late(one: Standing, today: date) -> int:
    return sum(date.fromisoformat(row["body"]["due"]) < today for row in one.open)


def _overdue(one: Standing, today: date) -> bool:
    """As :func:`risk.decisions.folding.due` says, whatever view the person is in; and late actions of whom nobody decided about."""
    return _late(one, today) > 0 or (one.decided is not None and bool(due(one.decided, today)))


def _without_service(one: Standing) -> set[str]:
    """Needs that the standing decision says nobody serves, and actions that came to nothing for it."""
    said = (one.decision or {}).get("body", {}).get("no_service", [])
    unserved = [row["body"]["action"] for row, outcome in one.closed if outcome["body"]["outcome"] == "no_service"]
    return {str(need["need"]) for need in said} | set(unserved)
