"""``frailty promote``, ``frailty rollback`` and ``frailty models``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column, Table

from features.errors import WrongUsage
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
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="try it beside the live one instead: runs score it too, for analysts alone"),
    ] = False,
    reason: Annotated[str, typer.Option(metavar="REASON", help="with --shadow: why; kept in the ledger")] = "",
    as_json: Json = False,
) -> None:
    """Make a model version the live one, if it passes the gates; or the challenger that is tried beside it.

    Example: frailty promote unplanned_admission_365 2
    """
    from risk import release

    if shadow and override:
        raise WrongUsage(
            "expected --override without --shadow: a challenger passes no gate, so none is overridden; --reason says why"
        )
    done = (
        release.challenge(load(), name, version, reason) if shadow else release.promote(load(), name, version, override)
    )
    show(done, as_json, say_released)


def rollback(
    name: Name,
    reason: Annotated[str, typer.Option(metavar="REASON", help="why; kept in the ledger")] = "",
    as_json: Json = False,
) -> None:
    """Make the version that was live before the present one live again.

    Example: frailty rollback unplanned_admission_365 --reason "calibration drifted"
    """
    from risk import release

    show(release.rollback(load(), name, reason), as_json, say_released)


def models(as_json: Json = False) -> None:
    """List the model versions held, which is live, and which is tried beside it.

    Example: frailty models
    """
    from risk import release

    show({"models": release.held(load())}, as_json, _say_models)


def say_released(released: dict[str, Any]) -> None:
    states = {"live": "live", "challenger": "the challenger: runs score it beside the live version, for analysts alone"}
    is_now = "a challenger no more" if released["action"] == "retire" else states[released["role"]]
    results.print(f"{released['name']} version {released['version']} is {is_now} ({released['action']}).")
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
        table.add_row(row["name"], str(row["version"]), _standing(row), outcome, escape(row["data"]))
    results.print(table)


def _standing(row: dict[str, Any]) -> str:
    return "live" if row["live"] else "challenger" if row["challenger"] else ""
