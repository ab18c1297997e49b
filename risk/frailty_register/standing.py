"""What stands of somebody on the frailty register, read from what clinicians answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from risk.frailty_register.categories import FIT, FRAIL

CONFIRM, CHANGE, REJECT = ANSWERS = ("confirm", "change", "reject")
WAITING, LOOK_AGAIN, CONFIRMED, REJECTED = STATES = ("waiting", "look_again", "confirmed", "rejected")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Stands:
    """``version`` of the history and the last ``answer``; ``state`` by what is proposed now."""

    version: int
    answer: Row | None
    state: str

    @property
    def category(self) -> str | None:
        """What a clinician said that the person is; None where nobody did, or a proposal was rejected."""
        return None if self.answer is None else self.answer["body"].get("category")

    @property
    def counts(self) -> bool:
        """Whether the person counts as frail: a clinician's word alone, which stands until another."""
        return self.category in FRAIL


def stands(history: Sequence[Row], proposed: str | None) -> Stands:
    """Of somebody's history, oldest first, and the category proposed now (None: none but fit).

    Somebody answered comes back to be looked at where what is proposed is another than what was answered then: not because a week went by. That
    nothing is proposed any more brings nobody back.
    """
    if not history:
        return Stands(0, None, WAITING)
    last = history[-1]
    body = last["body"]
    if proposed not in (None, body.get("proposed"), body.get("category")):
        return Stands(int(last["version"]), last, LOOK_AGAIN)
    return Stands(int(last["version"]), last, REJECTED if last["kind"] == REJECT else CONFIRMED)


def shown(one: Stands, proposed: str | None) -> bool:
    """Whether somebody is on the register: proposed, or confirmed as frail. Whom a clinician found fit is not, unless there is more to look at."""
    if one.state in (WAITING, LOOK_AGAIN, REJECTED):
        return proposed is not None
    return one.counts or (proposed is not None and one.category != FIT)
