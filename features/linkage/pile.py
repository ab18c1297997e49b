"""Pairs of people who may be one: what linking made of each, and what a person decided.

Kept in the identity store. A pair holds no value of anybody: the two ``person_id``, the probability, and for each thing compared
how far it agrees.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from features.linkage.matching import LEVELS
from features.linkage.vault import Vault

LINKED, UNCERTAIN, CONFIRMED, REJECTED, SEPARATED = "linked", "uncertain", "confirmed", "rejected", "separated"
#: Standings that a person gave: linking never changes them.
DECIDED = (CONFIRMED, REJECTED, SEPARATED)


@dataclass(frozen=True)
class Candidate:
    """``agreement``: how far each thing compared agrees, in the words of :data:`~features.linkage.matching.LEVELS`; ``why`` it was
    not linked."""

    other_person_id: int
    person_id: int
    probability: float
    standing: str
    why: str
    agreement: Mapping[str, str]
    on_day: date


class Pile:
    """Part of an :class:`~features.linkage.identity.IdentityStore`, in its transaction."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def put(self, chosen: pd.DataFrame, day: date) -> None:
        """The pairs of :func:`features.linkage.choosing.choose` in place of the uncertain ones from before."""
        self._vault.begin()
        self._vault.connection.execute("DELETE FROM candidate WHERE standing = ?", (UNCERTAIN,))
        self._vault.connection.executemany(
            "INSERT INTO candidate VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (
                (row["other_person_id"], row["person_id"], row["probability"], row["standing"], row["why"],
                 json.dumps({name: row[name] for name in LEVELS}), day.isoformat())
                for row in chosen.to_dict("records")
            ),
        )  # fmt: skip

    def decide(self, one: int, other: int, standing: str, day: date) -> None:
        """Note what a person decided of a pair, whichever way round it is held; also of a pair that linking never met."""
        self._vault.begin()
        changed = self._vault.connection.execute(
            "UPDATE candidate SET standing = ?, on_day = ? WHERE (other_person_id, person_id) IN (VALUES (?, ?), (?, ?))",
            (standing, day.isoformat(), one, other, other, one),
        ).rowcount
        if not changed:
            self._vault.connection.execute(
                "INSERT INTO candidate VALUES (?, ?, ?, ?, '', '{}', ?)",
                (other, one, float(standing == CONFIRMED), standing, day.isoformat()),
            )

    def pairs(self, *standings: str) -> list[Candidate]:
        """The pairs of some standings (of any, when none is named), the likeliest first."""
        rows = self._vault.connection.execute(
            "SELECT * FROM candidate ORDER BY probability DESC, other_person_id, person_id"
        ).fetchall()
        held = [
            Candidate(other, person, probability, standing, why, json.loads(agreement), date.fromisoformat(day))
            for other, person, probability, standing, why, agreement, day in rows
        ]
        return [pair for pair in held if not standings or pair.standing in standings]

    def waiting(self) -> list[Candidate]:
        """Uncertain pairs of people whom nobody has been found to be since."""
        settled = {pair.other_person_id for pair in self.pairs(LINKED, CONFIRMED)}
        return [pair for pair in self.pairs(UNCERTAIN) if pair.other_person_id not in settled]

    def forget(self, people: Iterable[int]) -> int:
        """Remove every pair of any of ``people``; how many."""
        self._vault.begin()
        gone = 0
        for person in people:
            gone += self._vault.connection.execute(
                "DELETE FROM candidate WHERE ? IN (other_person_id, person_id)", (person,)
            ).rowcount
        return gone
