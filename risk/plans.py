"""Where somebody has a directive or a plan for the end of life, it comes first and suggested actions give way to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Flags that say so, in the order in which they are shown. A power of attorney says who decides, and not what.
PLANS = ("respect", "advance_decision", "end_of_life_plan", "palliative_register")
FOLLOW = "There is a plan: follow it. Suggested actions give way."


def followed(flags: Mapping[str, Any]) -> dict[str, Any] | None:
    """The plans that a person's ``flags`` say are there, each with its day, and what to do; None where there is none. Also of flags that
    earlier versions kept as yes, no and nothing."""
    held = []
    for name in PLANS:
        flag = flags.get(name)
        value, on = (flag["value"], flag["on"]) if isinstance(flag, Mapping) else ("yes" if flag else "", None)
        if value == "yes":
            held.append({"name": name, "on": on})
    return {"plans": held, "says": FOLLOW} if held else None


def giving_way(reasons: Mapping[str, Any]) -> dict[str, Any]:
    """Reasons of which none is said to be one that a team acts on."""
    return {
        name: [{**reason, "actionable": False} for reason in told] if name in ("raises", "lowers") else told
        for name, told in reasons.items()
    }
