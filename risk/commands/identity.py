"""``frailty identity``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    identity = typer.Typer(help="The identity store, which alone knows whose number a person is.", no_args_is_help=True)
    identity.command("rotate")(rotate)
    app.add_typer(identity, name="identity")


def rotate(as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False) -> None:
    """Give the identity store a new key, and prove that nothing else changed: no person, no run, no row of the audit.

    The old key opens nothing afterwards. Keep the new one apart from the store, and in a backup of its own.

    Example: frailty identity rotate
    """
    from risk.linkage import rotating

    with Shown() as progress:
        result = rotating.rotate(load(), progress)
    show(result, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    results.print(
        f"A new key, in {result['key_file']}. {result['tokens']:,} tokens were made anew and none of the old is left; what the store says "
        f"of {result['people']:,} people is as it was (SHA-256 {result['says'][:16]}…), {result['runs']:,} runs have the hashes that "
        f"they were published with, and the audit's {result['audit_rows']:,} rows hold.",
        markup=False,
    )  # fmt: skip
