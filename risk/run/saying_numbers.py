"""A list's numbers in words: a probability, how many places there are and why, and of how many."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def in_a_hundred(probability: float) -> str:
    """A probability in words: "23 in 100"; never 0 or 100, which nobody's risk is."""
    hundredths = round(probability * 100)
    if hundredths < 1:
        return "fewer than 1 in 100"
    if hundredths > 99:
        return "more than 99 in 100"
    return f"{hundredths} in 100"


#: How those who are as high as the last place are told apart.
TIES = "Equal scores are put in order by a lot drawn before anybody is ranked."


def places_by(listed: Mapping[str, Any]) -> str:
    """By what a list has as many places as it has: its ``capacity``, or the share of those scored, ``fraction`` where it is given."""
    if most := listed.get("capacity"):
        return f"as many as the team can take on ({most:,})"
    share = listed.get("fraction")
    return f"by the area's share of those scored{f', {share * 100:g}%' if share else ''}, rounded up"


def denominators(listed: Mapping[str, Any]) -> list[str]:
    """What a list says of its places, its cut, the area's, and of who was not scored."""
    words = [f"Places: {listed['k']:,}, {places_by(listed)}."]
    if listed["k"] == 1:
        words.append("However few are scored there is one place; a practice with nobody scored has no list.")
    if listed["cut"] is not None:
        words.append(
            f"Risk at the cut: {in_a_hundred(listed['cut'])}. On one list of the whole area {listed['above_area_cut']:,} of the practice's people "
            "would have a place."
        )
    left_out = ", ".join(f"{people:,} {reason.replace('_', ' ')}" for reason, people in listed["left_out"].items())
    own = listed.get("not_scored")
    if own is not None:
        said = ", ".join(f"{people:,} {reason.replace('_', ' ')}" for reason, people in own.items())
        words.append(f"Of the practice's {listed['registered']:,} registered, not scored: {said or 'nobody'}.")
    return [*words, f"Not scored in the whole area: {left_out or 'nobody'}."]
