"""``frailty outcomes``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.padding import Padding

from risk.console import results, show


def register(app: typer.Typer) -> None:
    app.command("outcomes")(list_outcomes)


def list_outcomes(
    record: Annotated[
        Path | None, typer.Option("--record", help="also say at which dates this record can tell each outcome")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the outcomes that a model can be trained for, what each means, and which tables define it.

    Example: frailty outcomes --record record
    """
    from features.outcomes import CENSORED, OUTCOMES

    usable = _usable(record) if record else {}
    rows = [
        {
            "name": outcome.name,
            "title": outcome.title,
            "horizon": outcome.horizon,
            "minimum_age": outcome.minimum_age,
            "tables": list(outcome.tables),
            "lag": outcome.lag,
            "components": [event.name for event in outcome.events],
            "unplanned": outcome.unplanned,
            "says": outcome.says,
            **({"usable_dates": usable[outcome.name]} if record else {}),
        }
        for outcome in OUTCOMES.values()
    ]
    show({"outcomes": rows, "unknown_because": CENSORED}, as_json, _say)


def _usable(path: Path) -> dict[str, list[str]]:
    from features.outcomes import OUTCOMES, usable_dates
    from features.record.reader import Record
    from risk.permissions import permissions
    from risk.settings import load

    with Record(path, purpose="training", permissions=permissions(load(), path)) as held:
        return {name: [day.isoformat() for day in usable_dates(held, name)] for name in OUTCOMES}


def _say(result: dict[str, Any]) -> None:
    for row in result["outcomes"]:
        age = f"people of {row['minimum_age']} and over"
        results.print(f"[bold]{row['name']}[/bold]: {row['title']}; {row['horizon']} days, {age}")
        results.print(Padding(row["says"], (0, 0, 0, 2)), soft_wrap=False)
        defined = f"Defined by {', '.join(row['tables'])}; matured after {row['lag']} days."
        results.print(Padding(defined, (0, 0, 0, 2)), soft_wrap=False)
        if "usable_dates" in row:
            days = row["usable_dates"]
            told = f"{days[0]} to {days[-1]}, {len(days)} quarters" if days else "none"
            results.print(Padding(f"Dates at which this record can tell: {told}.", (0, 0, 0, 2)), soft_wrap=False)
        results.print()
    results.print("A label is unknown, never 0, where:")
    for name, why in result["unknown_because"].items():
        results.print(f"  {name}: {why}")
