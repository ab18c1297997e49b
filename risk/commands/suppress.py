"""``frailty suppress``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("suppress")(suppress)


def suppress(
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV with the columns person, ground, from, source, and where needed practice, act"),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", help="also what this record says today: deaths, moves, objections")
    ] = None,
    skip_unknown: Annotated[
        bool, typer.Option("--skip-unknown", help="pass over NHS numbers that nobody here has, and count them")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Show people no more, at once, in every list and answer, those of earlier runs too: who died, left the practice, is restricted, opted out,
    or was found not to be one with somebody.

    A person is an opaque id of `frailty list` or an NHS number. Grounds: died, died_informal (a practice's or a ward's word), left_practice,
    restricted, opted_out, unlinked. With `lift` in the column act a source takes back what it told. A line that does not fit refuses the file.

    Example: frailty suppress told-today.csv --record record
    """
    from risk import suppressing

    with Shown() as progress:
        progress.stage("who is shown no more")
        result = suppressing.take(load(), file, record, skip_unknown=skip_unknown)
    show(result, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    from risk.grounds import GROUNDS

    results.print(
        f"{result['hidden']:,} hidden, {result['lifted']:,} lifted, {result['unchanged']:,} as before, "
        f"{result['unknown']:,} of nobody here. The next answer has it.", markup=False,
    )  # fmt: skip
    if result["of_record"] is not None:
        results.print(f"Of the record's people {result['of_record']:,} are shown to nobody.", markup=False)
    for ground, people in result["standing"].items():
        results.print(f"- {people:,}: {GROUNDS[ground].says}", markup=False)
