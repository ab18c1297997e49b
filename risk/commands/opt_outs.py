"""``frailty opt-outs``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

KINDS = ("national", "local")


def register(app: typer.Typer) -> None:
    app.command("opt-outs")(opt_outs)


def opt_outs(
    kind: Annotated[str, typer.Argument(help="national or local", metavar="KIND")],
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], help="day on which the list was made")],
    sent: Annotated[Path | None, typer.Option(help="NHS numbers that were sent to be checked, one a line")] = None,
    returned: Annotated[Path | None, typer.Option(help="those that came back: they have not opted out")] = None,
    opted_out: Annotated[
        Path | None, typer.Option("--opted-out", help="in place of both: NHS numbers that have opted out")
    ] = None,
    withdrawn: Annotated[Path | None, typer.Option(help="with --opted-out: NHS numbers that took it back")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Take in who has opted out, from a file: the answer of the national checking service, or a list of the area's own.

    Example: frailty opt-outs national --sent sent.dat --returned returned.dat --on 2024-11-25 --record record
    """
    from features.governance.opt_out_lists import numbers
    from risk import opt_outs as lists

    if kind not in KINDS:
        raise WrongUsage(f"expected a kind of opt-out that comes by file, one of {', '.join(KINDS)}; found {kind!r}")
    if (opted_out is None) == (sent is None) or (sent is None) != (returned is None) or (withdrawn and not opted_out):
        raise WrongUsage("expected --sent with --returned, or --opted-out with or without --withdrawn")
    if sent and returned:
        back = numbers(returned)
        objecting, took_back = numbers(sent) - back, back
    else:
        objecting, took_back = numbers(opted_out), numbers(withdrawn) if withdrawn else frozenset()  # type: ignore[arg-type]
    with Shown() as progress:
        result = lists.take(load(), record, kind, objecting, took_back, on.date(), progress)
    show(result, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    results.print(
        f"{result['kind']} opt-outs on {result['on']}: {result['objecting']:,} people object anew, {result['unchanged']:,} as before, "
        f"{result['ended']:,} no longer. Of the record's people {result['not_shown']:,} are shown to nobody.", markup=False,
    )  # fmt: skip
