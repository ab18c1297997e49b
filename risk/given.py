"""Open actions that practices gave to somebody's own team or organisation: what a voluntary organisation sees, and nothing of why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk.decisions.catalogue import Catalogue
from risk.decisions.standing import standing
from risk.decisions.words import together
from risk.store import Store


@dataclass(frozen=True)
class Given:
    """One: of whom, at which practice, ``what`` is to be done in the catalogue's words, and by when."""

    person_id: int
    practice: str
    what: str
    due: str


def names(store: Store, user_id: str, scheme: str, organisation: str, day: date) -> frozenset[str]:
    """What a meeting may have called whoever is to act: the organisation that somebody selected, and its teams in which they hold a role today; in lower case."""
    held = store.directory()

    def now(table: str) -> list[dict[str, Any]]:
        return [
            row
            for row in held[table]
            if row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"])
        ]

    mine = {row["team_id"] for row in now("user_role") if row["user_id"] == user_id}
    own = [row["name"] for row in now("organisation") if (row["scheme"], row["code"]) == (scheme, organisation)]
    teams = [
        row["name"]
        for row in now("team")
        if row["team_id"] in mine and (row["scheme"], row["organisation"]) == (scheme, organisation)
    ]
    return frozenset(_plain(name) for name in (*own, *teams))


def given(
    store: Store, run: Mapping[str, Any], places: Collection[tuple[str, str]], to: Collection[str], catalogue: Catalogue
) -> list[Given]:
    """Open actions at ``places`` (scheme, practice) whose owner is one of the names ``to``, those first that are due first; of people whom the run scored there and
    who may be shown."""
    found = []
    for scheme, practice in places:
        for person, rows in store.entries(None, practice, scheme).items():
            mine = [
                said
                for row in standing(rows).open
                if _plain((said := together(row["body"], row["texts"])).get("owner") or "") in to
            ]
            row = store.person(int(run["number"]), person) if mine else None
            if row is None or (row["scheme"], row["practice"]) != (scheme, practice):
                continue
            for said in mine:
                action = catalogue.actions.get(said["action"])
                found.append(Given(person, practice, action.title if action else str(said["action"]), str(said["due"])))
    return sorted(found, key=lambda one: (one.due, one.practice, one.person_id))


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
