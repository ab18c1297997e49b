"""``frailty doctor``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import FrailtyError, MissingPart
from risk.console import results, show
from risk.parts import PARTS
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(
    mend: Annotated[
        bool, typer.Option("--mend", help="let MLflow's aliases follow the ledger; nothing else is changed")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Check the machine part by part, say what each missing part costs, and whether ledger, bundles and MLflow agree.

    Example: frailty doctor
    """
    rows = [{"part": p.name, "found": p.find(), "for": p.serves, "cost": p.cost, "remedy": p.remedy, "needed": p.needed}
            for p in PARTS]  # fmt: skip
    rows.append(_store())
    show({"parts": rows, "models": _models(mend)}, as_json, _say)
    missing = [str(row["part"]) for row in rows if row["needed"] and not row["found"]]
    if missing:
        raise MissingPart(f"parts that everything needs are missing: {', '.join(missing)}")


def _store() -> dict[str, Any]:
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import SQLAlchemyError

    url = make_url(load().store_url)
    row: dict[str, Any] = {"part": "store", "for": "runs, lists, decisions, audit", "cost": "nothing can be published",
                           "remedy": "check FRAILTY_STORE and that the database answers", "needed": True}  # fmt: skip
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        return {**row, "found": shown}
    try:
        with create_engine(url, connect_args={"connect_timeout": 3}).connect():
            return {**row, "found": shown}
    except SQLAlchemyError:
        return {**row, "found": None}


def _models(mend: bool) -> list[dict[str, Any]]:
    """Where ledger, bundles and MLflow differ, or that they cannot be compared."""
    from risk import reconcile

    try:
        return reconcile.mend(load()) if mend else reconcile.reconcile(load())
    except FrailtyError as error:
        return [{"model": "models", "version": None, "what": f"ledger, bundles and MLflow cannot be compared: {error}",
                 "mend": "see to the store first", "alias": None}]  # fmt: skip


def _say(result: dict[str, Any]) -> None:
    table = Table("part", "found", "for", "without it", box=None)
    for row in result["parts"]:
        found = row["found"] or f"missing: {row['remedy']}"
        table.add_row(row["part"], found, row["for"], row["cost"])
    results.print(table)
    for row in result["models"]:
        which = row["model"] if row["version"] is None else f"{row['model']} version {row['version']}"
        results.print(f"{which}: {row['what']}. To mend it: {row['mend']}.", markup=False)
    if not result["models"]:
        results.print("Ledger, bundles and MLflow agree.")
