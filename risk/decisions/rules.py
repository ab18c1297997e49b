"""What a decision must say before it is written: small rules, each with the harm that it prevents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from risk.decisions.catalogue import Catalogue
from risk.decisions.standing import Standing
from risk.store.meeting import ACTION, ADDITION, DECISION, OUTCOME, REMOVAL

#: Latest review, in days from today: what is decided for longer is forgotten.
LONGEST = 731
Fault = tuple[str, str]


def faults(kind: str, said: Mapping[str, Any], today: date, catalogue: Catalogue) -> list[Fault]:
    """Where what was said does not fit, and why; empty where it may be written."""
    review = said.get("review_on")
    found: list[tuple[str, bool, str]] = [
        ("review_on", review is not None and not today < review <= today + timedelta(days=LONGEST),
         "a later day than today, within two years"),
    ]  # fmt: skip
    if kind == DECISION:
        found += _decision(said, today)
    if kind == ACTION:
        found += [("action", said["action"] not in catalogue.actions, "an action of the area's catalogue"),
                  ("due", said["due"] < today, "today or later")]  # fmt: skip
    if kind == OUTCOME:
        found.append(("on", said["on"] > today, "today or earlier"))
    return [(where, why) for where, wrong, why in found if wrong]


def conflict(kind: str, listed: bool, stands: Standing) -> str | None:
    """Why a clinician's addition or removal makes no sense as things stand; None where it does."""
    if kind == ADDITION and (stands.what == "added" or (listed and stands.what != "removed")):
        return "the person is on the list already"
    if kind == REMOVAL and (stands.what == "removed" or (not listed and stands.what != "added")):
        return "the person is not on the list"
    return None


def _decision(said: Mapping[str, Any], today: date) -> list[tuple[str, bool, str]]:
    informed, capacity = said["informed"], said.get("capacity")
    told = informed["told"]
    return [
        ("owner", said["decision"] == "accept" and not said.get("owner"), "somebody must see to the next step of who is accepted"),
        ("review_on", said["decision"] == "defer" and not said.get("review_on"), "who is deferred must have a day to be looked at again"),
        ("words", said["reason"] == "other" and not said.get("words"), "other needs words"),
        ("informed.how", told and not informed.get("how"), "how the person was told"),
        ("informed.on", told and not informed.get("on"), "when the person was told"),
        ("informed.on", bool(informed.get("on")) and informed["on"] > today, "today or earlier"),
        ("informed.why_not", not told and not informed.get("why_not"), "why the person was not told"),
        ("informed.why_not", told and bool(informed.get("why_not")), "goes with who was not told"),
        ("informed.words", informed.get("why_not") == "other" and not informed.get("words"), "other needs words"),
        ("capacity.on", bool(capacity) and capacity["on"] > today, "today or earlier"),  # type: ignore[index]
        *((f"queue.{number}.since", one["since"] > today, "today or earlier") for number, one in enumerate(said.get("queue") or [])),
    ]  # fmt: skip
