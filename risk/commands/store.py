"""``frailty store``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    store = typer.Typer(help="The database of runs, lists, organisations and the audit.", no_args_is_help=True)
    store.command("migrate")(migrate)
    app.add_typer(store, name="store")


def migrate(as_json: Json = False) -> None:
    """Make the store, or bring it to this version's schema, and say what it holds. Opening it does the same by itself.

    Example: frailty store migrate
    """
    from risk.store import Store
    from risk.store.engine import connect
    from risk.store.schema import bring_up_to_date, newest

    store = Store(connect(load().store_url))
    before = bring_up_to_date(store)
    shown = store.engine.url.render_as_string(hide_password=True)
    result = {"store": shown, "before": before or None, "schema": newest(), "rows": store.holdings()}
    show(result, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    was = f"schema {result['before']}" if result["before"] else "empty"
    results.print(f"{result['store']}: {was} before, schema {result['schema']} now", markup=False)
    results.print(", ".join(f"{rows:,} {table.replace('_', ' ')}" for table, rows in result["rows"].items()))
