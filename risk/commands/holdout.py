"""``frailty holdout``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
holdout = typer.Typer(
    no_args_is_help=True,
    help="Some of the listed kept off the lists at random, to tell what acting does: off unless approved.",
)


def register(app: typer.Typer) -> None:
    app.add_typer(holdout, name="holdout")


@holdout.command("start")
def start(
    share: Annotated[float, typer.Option(help="share of the eligible listed people who are kept off, 0 to 1")],
    highest_risk: Annotated[float, typer.Option(help="probability from which nobody is held out, 0 to 1")],
    approver: Annotated[str, typer.Option(help="who approved it, by name")],
    approval: Annotated[str, typer.Option(help="reference to the approval: minute, protocol or ethics number")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="first day on which it no longer holds")],
    reason: Annotated[str, typer.Option(help="what it is to show")],
    as_json: Json = False,
) -> None:
    """Begin a hold-out, where the settings allow one.

    Example: frailty holdout start --share 0.1 --highest-risk 0.4 --approver "A. Safety" --approval CSG-12 --until 2025-06-01 --reason "effect of visits"
    """
    from risk import holdout as rules

    row = rules.start(
        load(),
        share=share,
        highest_risk=highest_risk,
        approver=approver,
        approval=approval,
        until=until.date(),
        reason=reason,
    )
    show(row, as_json, _say_row)


@holdout.command("end")
def end(
    reason: Annotated[str, typer.Option(help="why it ends")],
    as_json: Json = False,
) -> None:
    """End the hold-out in force: the next run lists everybody.

    Example: frailty holdout end --reason "answered"
    """
    from risk import holdout as rules

    show(rules.end(load(), reason), as_json, _say_row)


@holdout.command("show")
def print_all(as_json: Json = False) -> None:
    """Which hold-out is in force, who approved it, and how many people each run kept off its lists; for the safety officer.

    Example: frailty holdout show
    """
    from risk import holdout as rules

    show(rules.show(load()), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    held = result["in_force"]
    if held is None:
        allowed = "" if result["allowed"] else ", and the settings allow none"
        results.print(f"No hold-out is in force{allowed}.", markup=False)
    for row in result["ledger"]:
        _say_row(row)
    table = Table("run", "date", "kept off the lists", box=None)
    for run in result["runs"]:
        table.add_row(str(run["run"]), run["at"], f"{run['held_out']:,}")
    results.print(table)


def _say_row(row: dict[str, Any]) -> None:
    begun = f"{row['share']:.0%} of those listed with a risk under {row['highest_risk']:.0%} and on no caseload, until {row['until']}"
    what = begun if row["action"] == "start" else f"hold-out {row['of']} ended"
    results.print(f"{row['seq']}. {what}; approved by {row['approver']} ({row['approval']}); by {row['by']} on {row['at']}: {row['reason']}", markup=False)  # fmt: skip
