"""What stops a run before it publishes, as data: each guard says what is wrong and what to check.

A guard with a ``waiver`` can be passed with a reason, which is kept with the run; the others cannot.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from features.errors import Refused, WrongUsage
from features.record.tables import PERSON_TABLES
from risk.run import drift_guards
from risk.run.feed_guards import Pulse, fallen, silent

#: Oldest that the newest delivery may be, in days: a weekly list may miss two deliveries.
STALE_DAYS = 21
#: Share by which a practice's scored people, or the number of practices, may move between published runs.
MOVED = 0.5
#: A practice: the scheme of its code, and the code.
Practice = tuple[str, str]


@dataclass(frozen=True)
class Facts:
    """What the guards look at, once the cohort is known and before anything is scored.

    ``newest`` is the newest delivery that was known at the index date ``at``; ``feeds`` the scored people's masks;
    ``used`` the tables that the model's predictors read; ``seen`` the patterns of those tables that the model may serve;
    ``scored`` and ``before`` people scored by practice in this run and in the published one (None: there is none); ``pulse``
    the state of the feeds that the model reads (None: not looked at).
    """

    at: datetime.date
    today: datetime.date
    newest: datetime.date | None
    asked: tuple[str, int, int]
    model: tuple[str, int, int]
    feeds: pd.Series
    used: frozenset[str]
    seen: frozenset[frozenset[str]]
    scored: Mapping[Practice, int]
    before: Mapping[Practice, int] | None
    pulse: Pulse | None = None


@dataclass(frozen=True)
class Guard:
    """``finds`` says what is wrong, in a sentence with what to check, or None. ``waiver`` is the option by which a reason is given."""

    name: str
    finds: Callable[[Any], str | None]
    waiver: str | None = None


def nobody(facts: Facts) -> str | None:
    if len(facts.feeds):
        return None
    return (
        f"nobody can be scored on {facts.at}: check that the date lies within the record, and who was left out and why "
        "(`frailty feeds` shows what the record covers)"
    )


def other_outcome(facts: Facts) -> str | None:
    (outcome, horizon, youngest), (trained, days, from_age) = facts.asked, facts.model
    if (outcome, horizon) != (trained, days):
        return f"the lists rank by {outcome} within {horizon} days, and the model predicts {trained} within {days} days"
    if youngest < from_age:
        return (
            f"the run scores people from age {youngest}, and the model was trained on people from age {from_age}; "
            f"run with --minimum-age {from_age} or train a model for all of them"
        )
    return None


def stale(facts: Facts) -> str | None:
    if facts.newest is None:
        return f"no delivery of any feed was known on {facts.at}"
    age = (max(facts.today, facts.at) - facts.newest).days
    if age <= STALE_DAYS:
        return None
    return (
        f"the newest delivery known on {facts.at} came on {facts.newest}, {age} days ago (at most {STALE_DAYS}): "
        "ingest what came since, or run at a later date"
    )


def unseen_feeds(facts: Facts) -> str | None:
    """Patterns of feeds that the model was not validated on (DESIGN: any feed can be missing or stale)."""
    masks, people = np.unique(facts.feeds.to_numpy(np.uint64), return_counts=True)
    unseen = [(held, n) for mask, n in zip(masks.tolist(), people.tolist(), strict=True)
              if (held := _used(mask, facts)) not in facts.seen]  # fmt: skip
    if not unseen:
        return None
    said = [f"{', '.join(sorted(facts.used - held)) or 'nothing'} missing for {n:,} people" for held, n in unseen]
    return (
        f"the model has not been validated with these feeds: {'; '.join(said[:5])}; bring the missing feeds up to date "
        "(`frailty feeds`), or promote a model that was trained with this pattern"
    )


def moved(facts: Facts) -> str | None:
    if facts.before is None:
        return None
    changed = {
        practice: (was, facts.scored.get(practice, 0))
        for practice, was in facts.before.items()
        if abs(facts.scored.get(practice, 0) - was) > MOVED * was
    }
    said = [f"practice {code}: {was:,} people before, {now:,} now" for (_, code), (was, now) in changed.items()]
    if abs(len(facts.scored) - len(facts.before)) > MOVED * len(facts.before):
        said.append(f"{len(facts.before)} practices before, {len(facts.scored)} now")
    if not said:
        return None
    more = f" and {len(said) - 5} more" if len(said) > 5 else ""
    return (
        f"more than {MOVED:.0%} has moved since the published run: {'; '.join(said[:5])}{more}; check the registrations "
        "that were ingested last"
    )


GUARDS = (
    Guard("empty", nobody),
    Guard("outcome", other_outcome),
    Guard("stale", stale, "--allow-stale"),
    Guard("feeds", unseen_feeds, "--override-feeds"),
    Guard("moved", moved, "--allow-moved"),
    Guard("silent", silent, "--allow silent="),
    Guard("fallen", fallen, "--allow fallen="),
)
#: Those that look at :class:`~risk.run.drift_guards.Drift`, once everybody is scored.
SCORED = (
    Guard("score", drift_guards.score, "--allow score="),
    Guard("calibration", drift_guards.calibration, "--allow calibration="),
)
#: Guards that a reason passes.
PASSABLE = tuple(guard.name for guard in (*GUARDS, *SCORED) if guard.waiver)


def check(facts: Any, reasons: Mapping[str, str], guards: Sequence[Guard] = GUARDS) -> dict[str, dict[str, str]]:
    """Run every guard of ``guards`` on the facts that they look at. ``reasons`` are those given, by guard's name.

    The guards that were waived, with what they found and the reason; :class:`Refused` naming all that stand.
    """
    found = {guard: said for guard in guards if (said := guard.finds(facts)) is not None}
    stand = {guard: said for guard, said in found.items() if guard.waiver is None or guard.name not in reasons}
    if stand:
        all_said = [f"{said}{_how(guard)}" for guard, said in stand.items()]
        raise Refused("not run, and nothing published: " + ". Also: ".join(all_said))
    return {guard.name: {"found": said, "reason": reasons[guard.name]} for guard, said in found.items()}


def _how(guard: Guard) -> str:
    if not guard.waiver:
        return ""
    return (
        f" (or go on with {guard.waiver}{'' if guard.waiver.endswith('=') else ' '}REASON, which is kept with the run)"
    )


def reasons_of(given: Iterable[str]) -> dict[str, str]:
    """Reasons by guard, of texts such as ``silent=the practice closed``; :class:`WrongUsage` where one is of no guard or says nothing."""
    reasons = {}
    for text in given:
        name, _, reason = text.partition("=")
        if name.strip() not in PASSABLE or not reason.strip():
            raise WrongUsage(f"expected GUARD=REASON with a guard among {', '.join(PASSABLE)}, found {text!r}")
        reasons[name.strip()] = reason.strip()
    return reasons


def _used(mask: int, facts: Facts) -> frozenset[str]:
    """The model's tables that the mask says are available."""
    held = np.flatnonzero([mask >> bit & 1 for bit in range(len(PERSON_TABLES))])
    return frozenset(PERSON_TABLES[bit] for bit in held) & facts.used
