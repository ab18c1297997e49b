"""``frailty schedule``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import WrongUsage
from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("schedule")(schedule)


def schedule(
    record: Annotated[Path, typer.Option(help="the linked record that the run reads")],
    kind: Annotated[str, typer.Option(help="cron, systemd or kubernetes; all of them when not given")] = "",
    job: Annotated[
        str,
        typer.Option(
            help="run, backup, drill, downtime, retention, webhooks, checkpoints; or all that have the folders they need"
        ),
    ] = "run",
    day: Annotated[str | None, typer.Option(help="Mon, Tue, Wed, Thu, Fri, Sat or Sun; of a weekly job")] = None,
    at: Annotated[
        str | None, typer.Option(metavar="HH:MM", help="London time; of an hourly job its minutes count")
    ] = None,
    downtime: Annotated[
        Path | None, typer.Option(help="folder of downtime copies, for that job", metavar="DIR")
    ] = None,
    image: Annotated[str, typer.Option(help="container image, for kubernetes")] = "frailty-risk",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Print what a scheduler needs to start the weekly run, or a job that keeps the installation whole; nothing is installed or changed.

    Example: frailty schedule --record record --kind systemd --day Mon --at 05:00
    """
    from risk import scheduling
    from risk.scheduling_snippets import KINDS

    if kind and kind not in KINDS:
        raise WrongUsage(f"expected --kind {', '.join(KINDS)}, found {kind!r}")
    place = scheduling.of_installation(load(), record, image, downtime)
    jobs = scheduling.asked(place, job, day, at)
    kinds = {name: write for name, write in KINDS.items() if kind in ("", name)}
    show({name: "\n".join(write(one, place) for one in jobs) for name, write in kinds.items()}, as_json, _say)


def _say(found: dict[str, Any]) -> None:
    for name, text in found.items():
        if len(found) > 1:
            results.print(f"{name}:", markup=False)
        results.print(text, markup=False, highlight=False, soft_wrap=True)
