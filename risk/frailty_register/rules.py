"""What an answer must say before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from risk.frailty_register.standing import CHANGE, CONFIRM, REJECT


def faults(said: Mapping[str, Any], today: date) -> list[tuple[str, str]]:
    """Where what was said does not fit, and why; empty where it may be written."""
    answer, category = said["answer"], said.get("category")
    found = [
        ("on", said["on"] > today, "today or earlier"),
        ("category", answer != REJECT and category is None, "what the person is: fit, mild, moderate or severe"),
        ("category", answer == REJECT and category is not None, "goes with confirm and change; who rejects says why"),
        ("why_rejected", answer == REJECT and said.get("why_rejected") is None, "why the proposal is rejected"),
        ("why_rejected", answer != REJECT and said.get("why_rejected") is not None, "goes with reject"),
        ("words", "other" in (said["how"], said.get("why_rejected")) and not said.get("words"), "other needs words"),
    ]
    return [(where, why) for where, wrong, why in found if wrong]


def conflict(said: Mapping[str, Any], proposed: str | None) -> str | None:
    """Why the answer makes no sense beside what is ``proposed`` now; None where it does."""
    answer, category = said["answer"], said.get("category")
    if proposed is None and answer in (CONFIRM, REJECT):
        return "nothing is proposed of the person now"
    if answer == CONFIRM and category != proposed:
        return "to confirm is to say what is proposed"
    if answer == CHANGE and category == proposed:
        return "to change is to say something else than what is proposed"
    return None
