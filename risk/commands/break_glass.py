"""``frailty break-glass``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.table import Table

from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    held = typer.Typer(
        help="Emergency access: openings of people outside a relationship, and their review.", no_args_is_help=True
    )
    held.command("list")(list_openings)
    held.command("review")(review)
    app.add_typer(held, name="break-glass")


def list_openings(
    everything: Annotated[bool, typer.Option("--all", help="those too that were signed off")] = False,
    as_json: Json = False,
) -> None:
    """Print the openings that wait for review: who, in which role, of where, at whose practice, and why. It names nobody who was opened.

    Example: frailty break-glass list
    """
    from risk import break_glass, operator
    from risk import store as stores

    settings = load()
    operator.ready(settings)
    store = stores.open(settings)
    rows = [
        {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
        for row in break_glass.told(store, reviewed=None if everything else False)
    ]
    operator.record(settings, store, "break_glass.list", outcome="answered", detail={"openings": len(rows)})
    show({"openings": rows}, as_json, _say)


def review(
    number: Annotated[int, typer.Argument(help="the opening's number", min=1)],
    justified: Annotated[bool, typer.Option("--justified/--not-justified", help="what was found")],
    as_json: Json = False,
) -> None:
    """Sign an opening off, as the one who works this command.

    Example: frailty break-glass review 7 --justified
    """
    from risk import break_glass, operator
    from risk import store as stores

    settings = load()
    operator.ready(settings)
    store = stores.open(settings)
    verdict = break_glass.VERDICTS[0] if justified else break_glass.VERDICTS[1]
    done = break_glass.review(store, number, verdict, operator.name())
    operator.record(settings, store, "break_glass.review", detail={"opening": number, "verdict": verdict})
    show(done, as_json, lambda said: results.print(f"Opening {said['number']}: {said['verdict']}", markup=False))


def _say(result: dict[str, Any]) -> None:
    table = Table("opening", "when", "who", "role", "of", "practice", "why", "found", box=None)
    for row in result["openings"]:
        table.add_row(str(row["number"]), row["opened_at"][:16], row["who"], row["role"], row["selected"], row["practice"], row["reason"] or "removed", row["verdict"] or "")  # fmt: skip
    results.print(table)
