"""``frailty settings``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from risk import settings as of
from risk.console import results, show


def register(app: typer.Typer) -> None:
    app.command("settings")(print_settings)


def print_settings(as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False) -> None:
    """Print each setting with its value, where that came from, and what it means.

    Example: FRAILTY_LIST_FRACTION=0.01 frailty settings
    """
    held = of.load()
    in_file = _names_in_file()
    rows = [
        {
            "name": name,
            "value": str(getattr(held, name)),
            "source": _source(name, in_file),
            "meaning": field.description,
        }
        for name, field in of.Settings.model_fields.items()
    ]
    show({"settings": rows}, as_json, _say)


def _names_in_file() -> set[str]:
    import tomllib

    path = Path(of.FILE)
    return set(tomllib.loads(path.read_text())) if path.is_file() else set()


def _source(name: str, in_file: set[str]) -> str:
    if f"FRAILTY_{name.upper()}" in os.environ:
        return "environment"
    return of.FILE if name in in_file else "default"


def _say(result: dict[str, Any]) -> None:
    table = Table("setting", "value", "from", "meaning", box=None)
    for row in result["settings"]:
        table.add_row(row["name"], row["value"], row["source"], row["meaning"])
    results.print(table)
