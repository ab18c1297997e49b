"""``frailty events``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("events")(events)


def events(
    record: Annotated[
        Path | None, typer.Option("--record", help="also who was admitted and discharged, as this record says today")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Bring up to date what clients are told of: events of runs, and with a record of who was admitted and discharged, and who is in hospital now.

    `frailty run`, `frailty withdraw` and `frailty ingest` do it themselves; this makes up for one that was cut off. Doing it again adds nothing.

    Example: frailty events --record record
    """
    from risk import events as making
    from risk import operator
    from risk import store as stores

    settings = load()
    operator.ready(settings)
    store = stores.open(settings)
    with Shown() as progress:
        progress.stage("events")
        done = making.bring_up_to_date(settings, store, record)
    operator.record(settings, store, "events.made", detail=done)
    show(done, as_json, _say)


def _say(done: dict[str, Any]) -> None:
    results.print(f"{done['of_runs']:,} events of runs and {done['of_record']:,} of stays in hospital were added.")
    if done["in_hospital"] is not None:
        results.print(f"{done['in_hospital']:,} people are in hospital now.")
    if done["why_not"]:
        results.print(f"The record was not asked: {done['why_not']}", markup=False)
