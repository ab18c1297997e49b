"""``frailty criteria``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("criteria")(criteria)


def criteria(
    practice: Annotated[str, typer.Option("--practice", metavar="CODE", help="the practice's code")],
    name: Annotated[str | None, typer.Option(help="name the people of one list; all lists are counted without")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Lists by stated criteria beside the score: how many of a practice meet each, and of how many it is not known; or one list's people.

    Example: frailty criteria --practice A81001 --name unseen_at_75
    """
    from risk.run.reading_criteria import practice_criteria

    show(practice_criteria(load(), practice, name), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    from risk.run.saying import line, say_age

    line(f"Lists by criteria of practice {result['practice']}, run {result['run']} of {result['at']}. Data: {result['data']}. "
         f"Valid until {result['valid_until']}.")  # fmt: skip
    say_age(result)
    counts = Table("list", "met", "not known", "scored", "what it is", box=None)
    for one in result["criteria"]:
        counts.add_row(one["name"], *(f"{one[name]:,}" for name in ("met", "unknown", "scored")), one["says"])
    results.print(counts)
    if result["people"] is not None:
        people = Table("person", "age", "why", "rank by risk", "band", "on the priority list", box=None)
        for row in result["people"]:
            people.add_row(row["person"], row["age_band"], "; ".join(row["because"]), str(row["rank"]), row["band"], "yes" if row["listed"] else "no")  # fmt: skip
        results.print(people)
    line(result["says"])
