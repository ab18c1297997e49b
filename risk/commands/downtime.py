"""``frailty downtime-copy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("downtime-copy")(downtime_copy)


def downtime_copy(
    out: Annotated[
        Path, typer.Option(help="folder of the copies, which a practice can reach when nothing else answers")
    ],
    client: Annotated[
        str | None,
        typer.Option(
            help="id of an API client: its practices alone, and people by the ids that it knows; the terminal's when not given"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Write each practice's latest published list as a page to print and a CSV, and remove those that hold no more. Run it every hour.

    Example: frailty downtime-copy --out downtime
    """
    from risk.downtime import copy

    with Shown() as progress:
        done = copy(load(), out, client, progress)
    show(done, as_json, _say)


def _say(done: dict[str, Any]) -> None:
    if done["run"] is None:
        results.print("Nothing is published, so no list is copied.")
    else:
        results.print(
            f"Run {done['run']}: {done['people']:,} people in {done['practices']:,} practices, in {done['out']}.",
            markup=False,
        )
    if done["stale_says"]:
        results.print(done["stale_says"], markup=False)
    results.print(f"Copies removed that hold no more: {done['removed']:,}.")
