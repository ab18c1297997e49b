"""``frailty decisions``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("decisions")(decisions)


def decisions(
    practice: Annotated[str, typer.Option("--practice", metavar="CODE", help="the practice's code")],
    view: Annotated[
        str, typer.Option(help="whom to name: due (new, changed, overdue), one of these, unchanged, folded, or all")
    ] = "due",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """What a practice's meetings decided about the people of its current list, and what is left undone.

    Example: frailty decisions --practice A81001
    """
    from risk.decisions.reading import practice_decisions

    show(practice_decisions(load(), practice, view), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    from risk.run.saying import say_age

    table = Table("on the list", "people", box=None)
    for name, number in [*result["metrics"]["views"].items(), *_counted(result["metrics"])]:
        table.add_row(name, f"{number:,}")
    results.print(f"{result['practice']}, run {result['run']}; {result['data']}", markup=False)
    say_age(result)
    results.print(table)
    people = Table("person", "rank", "band", "view", "why", "decision", "open actions", box=None)
    for row in result["people"]:
        people.add_row(row["person"], str(row["rank"]), row["band"], row["view"], "; ".join(row["why"]), row["decision"] or "", str(row["actions"]))  # fmt: skip
    results.print(people)
    results.print(result["says"], markup=False)


def _counted(counts: dict[str, Any]) -> list[tuple[str, int]]:
    names = {
        "listed": "listed",
        "not_reviewed": "listed, not reviewed",
        "reviewed_unactioned": "accepted, no action",
        "not_informed": "decided, not told",
        "overdue": "overdue",
        "need_without_service": "with a need that no service meets",
        "corrections_open": "facts disputed, not answered",
        "added": "added by a clinician",
    }
    return [(says, counts[name]) for name, says in names.items()]
