"""``frailty promote``, ``frailty rollback`` and ``frailty models``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]
Name = Annotated[str, typer.Argument(help="the model's name, as `frailty models` prints it")]


def register(app: typer.Typer) -> None:
    app.command("promote")(promote)
    app.command("rollback")(rollback)
    app.command("models")(models)


def promote(
    name: Name,
    version: Annotated[int, typer.Argument(help="its version")],
    override: Annotated[
        str | None, typer.Option(metavar="REASON", help="promote past failed gates, for a reason that is kept")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a model version the live one, if it passes the gates.

    Example: frailty promote unplanned_admission_365 2
    """
    from risk import release

    show(release.promote(load(), name, version, override), as_json, _say_released)


def rollback(
    name: Name,
    reason: Annotated[str, typer.Option(metavar="REASON", help="why; kept in the ledger")] = "",
    as_json: Json = False,
) -> None:
    """Make the version that was live before the present one live again.

    Example: frailty rollback unplanned_admission_365 --reason "calibration drifted"
    """
    from risk import release

    show(release.rollback(load(), name, reason), as_json, _say_released)


def models(as_json: Json = False) -> None:
    """List the model versions held, and which is live.

    Example: frailty models
    """
    from risk import release

    show({"models": release.held(load())}, as_json, _say_models)


def _say_released(released: dict[str, Any]) -> None:
    results.print(f"{released['name']} version {released['version']} is live ({released['action']}).")
    for gate in released["gates"]:
        results.print(f"  {gate['result']}: {gate['says']} ({gate['found']})", markup=False)
    if released["reason"]:
        results.print(f"Reason given: {released['reason']}", markup=False)
    results.print(f"MLflow alias: {released['alias']}", markup=False)


def _say_models(result: dict[str, Any]) -> None:
    if not result["models"]:
        results.print("No model is held; train one with `frailty train`.")
        return
    table = Table(
        Column("model", overflow="fold"), "version", "live", Column("predicts", overflow="fold"), "trained on", box=None
    )
    for row in result["models"]:
        outcome = f"{row['outcome']} within {row['horizon']} days"
        table.add_row(row["name"], str(row["version"]), "live" if row["live"] else "", outcome, escape(row["data"]))
    results.print(table)
