"""The list of a team, a network or a place in words, for the terminal."""

from __future__ import annotations

from typing import Any

from risk.run.saying import heading, in_a_hundred, line, say_age, say_the_rest, standing


def say_wider(listed: dict[str, Any]) -> None:
    """Print it."""
    line(
        f"Priority list of {listed['kind']} {listed['code']} ({listed['name']}), run {listed['number']}{standing(listed)}. {heading(listed)}"
    )
    line(f"Data: {listed['data']}; as at {listed['data_as_at']}. Valid until {listed['valid_until']}.")
    say_age(listed)
    line(f"{len(listed['people']):,} listed of {listed['scored']:,} people scored in {len(listed['practices']):,} practices "
         f"({', '.join(listed['practices'])}); {listed['registered']:,} registered.")  # fmt: skip
    why = "as many as the team can take on" if listed["capacity"] else "by the area's share of those scored, rounded up"
    cut = "" if listed["cut"] is None else f" Risk at the cut: {in_a_hundred(listed['cut'])}."
    line(f"Places: {listed['k']:,}, {why}.{cut}")
    say_the_rest(listed)
