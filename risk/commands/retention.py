"""``frailty retention``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("retention")(retention)


def retention(
    record: Annotated[
        list[Path] | None,
        typer.Option(
            "--record", help="every record there is: whoever is in none has identifiers that age; may be repeated"
        ),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="remove what is past its time; without it, only say what would go")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """How long each kind of thing is kept and why, and what is past its time; with --apply, remove that.

    Example: frailty retention --apply --record record
    """
    from risk import operator, retention
    from risk import store as stores
    from risk.today import today

    settings = load()
    store = stores.open(settings)
    if apply:
        operator.ready(settings)
    day, records = today(settings), record or []
    if apply:
        retention.notice(settings, store, day, records)
    found = retention.past(settings, store, day, records)
    if apply:
        retention.remove(found)
        went = {name: len(things) for name, things in found.items() if things}
        operator.record(settings, store, "retention.applied", detail=went)
    show(retention.report(settings, found, apply), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    table = Table("kept", "days", "why", "past its time", box=None)
    for kept in result["classes"]:
        things = ", ".join(
            f"{one['name']} ({one['rows']:,} rows)" if one["rows"] else one["name"] for one in kept["past"]
        )
        table.add_row(
            kept["what"],
            f"{kept['days']:,}",
            kept["why"],
            things or "nothing",
        )
    results.print(table)
    results.print("Removed." if result["applied"] else "Nothing was removed: --apply removes what is past its time.")
