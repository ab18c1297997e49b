"""``frailty webhooks``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import Shown, results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    hooks = typer.Typer(help="Addresses at which clients are told that there are events to read.", no_args_is_help=True)
    hooks.command("add")(add)
    hooks.command("list")(list_webhooks)
    hooks.command("remove")(remove)
    hooks.command("deliver")(deliver)
    app.add_typer(hooks, name="webhooks")


def add(
    client: Annotated[str, typer.Argument(help="id of an API client that may read events", metavar="CLIENT")],
    url: Annotated[str, typer.Argument(help="https address that is told", metavar="URL")],
    as_json: Json = False,
) -> None:
    """Tell a client at an address of its own that there are events. The secret that signs is printed this once.

    Example: frailty webhooks add client-0123456789abcdef https://tool.example/frailty
    """
    from risk import store as stores
    from risk.webhooks import subscribing

    settings = load()
    show(subscribing.add(settings, stores.open(settings), client, url), as_json, _say_added)


def list_webhooks(as_json: Json = False) -> None:
    """Print every webhook, with what was taken in, waits and is dead.

    Example: frailty webhooks list
    """
    from risk import store as stores
    from risk.webhooks import subscribing

    settings = load()
    show({"webhooks": subscribing.listed(settings, stores.open(settings))}, as_json, _say_list)


def remove(
    webhook: Annotated[
        str, typer.Argument(help="the webhook, as `frailty webhooks list` prints it", metavar="WEBHOOK")
    ],
    as_json: Json = False,
) -> None:
    """End a webhook; what waits of it is not sent.

    Example: frailty webhooks remove hook-0123456789abcdef
    """
    from risk import store as stores
    from risk.webhooks import subscribing

    settings = load()
    done = subscribing.remove(settings, stores.open(settings), webhook)
    show(done, as_json, lambda said: results.print(f"{said['webhook']} has ended.", markup=False))


def deliver(as_json: Json = False) -> None:
    """Tell whoever has events to read, and try again what was not taken in and is due. To be run every minute or so; two at once send nothing twice.

    Example: frailty webhooks deliver
    """
    from risk import operator
    from risk import store as stores
    from risk.webhooks import delivering

    settings = load()
    operator.ready(settings)
    store = stores.open(settings)
    with Shown() as progress:
        progress.stage("webhooks")
        done = delivering.deliver(settings, store)
    if any(done.values()):
        operator.record(settings, store, "webhooks.deliver", detail=done)
    show(done, as_json, _say_delivered)


def _say_added(made: dict[str, Any]) -> None:
    results.print(f"{made['webhook']} tells {made['client_id']} at {made['to']}.", markup=False)
    results.print(f"secret, shown this once: {made['secret']}", markup=False)


def _say_list(said: dict[str, Any]) -> None:
    table = Table("webhook", "client", "to", "from", "ended", "taken in", "waiting", "dead", "last failure", box=None)
    for row in said["webhooks"]:
        counts = [str(row["messages"].get(status, 0)) for status in ("sent", "waiting", "dead")]
        table.add_row(
            row["webhook"],
            row["client_id"],
            row["to"],
            row["from"][:19],
            (row["ended"] or "")[:19],
            *counts,
            row["last_failure"] or "",
        )
    results.print(table)


def _say_delivered(done: dict[str, Any]) -> None:
    results.print(
        f"{done['sent']:,} told, {done['failed']:,} to be tried again, {done['dead']:,} given up, {done['ended']:,} ended."
    )
