"""A practice's frailty register: who is proposed, what clinicians answered, and numbers that count confirmed people alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from risk.frailty_register.categories import CATEGORIES, FRAIL
from risk.frailty_register.standing import STATES, Stands, shown, stands
from risk.store import Store

_ORDER = {category: place for place, category in enumerate(reversed(CATEGORIES))}


@dataclass(frozen=True)
class OnRegister:
    """Somebody on the register: ``row`` has ``person_id``, ``age_band`` and ``sex``; ``proposed`` now with what it ``rests_on``."""

    row: Mapping[str, Any]
    proposed: str | None
    rests_on: list[dict[str, Any]]
    stands: Stands


@dataclass(frozen=True)
class Register:
    """``people`` in the order in which they are looked at; ``counts`` for whoever reads numbers."""

    people: tuple[OnRegister, ...]
    counts: dict[str, Any]

    def among(self, states: Iterable[str]) -> list[OnRegister]:
        """Those in one of the ``states``."""
        wanted = set(states)
        return [one for one in self.people if one.stands.state in wanted]


def register(store: Store, run: Mapping[str, Any], practice: str, scheme: str) -> Register:
    """The register of a practice by a run: of those scored there who may be shown and are 65 or over. Only what was answered at this practice
    is read: of somebody who moved, the next practice's clinicians say."""
    number = int(run["number"])
    aged = {row["person_id"]: row for row in store.aged_people(number, practice, scheme)}
    proposed = {row["person_id"]: row for row in store.frailty_proposals(number, practice, scheme)}
    histories = store.frailty_entries(None, practice, scheme)
    found = []
    for person, row in aged.items():
        now = proposed.get(person)
        category = None if now is None else str(now["proposed"])
        one = OnRegister(
            row, category, [] if now is None else now["rests_on"], stands(histories.get(person, ()), category)
        )
        if category is not None or one.stands.answer is not None:
            found.append(one)
    listed = [one for one in found if shown(one.stands, one.proposed)]
    listed.sort(key=lambda one: (STATES.index(one.stands.state), _ORDER.get(one.proposed or one.stands.category or "", 9),
                                 one.row["person_id"]))  # fmt: skip
    return Register(tuple(listed), counts(found, len(aged)))


def counts(answered_or_proposed: Iterable[OnRegister], aged: int) -> dict[str, Any]:
    """``people`` of 65 and over; ``frail``: those whom a clinician said are, and of which category; who waits for an answer or a second look, and
    whose proposal was rejected. Nobody is counted as anything by a proposal."""
    every = list(answered_or_proposed)
    said = Counter(one.stands.category for one in every)
    states = Counter(one.stands.state for one in every if one.proposed is not None or one.stands.counts)
    return {
        "people": aged,
        "frail": sum(said[category] for category in FRAIL),
        "confirmed": {category: said[category] for category in CATEGORIES},
        "to_answer": states["waiting"],
        "look_again": states["look_again"],
        "rejected": states["rejected"],
    }
