"""A practice's list as its meeting sees it: whom to look at today and why, what stands of each, and who is folded away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from risk.decisions.folding import ADDED, Placed, Rules, counts, fold
from risk.decisions.standing import Standing, listed, standing
from risk.store import Store


@dataclass(frozen=True)
class Seen:
    """Somebody at the meeting: their ``row`` of the list (or of the scored), where they were ``placed``, and what ``stands``."""

    row: Mapping[str, Any]
    placed: Placed
    stands: Standing


@dataclass(frozen=True)
class Meeting:
    """``listed`` in the list's order; ``added`` by a clinician, outside the list and its places; ``counts`` of every view."""

    run: int
    practice: str
    listed: tuple[Seen, ...]
    added: tuple[Seen, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)


def meeting(
    store: Store, run: Mapping[str, Any], practice: str, scheme: str, today: date, rules: Rules = Rules()
) -> Meeting:
    """Of a practice's list in a run. Only what was written at this practice is read: somebody who moved is new to the next one."""
    number = int(run["number"])
    rows = store.practice_list(number, practice, scheme)
    histories = store.entries(None, practice, scheme)
    stands = {person: standing(history) for person, history in histories.items()}
    on_list = {row["person_id"] for row in rows}
    placed = fold(
        [listed(row) for row in rows],
        {person: decided for person in on_list & set(stands) if (decided := stands[person].decided) is not None},
        _previous(store, number, practice, scheme),
        today,
        rules,
    )
    seen = tuple(
        Seen(row, place, stands.get(row["person_id"], Standing())) for row, place in zip(rows, placed, strict=True)
    )
    return Meeting(
        number, practice, seen, tuple(_added(store, number, (scheme, practice), stands, on_list)), counts(placed)
    )


def _previous(store: Store, number: int, practice: str, scheme: str) -> set[int]:
    before = next((run["number"] for run in store.runs("published") if run["number"] < number), None)
    if before is None:
        return set()
    return {row["person_id"] for row in store.practice_list(before, practice, scheme)}


def _added(
    store: Store, number: int, place: tuple[str, str], stands: Mapping[int, Standing], on_list: set[int]
) -> list[Seen]:
    """Whom a clinician added and the score did not list, as long as the run scored them here and they may be shown."""
    found = []
    for person, one in sorted(stands.items()):
        if one.what == ADDED and person not in on_list:
            row = store.person(number, person)
            if row is not None and (row["scheme"], row["practice"]) == place:
                found.append(Seen(row, Placed(person, "unchanged", ("added by a clinician",)), one))
    return found
