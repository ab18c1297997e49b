"""``frailty hospital-at-home``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("hospital-at-home")(hospital_at_home)


def hospital_at_home(
    practice: Annotated[str, typer.Option("--practice", metavar="CODE", help="the practice's code")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Who of a practice is in hospital at home, by clinical admissions: a list of its own kind, in the order of admission and never by the score.

    Example: frailty hospital-at-home --practice A81001
    """
    from risk.run.reading_hospital_at_home import practice_at_home

    show(practice_at_home(load(), practice), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    from risk.run.saying import line, say_age

    line(f"Hospital at home, practice {result['practice']}, as at {result['at']} (run {result['run']}). Data: {result['data']}. "
         f"Valid until {result['valid_until']}.")  # fmt: skip
    say_age(result)
    for table, reach in result["feeds"].items():
        if not reach["fresh"]:
            silent = f"since {reach['up_to']}" if reach["up_to"] else "and never came"
            line(
                f"Not known by {table}: the feed is silent {silent}; who is in hospital at home by it is not on this list."
            )
    people = Table("person", "age", "admitted", "told by", "risk (decides nothing)", "band", box=None)
    for row in result["people"]:
        people.add_row(row["person"], row["age_band"], row["since"], row["told_by"], row["risk"], row["band"])
    results.print(people)
    line(result["says"])
