"""One thing that a meeting writes of one person: checked, then kept in one short transaction.

Whoever writes says which version they had read, and which request it is: a request made again writes nothing and gives the same
answer, and nobody writes over what they have not seen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from features.errors import Refused
from risk.decisions.catalogue import Catalogue
from risk.decisions.rules import conflict, faults
from risk.decisions.standing import kept, standing
from risk.decisions.words import apart
from risk.store import Store
from risk.store.meeting import CORRECTION, DECIDES, NewEntry


class Senseless(Refused):
    """What is written makes no sense as things stand; the message says why."""


class Unfit(Refused):
    """What is written breaks a rule; ``faults`` are (field, what was expected)."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{where}: {why}" for where, why in faults))
        self.faults = faults


@dataclass(frozen=True)
class Asked:
    """A request to write: ``said`` as it was posted (dates as dates), by whom, on which version ``read`` and under which ``key``; ``of``
    the entry that it answers. ``person`` is what the writer calls the person: the same key for another person is another request."""

    kind: str
    said: Mapping[str, Any]
    by: str
    person: str
    read: int
    key: str
    of: int | None = None


def fit(kind: str, said: Mapping[str, Any], today: date, held: Catalogue) -> None:
    """:class:`Unfit` with every fault of what is said."""
    if wrong := faults(kind, said, today, held):
        raise Unfit(wrong)


def write(store: Store, run: int, row: Mapping[str, Any], asked: Asked, today: date, held: Catalogue) -> dict[str, Any]:
    """Keep it, and give the entry as it is kept; ``row`` is the person's of the run ``run``.

    :class:`Unfit` and :class:`Senseless` before anything is written; :class:`~risk.store.meeting.Stale` where somebody wrote since,
    ``KeyReused`` where the key was another request's, ``Closed`` and ``NoSuchEntry`` of the entry that it answers.
    """
    fit(asked.kind, asked.said, today, held)
    plain = as_posted(asked.said)
    codes, texts = apart(_known(asked.kind, plain, row, held))
    entry = NewEntry(
        row["person_id"], row["scheme"], row["practice"], asked.kind, run, today, asked.by, asked.read, digest(asked.key),
        digest(asked.person, asked.kind, asked.of, as_posted(asked.said, nulls=True)), codes, texts, asked.of,
    )  # fmt: skip
    if not store.asked_before(entry):
        stands = standing(entries(store, row))
        if why := conflict(asked.kind, row["listed"], stands):
            raise Senseless(why)
    return store.write_entry(entry)


def entries(store: Store, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the meetings of the person's practice wrote of the person, oldest first."""
    return store.entries([row["person_id"]], row["practice"], row["scheme"]).get(row["person_id"], [])


def _known(kind: str, said: dict[str, Any], row: Mapping[str, Any], held: Catalogue) -> dict[str, Any]:
    """With a decision what was seen, with a correction who must answer it."""
    if kind in DECIDES and row["listed"]:
        said["seen"] = kept(dict(row))
    if kind == CORRECTION:
        said["source_owner"] = held.owner(said["table"])
    return said


def as_posted(said: Mapping[str, Any], *, nulls: bool = False) -> dict[str, Any]:
    """What was posted as JSON has it: dates as text, and what was not said left out unless ``nulls``."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(dict(said)))
    return found if nulls else _without(found)


def _without(said: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _without(value)
        if isinstance(value, dict)
        else [_without(one) if isinstance(one, dict) else one for one in value]
        if isinstance(value, list)
        else value
        for name, value in said.items()
        if value is not None
    }


def digest(*parts: Any) -> bytes:
    """By which a request is known again."""
    return hashlib.sha256(orjson.dumps(parts)).digest()
