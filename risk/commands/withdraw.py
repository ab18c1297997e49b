"""``frailty withdraw``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("withdraw")(withdraw)


def withdraw(
    what: Annotated[
        str,
        typer.Argument(metavar="RUN|MODEL", help="number of a published run, or the name of a model with a challenger"),
    ],
    reason: Annotated[
        str, typer.Option(metavar="REASON", help="why; kept, and of a run told to whoever pulls, so it names nobody")
    ] = "",
    leave_none: Annotated[
        bool, typer.Option("--leave-none", help="withdraw a run though no earlier one can take its place")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Take a wrong run back, or try a challenger no more.

    Of a run, readers have the one before it from then on, and who had read it is printed from the audit. Of a challenger, the live version
    stays.

    Example: frailty withdraw 12 --reason "the hospital feed was last month's"
    """
    if what.isdigit():
        from risk.withdrawing import withdraw as take_back

        show(take_back(load(), int(what), reason, leave_none=leave_none), as_json, _say)
        return
    from risk import release
    from risk.commands.release import say_released

    show(release.withdraw(load(), what, reason), as_json, say_released)


def _say(done: dict[str, Any]) -> None:
    now = "nothing is published" if done["current"] is None else f"readers have run {done['current']}"
    results.print(f"Run {done['run']} is withdrawn; {now}. Reason: {done['reason']}", markup=False)
    if not done["readers"]:
        results.print("By the audit, nobody had read it.")
        return
    table = Table("who", "role", "organisation", "what", "times", "first", "last", box=None)
    for row in done["readers"]:
        who = f"{row['actor_kind']} {row['actor']}"
        table.add_row(who, row["role"] or "", row["organisation"] or "", row["action"], str(row["times"]), row["first"][:19], row["last"][:19])  # fmt: skip
    results.print("By the audit, it was read by:")
    results.print(table)
