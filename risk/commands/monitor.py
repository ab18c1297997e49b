"""``frailty monitor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from features.errors import Refused
from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("monitor")(monitor)


def monitor(
    record: Annotated[Path, typer.Option(help="folder of the linked record")],
    model: Annotated[
        str | None,
        typer.Option(
            help="NAME, NAME@VERSION, NAME@live or NAME@challenger (its shadow runs); the live model that the lists rank by when left out",
            metavar="NAME[@WHICH]",
        ),
    ] = None,
    at: Annotated[str | None, typer.Option(metavar="DATE[,DATE…]", help="also try the model at these dates")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for monitor.html and monitor.json")] = None,
    stop: Annotated[bool, typer.Option("--stop", help="exit with 4 where a trigger of the gravest kind fires")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Whether a model's inputs, scores and calibration are still as when it was made, run by run as outcomes become known.

    Example: frailty monitor --record record --out watched
    """  # fmt: skip
    from models.monitor.page import write
    from risk.commands.train import dates
    from risk.monitoring import Asked
    from risk.monitoring import monitor as watch

    with Shown() as progress:
        result = watch(Asked(record, model, dates(at)), load(), progress=progress)
    if out is not None:
        result = {**result, "written": [str(path) for path in write(result, out)]}
    show(result, as_json, _say)
    if stop and result["severity"] == "stop":
        grave = [f"{row['at']} ({row['name']}), {row['trigger']} of {row['subject']}: {row['found']}"
                 for row in _fired(result) if row["severity"] == "stop"]  # fmt: skip
        raise Refused(f"{len(grave)} triggers say stop: {'; '.join(grave[:5])}")


def _fired(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"name": held["name"], "at": held["at"], **row} for held in result["dates"] for row in held["triggers"]]


def _say(result: dict[str, Any]) -> None:
    from models.monitor.triggers import together
    from models.wording import figure

    results.print(f"[bold]{escape(result['first_line'])}[/bold]")
    table = Table(
        "date", "", "people", "score PSI", "outcomes known", "observed / expected", "slope", "list PPV", box=None
    )
    for held in result["dates"]:
        found = held["happened"]
        ppv = figure(found["list"]["ppv"], 2) if found and found["list"] else "–"
        told = (f"{found['observed_expected']:.2f}", figure(found["slope"], 2), ppv) if found else ("–", "–", "–")
        score = "–" if "not_told" in held["score"] else f"{held['score']['psi']:.3f}"
        table.add_row(held["at"], held["name"], f"{held['people']:,}", score, f"{held['known']:,}", *told)
    results.print(table)
    for held in result["dates"]:
        for row in together(held["triggers"]):
            more = f" and {row['more']} more" if row["more"] else ""
            if row["severity"] != "watch":
                results.print(f"{row['severity']}: {held['at']} ({held['name']}), {row['trigger']} of {row['subject']}{more}: {row['found']}. Check {row['check']}.", markup=False)  # fmt: skip
    counted = ", ".join(f"{n} {severity}" for severity, n in result["fired"].items())
    results.print(f"Triggers: {counted}.")
    for path in result.get("written", []):
        results.print(path, markup=False)
