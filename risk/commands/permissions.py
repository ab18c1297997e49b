"""``frailty permissions``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("permissions")(permissions)


def permissions(
    record: Annotated[
        Path | None, typer.Option("--record", help="also say of each feed of a record whether it may be read")
    ] = None,
    example: Annotated[
        bool, typer.Option("--example", help="print an example of the file of rules, and nothing else")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """The area's rules as they hold today: the opt-out table with the decisions behind it, legal bases with their review dates,
    and of a record's feeds which may be read for what. Without a file of rules: what is shipped, the strictest.

    Example: frailty permissions --record record
    """
    if example:
        text = (resources.files("features.governance") / "example.toml").read_text()
        show({"example": text}, as_json, lambda held: results.print(held["example"], markup=False, end=""))
        return
    from risk.permissions import in_force

    show(in_force(load(), record), as_json, _say)


def _say(result: dict[str, Any]) -> None:
    results.print(f"Rules: {result['rules']}. Controller: {result['controller']}.", markup=False)
    table = Table("opt-out", "purpose", *result["stages"], box=None)
    for row in result["opt_outs"]:
        table.add_row(row["opt_out"], row["purpose"], *(row[stage] for stage in result["stages"]))
    results.print(table)
    for basis in result["bases"]:
        standing = basis["lapsed"] or f"holds until {basis['review']}"
        results.print(f"Basis {basis['decision']} for {', '.join(basis['purposes'])}: {standing}.", markup=False)
    if not result["bases"]:
        results.print("No legal basis for any feed.")
    for feed in result["feeds"]:
        said = "; ".join(f"{use}: {why}" for use, why in feed["refused"].items())
        results.print(
            f"{feed['source']} {feed['table']} of {feed['organisation']}: {said or 'read for every purpose'}",
            markup=False,
        )
