"""``frailty baseline``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
baseline = typer.Typer(no_args_is_help=True, help="How each practice stood in the year before go-live: frozen once.")


def register(app: typer.Typer) -> None:
    app.add_typer(baseline, name="baseline")


@baseline.command("freeze")
def freeze(
    record: Annotated[Path, typer.Option(help="the linked record")],
    at: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="day of go-live: the year before it is counted")],
    as_json: Json = False,
) -> None:
    """Freeze the baseline before the first list is published; else the first run that is published does.

    Example: frailty baseline freeze --record record --at 2024-11-30
    """
    from risk import baseline as rules

    show(rules.freeze(load(), record, at.date()), as_json, _say)


@baseline.command("show")
def print_baseline(as_json: Json = False) -> None:
    """Print the frozen baseline, and whether its rows are as they were frozen.

    Example: frailty baseline show
    """
    from risk import baseline as rules

    show(rules.show(load()), as_json, _say)


def _say(held: dict[str, Any]) -> None:
    state = "as it was frozen" if held["as_frozen"] else "NOT as it was frozen"
    results.print(
        f"Baseline from {held['from']} to before {held['to']}, frozen by {held['by']}: {state}.", markup=False
    )
    table = Table("practice", "people", "admitted", "emergency admissions", "bed days", "not known", box=None)
    for row in held["practices"]:
        table.add_row(row["practice"], *(f"{row[name]:,}" for name in ("people", "admitted", "admissions")), f"{row['bed_days']:,.0f}", f"{row['unknown']:,}")  # fmt: skip
    results.print(table)
