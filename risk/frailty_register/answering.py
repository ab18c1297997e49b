"""A clinician's answer about one person: checked, then kept in one short transaction. There is no way to answer about several people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk.decisions.words import apart
from risk.decisions.writing import Senseless, Unfit, as_posted, digest
from risk.frailty_register.categories import AGE_BANDS
from risk.frailty_register.register import OnRegister
from risk.frailty_register.rules import conflict, faults
from risk.frailty_register.standing import stands
from risk.store import Store
from risk.store.histories import NewEntry


@dataclass(frozen=True)
class Asked:
    """An answer as it was posted (dates as dates), by whom, on which version ``read`` and under which ``key``; ``person`` is what the writer calls the
    person."""

    said: Mapping[str, Any]
    by: str
    person: str
    read: int
    key: str


def proposal(store: Store, run: int, row: Mapping[str, Any]) -> dict[str, Any] | None:
    """What run ``run`` proposes of the person of ``row``; None where it proposes nothing but fit."""
    found = store.frailty_proposals(run, row["practice"], row["scheme"], row["person_id"])
    return found[0] if found else None


def entries(store: Store, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the person's practice answered, oldest first."""
    return store.frailty_entries([row["person_id"]], row["practice"], row["scheme"]).get(row["person_id"], [])


def place(store: Store, run: int, row: Mapping[str, Any]) -> tuple[OnRegister, list[dict[str, Any]]]:
    """Where the person of ``row`` stands by run ``run``, and what their practice answered, oldest first; also of somebody who is not on the register."""
    now, history = proposal(store, run, row), entries(store, row)
    proposed = None if now is None else str(now["proposed"])
    return OnRegister(row, proposed, [] if now is None else now["rests_on"], stands(history, proposed)), history


def write(store: Store, run: int, row: Mapping[str, Any], asked: Asked, today: date) -> dict[str, Any]:
    """Keep it, and give the entry as it is kept; ``row`` is the person's of the run ``run``.

    :class:`Unfit` and :class:`Senseless` before anything is written; :class:`~risk.store.histories.Stale` where somebody wrote since,
    ``KeyReused`` where the key was another request's.
    """
    if wrong := faults(asked.said, today):
        raise Unfit(wrong)
    now = proposal(store, run, row)
    proposed = None if now is None else str(now["proposed"])
    plain = {name: value for name, value in as_posted(asked.said).items() if name != "answer"}
    codes, texts = apart({**plain, "proposed": proposed})
    entry = NewEntry(
        row["person_id"], row["scheme"], row["practice"], str(asked.said["answer"]), run, today, asked.by, asked.read, digest(asked.key),
        digest(asked.person, as_posted(asked.said, nulls=True)), codes, texts,
    )  # fmt: skip
    if not store.frailty_asked_before(entry):
        if row["age_band"] not in AGE_BANDS:
            raise Senseless("the register is of people of 65 and over")
        if why := conflict(asked.said, proposed):
            raise Senseless(why)
    return store.write_frailty_entry(entry)
