"""A decision sticks: whom a meeting looks at today, whom it decided about and is spared, and why somebody is back.

The rules are the house's own (no standard says when a declined person is to be shown again). They err towards showing: nobody is folded away by
anything but a decision, no longer than :attr:`Rules.longest_fold`, and never past a change that was stated.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

ACCEPT, DECLINE, DEFER, KNOWN, REMOVED, ADDED = "accept", "decline", "defer", "already_known", "removed", "added"
#: What folds somebody away.
FOLDS = frozenset({DECLINE, KNOWN, REMOVED})
View = Literal["new", "changed", "overdue", "unchanged", "folded"]
VIEWS: tuple[View, ...] = ("new", "changed", "overdue", "unchanged", "folded")
#: What a meeting sees unasked, in this order.
DUE: tuple[View, ...] = ("new", "changed", "overdue")
_BANDS = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True)
class Rules:
    """``top`` reasons of today are held against all that were told when it was decided; nobody is folded away for more than ``longest_fold``
    days."""

    top: int = 3
    longest_fold: int = 365


@dataclass(frozen=True)
class Listed:
    """Somebody as a list showed them: ``drivers`` of what raises the score, the highest first; ``in_hospital_since`` where they are;
    ``emergencies``, what their reasons say of emergency stays: counts and days since, by predictor."""

    person_id: int
    band: str
    drivers: tuple[str, ...] = ()
    in_hospital_since: date | None = None
    emergencies: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Decided:
    """The decision that stands of somebody, ``seen`` as they were listed when it was made (None: they were not), and the days by which
    their open actions are ``due``."""

    what: str
    on: date
    review_on: date | None = None
    seen: Listed | None = None
    due: tuple[date, ...] = ()


@dataclass(frozen=True)
class Placed:
    """Where somebody stands today, and why, in words for the meeting."""

    person_id: int
    view: View
    why: tuple[str, ...] = ()


def fold(
    entries: Iterable[Listed],
    decisions: Mapping[int, Decided],
    previous: Collection[int],
    today: date,
    rules: Rules = Rules(),
) -> list[Placed]:
    """Everybody of a list, each in exactly one view, in the list's order. ``previous``: people of the list of the run before."""
    return [
        _place(entry, decisions.get(entry.person_id), entry.person_id in previous, today, rules) for entry in entries
    ]


def counts(placed: Iterable[Placed]) -> dict[str, int]:
    """People in each view; they add up to the list."""
    found = dict.fromkeys(VIEWS, 0)
    for one in placed:
        found[one.view] += 1
    return {str(view): number for view, number in found.items()}


def changes(entry: Listed, decided: Decided, rules: Rules) -> tuple[str, ...]:
    """What is stated to have changed since the decision; the only changes that bring somebody back before a review date."""
    seen = decided.seen
    if seen is None:
        return ("on the list now, and was not when it was decided",)
    found = []
    if _BANDS.get(entry.band, 0) > _BANDS.get(seen.band, 0):
        found.append(f"band up from {seen.band} to {entry.band}")
    if _admitted(entry, seen, decided.on):
        found.append("a new emergency stay in hospital")
    fresh = [driver for driver in entry.drivers[: rules.top] if driver not in seen.drivers]
    found += [f"a new reason: {driver.replace('_', ' ')}" for driver in fresh]
    return tuple(found)


def _place(entry: Listed, decided: Decided | None, was_listed: bool, today: date, rules: Rules) -> Placed:
    person = entry.person_id
    if decided is None:
        why = "on the list before, and nobody has decided yet" if was_listed else "new on the list"
        return Placed(person, "new", (why,))
    if changed := changes(entry, decided, rules):
        return Placed(person, "changed", changed)
    if late := due(decided, today, rules):
        return Placed(person, "overdue", late)
    if decided.what in FOLDS:
        return Placed(person, "folded", (f"{decided.what.replace('_', ' ')} on {decided.on}",))
    return Placed(person, "unchanged")


def due(decided: Decided, today: date, rules: Rules = Rules()) -> tuple[str, ...]:
    """What of a decision is due: its review, its actions, or the end of the longest time for which anybody is folded away."""
    found = []
    late = sum(day < today for day in decided.due)
    if late:
        found.append("1 action past the day on which it was due" if late == 1 else f"{late} actions past the days on which they were due")  # fmt: skip
    if decided.review_on is not None and decided.review_on <= today:
        found.append(f"review was due on {decided.review_on}")
    if decided.what in FOLDS and decided.on + timedelta(days=rules.longest_fold) <= today:
        found.append(f"folded away for {rules.longest_fold} days, which is as long as anybody is")
    return tuple(found)


def _admitted(entry: Listed, seen: Listed, on: date) -> bool:
    """A stay that began on the day of the decision or later; or a count of emergency stays that grew, or days since one that fell."""
    since = entry.in_hospital_since
    if since is not None and since >= on and since != seen.in_hospital_since:
        return True
    for name, value in entry.emergencies.items():
        before = seen.emergencies.get(name)
        if before is None:
            continue
        if value < before if name.startswith("days_since") else value > before:
            return True
    return False
