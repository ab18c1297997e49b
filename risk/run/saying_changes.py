"""Who joined a practice's list, left it and moved, in words for the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table
from rich.text import Text

from risk import sections
from risk.console import results
from risk.run.saying import line, say_age


def say_changes(changed: dict[str, Any]) -> None:
    """Print it."""
    if changed["previous"] is None:
        line(f"Practice {changed['practice']}, run {changed['run']}: no earlier list to compare with.")
        return
    line(
        f"List of practice {changed['practice']}, run {changed['run']} of {changed['at']} against run {changed['previous']}. "
        f"Data: {changed['data']}."
    )
    say_age(changed)
    table = Table("person", "what", "rank before", "rank", "section", "what changed most", box=None)
    for person in changed["joined"]:
        table.add_row(
            person["person"], "joined", "", str(person["rank"]), _title(person["section"]), Text(_most(person))
        )
    for person in changed["left"]:
        table.add_row(
            person["person"],
            f"left: {person['why']}",
            str(person["rank_before"]),
            "",
            _title(person["section_before"]),
            "",
        )
    for person in changed["moved"]:
        now, before = _title(person["section"]), _title(person["section_before"])
        section = now if now == before else f"{before or 'the list'} to {now or 'the list'}"
        table.add_row(
            person["person"], "moved", str(person["rank_before"]), str(person["rank"]), section, Text(_most(person))
        )
    results.print(table)
    if changed["not_shown"]:
        line(f"Not shown: {changed['not_shown']:,} of the earlier list, who have objected since or were forgotten.")


def _title(section: str | None) -> str:
    return "" if section is None else sections.TITLES[section]


def _most(person: Mapping[str, Any]) -> str:
    return "; ".join(f"{_way(one)}: {one['says']}" for one in person["changed"])


def _way(one: Mapping[str, Any]) -> str:
    up = (one["contribution"] or 0.0) > (one["contribution_before"] or 0.0)
    new = one["contribution_before"] is None
    return f"{'new, ' if new else ''}{'raises more' if up else 'raises less'}"
