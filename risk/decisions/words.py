"""Words apart from codes: whatever somebody typed is kept in a table of its own, under its place in what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Fields that hold words that somebody typed, in which a name could stand.
WORDS = frozenset(
    {"words", "owner", "coordinator", "care_plan", "persons_view", "familys_view", "decision_in_question", "level_of_need",
     "alternatives", "why_not_provided", "implications", "likelihood", "role", "organisation", "service", "source_owner", "assessor", "letter"}
)  # fmt: skip


def apart(said: Any, place: str = "") -> tuple[Any, dict[str, str]]:
    """What was ``said`` without its words, and the words by their place in it, such as ``attendees.0.role``."""
    texts: dict[str, str] = {}
    if isinstance(said, Mapping):
        codes: dict[str, Any] = {}
        for name, value in said.items():
            where = f"{place}.{name}" if place else name
            if name in WORDS and isinstance(value, str):
                texts[where] = value
            else:
                codes[name], inner = apart(value, where)
                texts |= inner
        return codes, texts
    if isinstance(said, list):
        parts = [apart(value, f"{place}.{number}") for number, value in enumerate(said)]
        return [code for code, _ in parts], {name: words for _, inner in parts for name, words in inner.items()}
    return said, texts


def together(codes: Any, texts: Mapping[str, str]) -> Any:
    """The opposite of :func:`apart`. Words that were forgotten leave their codes."""
    held = _copied(codes)
    for place, words in texts.items():
        *way, last = place.split(".")
        inside = held
        for step in way:
            inside = inside[int(step)] if isinstance(inside, list) else inside[step]
        inside[last] = words
    return held


def _copied(said: Any) -> Any:
    if isinstance(said, Mapping):
        return {name: _copied(value) for name, value in said.items()}
    return [_copied(value) for value in said] if isinstance(said, list) else said
