"""Lists wider than a practice: a team's, over the practices that it covers; a network's or a place's, over the practices that belong to it.

The organisation directory alone says who covers whom, each with its days; a list is drawn by what holds on the run's date. A team's list holds as many
as the team can take on, where the directory says how many, and else the share that the practices' lists hold, by the one rule of :mod:`risk.lists`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from features.errors import WrongUsage
from risk import lists

#: Kinds of organisation over whose practices a list may be drawn, as the setting ``list_over`` names them.
OVER = ("network", "place")
TEAM = "team"
Practice = tuple[str, str]
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class Scope:
    """Whose list: ``kind`` (team, network, place), its ``code`` and scheme (empty of a team) and ``name``; ``practices`` by (scheme, code);
    ``capacity`` in people, None for the practices' share."""

    kind: str
    scheme: str
    code: str
    name: str
    practices: tuple[Practice, ...]
    capacity: int | None = None


@dataclass(frozen=True)
class Drawn:
    """A scope's list: ``people`` with one row each of those listed (the columns of the scores, ``rank`` and ``threshold`` the list's own), and its
    numbers."""

    scope: Scope
    people: pd.DataFrame
    registered: int
    scored: int
    k: int

    @property
    def cut(self) -> float | None:
        """The probability of the last in the list's places; None where nobody has one."""
        last = self.people[self.people["raw"] == self.people["threshold"]]
        return None if last.empty else float(last["probability"].iloc[0])


def over(asked: str) -> tuple[str, ...]:
    """The kinds of the setting ``list_over``; :class:`WrongUsage` where one is none."""
    named = tuple(name.strip() for name in asked.split(",") if name.strip())
    if unknown := sorted(set(named) - set(OVER)):
        raise WrongUsage(
            f"expected kinds among {', '.join(OVER)}, found {', '.join(unknown)}; correct the setting list_over"
        )
    return named


def scopes(directory: Rows, on: date, kinds: Sequence[str] = ()) -> tuple[Scope, ...]:
    """Every team with practices on the day, and every organisation of ``kinds`` with any, by kind and code. ``directory`` is as
    :meth:`risk.store.directory.Directory.directory` gives it."""

    def now(table: str) -> list[Mapping[str, Any]]:
        return [row for row in directory.get(table, ()) if row["valid_from"] <= on and (row["valid_to"] is None or on < row["valid_to"])]  # fmt: skip

    covers: dict[str, list[Practice]] = {}
    for row in now("team_cover"):
        covers.setdefault(row["team_id"], []).append((row["scheme"], row["practice"]))
    found = [
        Scope(TEAM, "", row["team_id"], row["name"], tuple(sorted(set(covers[row["team_id"]]))), row["capacity"])
        for row in now("team")
        if row["team_id"] in covers
    ]
    parts: dict[Practice, list[Practice]] = {}
    for row in now("organisation_part"):
        parts.setdefault((row["whole_scheme"], row["whole"]), []).append((row["scheme"], row["code"]))
    organisations = {(row["scheme"], row["code"]): row for row in now("organisation")}
    for (scheme, code), row in organisations.items():
        inside = [one for one in _within((scheme, code), parts) if organisations.get(one, {}).get("kind") == "practice"]
        if row["kind"] in kinds and inside:
            found.append(Scope(row["kind"], scheme, code, row["name"], tuple(sorted(inside))))
    return tuple(sorted(found, key=lambda one: (one.kind, one.scheme, one.code)))


def _within(whole: Practice, parts: Mapping[Practice, Sequence[Practice]]) -> set[Practice]:
    """What belongs to ``whole``, at any remove; a circle in the directory ends."""
    found: set[Practice] = set()
    waiting = list(parts.get(whole, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += parts.get(one, ())
    return found


def draw(
    scores: pd.DataFrame, scope: Scope, registered: Mapping[str, int], fraction: float, tie_key: bytes, inside: Sequence[str]
) -> Drawn | None:  # fmt: skip
    """The list of ``scope`` from ``scores`` (:func:`risk.lists.set_apart`'s, with ``held_out``); None where nobody of it is scored.

    Its denominator is the people scored of its practices, together. Ties, small lists and sections are as of a practice's list. Whoever is
    held off the lists by lot is on none, and nobody takes their place.
    """
    where = pd.MultiIndex.from_frame(scores[lists.PRACTICE])
    own = scores[where.isin(list(scope.practices))]
    if own.empty:
        return None
    ranked = own.assign(practice_scheme=scope.kind, practice=scope.code)
    ranked[["rank", "listed", "k", "threshold"]] = lists.draw(
        ranked[["person_id", *lists.PRACTICE, "raw"]], fraction, tie_key, scope.capacity
    )
    apart = lists.set_apart(ranked, inside)
    on_it = apart["listed"] & ~own["held_out"]
    people = own[on_it].assign(rank=apart["rank"], threshold=apart["threshold"])
    there = set(map(tuple, own[lists.PRACTICE].drop_duplicates().to_numpy().tolist()))
    return Drawn(scope, people.sort_values("rank"), sum(registered[code] for _, code in there), len(own), int(apart["k"].iloc[0]))  # fmt: skip
