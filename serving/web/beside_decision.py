"""What a meeting may write beside a decision: who was there, what the person wants, capacity for a decision, the five questions of a review, and needs that
no service meets. Fields of one form, as the API has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from serving.shapes.meeting_bodies import Capacity, DecisionBody

#: The five questions of a review, as they are asked.
QUESTIONS = (
    ("level_of_need", "How much help is needed"),
    ("alternatives", "What else there is"),
    ("why_not_provided", "Why it is not provided"),
    ("implications", "What follows if it is not"),
    ("likelihood", "How likely that is"),
)
RAG = get_args(get_args(DecisionBody.model_fields["rag"].annotation)[0])
HAS = get_args(Capacity.model_fields["has"].annotation)
#: The field of the form where what is wrong with a field of the API is put right, where they are called otherwise.
FIELD = {"informed.how": "how", "informed.on": "told_on", "informed.why_not": "why_not", "informed.words": "informed_words"}  # fmt: skip


def given(said: Mapping[str, str]) -> dict[str, Any]:
    """What was said beside, of the form's fields; nothing of what was left empty."""

    def of(names: Mapping[str, str]) -> dict[str, str]:
        return {name: words for name, field in names.items() if (words := said.get(field, "").strip())}

    capacity = of({"decision_in_question": "capacity_question", "has": "capacity_has", "on": "capacity_on"})
    asked = {"has", "decision_in_question"} & set(capacity)  # the form fills in the day
    queue = of({"service": "queue_service", "place": "queue_place", "since": "queue_since"})
    need = re.sub(r"[^a-z0-9]+", "_", said.get("need", "").strip().lower()).strip("_")[:64]
    found: dict[str, Any] = {
        "capacity": capacity if asked else None,
        "questions": of({name: f"asked_{name}" for name, _ in QUESTIONS}) or None,
        "no_service": [{"need": need, **of({"words": "need_words"})}] if need else None,
        "queue": [queue] if "service" in queue else None,
        "attendees": attendees(said.get("attendees", "")) or None,
    }
    return {name: value for name, value in found.items() if value}


def attendees(lines: str) -> list[dict[str, str]]:
    """One a line: a role, a comma, an organisation; whoever is of no organisation named is of none."""
    parts = [line.partition(",") for line in lines.splitlines() if line.strip()]
    return [{"role": role.strip(), "organisation": place.strip() or "not said"} for role, _, place in parts]


def as_lines(held: Any) -> str:
    """The opposite of :func:`attendees`."""
    return "\n".join(f"{one.get('role', '')}, {one.get('organisation', '')}" for one in held or ())


def field(where: str) -> str:
    """The form's field of what the API calls ``where``; the field itself where it is called alike."""
    name = where.removeprefix("body.")
    if name in FIELD:
        return FIELD[name]
    whole, _, inner = name.partition(".")
    inner = inner.rpartition(".")[2]
    return {"capacity": {"decision_in_question": "capacity_question"}.get(inner, f"capacity_{inner}"), "questions": f"asked_{inner}",
            "no_service": "need", "queue": f"queue_{inner}", "attendees": "attendees"}.get(whole, whole)  # fmt: skip
