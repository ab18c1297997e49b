"""``frailty register``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("register")(frailty_register)


def frailty_register(
    practice: Annotated[str, typer.Option("--practice", metavar="CODE", help="the practice's code")],
    state: Annotated[
        str, typer.Option(help="whom to name: all, or those waiting, look_again, confirmed or rejected")
    ] = "all",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """A practice's frailty register: whom the record proposes, on what that rests, and what clinicians confirmed.

    Example: frailty register --practice A81001
    """
    from risk.frailty_register.reading import practice_register

    show(practice_register(load(), practice, state), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    from risk.run.saying import say_age

    counts = result["counts"]
    results.print(f"Frailty register of practice {result['practice']}, run {result['run']} of {result['at']}. Data: {result['data']}; "
                  f"as at {result['data_as_at']}. Valid until {result['valid_until']}.", markup=False)  # fmt: skip
    say_age(result)
    confirmed = ", ".join(f"{people:,} {category}" for category, people in counts["confirmed"].items())
    results.print(f"Of {counts['people']:,} people of 65 and over, {counts['frail']:,} are frail by a clinician's word ({confirmed}). "
                  f"To answer: {counts['to_answer']:,}; to look at again: {counts['look_again']:,}; rejected: {counts['rejected']:,}.", markup=False)  # fmt: skip
    if result["missing"]["says"]:
        results.print(result["missing"]["says"], markup=False)
    table = Table("person", "age", "state", "proposed", "rests on", "confirmed", "how, and on which day", box=None)
    for row in result["people"]:
        rests_on = "; ".join(basis["says"] + (f" ({basis['on']})" if basis["on"] else "") for basis in row["rests_on"])
        how = "" if row["how"] is None else f"{row['how'].replace('_', ' ')}, {row['on']}"
        table.add_row(row["person"], row["age_band"], row["state"].replace("_", " "), row["proposed"] or "", rests_on, row["category"] or "", how)  # fmt: skip
    results.print(table)
    results.print(result["says"], markup=False)
