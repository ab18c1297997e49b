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
    day: Annotated[str, typer.Option(help="Mon, Tue, Wed, Thu, Fri, Sat or Sun")] = "Mon",
    at: Annotated[str, typer.Option(metavar="HH:MM", help="London time")] = "05:00",
    image: Annotated[str, typer.Option(help="container image, for kubernetes")] = "frailty-risk",
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Print what a scheduler needs to start the weekly run; nothing is installed or changed.

    Example: frailty schedule --record record --kind systemd --day Mon --at 05:00
    """
    from risk import scheduling

    if kind and kind not in scheduling.KINDS:
        raise WrongUsage(f"expected --kind {', '.join(scheduling.KINDS)}, found {kind!r}")
    settings = load()
    found = scheduling.snippets(scheduling.weekly(settings, record, day, at, image), settings)
    show({name: text for name, text in found.items() if kind in ("", name)}, as_json, _say)


def _say(found: dict[str, Any]) -> None:
    for name, text in found.items():
        if len(found) > 1:
            results.print(f"{name}:", markup=False)
        results.print(text, markup=False, highlight=False, soft_wrap=True)
