"""Risk and reasons in sentences, for readers who are shown text: a plan first where there is one, then the risk, then why.

All of it is of the API's own answer about a person (:class:`serving.shapes.person.PersonRisk`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from risk.run.saying import FLAGS, NOT_FOR, in_a_hundred


def plan(told: Mapping[str, Any]) -> str | None:
    """What comes before everything else about somebody who has a directive or a plan; None of anybody else."""
    held = told["plan"]
    if held is None:
        return None
    named = ", ".join(FLAGS[one["name"]] + (f" of {one['on']}" if one["on"] else "") for one in held["plans"])
    return f"{held['says']} Recorded: {named}."


def risk(one: Mapping[str, Any]) -> str:
    """An outcome's risk in words: "61 in 100"; with its interval where that is known."""
    between = one["interval"]
    told = in_a_hundred(one["probability"])
    return f"{told} (interval {in_a_hundred(between['low'])} to {in_a_hundred(between['high'])})" if between else told


def why(reasons: Mapping[str, Any], most: int | None = None) -> list[str]:
    """What raises the risk, what lowers it, what is done already and what is not known; ``most`` of each."""
    kinds = (
        ("Raises the risk", [one["says"] for one in reasons["raises"]]),
        ("Lowers the risk", [one["says"] for one in reasons["lowers"]]),
        ("In place already", [one["says"] for one in reasons.get("support", ())]),
        ("Not known", list(reasons.get("missing", ()))),
    )
    return [f"{title}: {'; '.join(said[:most])}." for title, said in kinds if said]


def beside(told: Mapping[str, Any]) -> list[str | None]:
    """What must stand beside every risk: how old it is, what data it is from, and what it is not for."""
    return [told["stale_says"], told["marking"], NOT_FOR, _sentence(told["caution"])]


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."
