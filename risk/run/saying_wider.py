"""The list of a team, a network or a place, or a practice's by an outcome beside, in words for the terminal."""

from __future__ import annotations

from typing import Any

from risk.run.outcome_lists import LISTED
from risk.run.saying import heading, line, say_age, say_the_rest, standing
from risk.run.saying_numbers import in_a_hundred, places_by


def say_wider(listed: dict[str, Any]) -> None:
    """Print it."""
    by_outcome = listed["kind"] in LISTED
    whose = f"List by {listed['title'].lower()} of practice" if by_outcome else f"Priority list of {listed['kind']}"
    name = "" if by_outcome else f" ({listed['name']})"
    line(f"{whose} {listed['code']}{name}, run {listed['number']}{standing(listed)}. {heading(listed)}")
    line(f"Data: {listed['data']}; as at {listed['data_as_at']}. Valid until {listed['valid_until']}.")
    say_age(listed)
    where = "" if by_outcome else f" in {len(listed['practices']):,} practices ({', '.join(listed['practices'])})"
    line(
        f"{len(listed['people']):,} listed of {listed['scored']:,} people scored{where}; {listed['registered']:,} registered."
    )
    if by_outcome:
        line("A list of its own beside the priority list, and never blended with it.")
    cut = "" if listed["cut"] is None else f" Risk at the cut: {in_a_hundred(listed['cut'])}."
    line(f"Places: {listed['k']:,}, {places_by(listed)}.{cut}")
    say_the_rest(listed)
