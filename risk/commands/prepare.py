"""``frailty prepare``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("prepare")(prepare_facts)


def prepare_facts(
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Make the record's facts ready ahead of their use, so that every run, training and matrix until the next ingest takes about half the time.

    It costs about one matrix, and somewhat more room on disk than the record itself. Nothing needs it, and nothing changes by it but the time: what was made of
    other rows, other permissions, other declarations or code sets is never read, and any change of the record removes it.

    Example: frailty prepare --record record
    """
    from features.engine.plan import plan
    from features.engine.preparing import prepare
    from features.predictors import CATALOGUE
    from features.record.reader import Record
    from risk.permissions import permissions

    settings = load()
    began = time.perf_counter()
    with (
        Record(
            record, purpose="case_finding", permissions=permissions(settings, record), threads=settings.threads or None
        ) as opened,
        Shown() as progress,
    ):
        made = prepare(opened, plan(CATALOGUE), progress)
    show({"record": str(record), "people": made.people, "facts": made.facts, "bytes": made.bytes, "seconds": round(time.perf_counter() - began, 2)},
         as_json, _say)  # fmt: skip


def _say(result: dict[str, Any]) -> None:
    results.print(
        f"{result['facts']:,} facts of {result['people']:,} people made ready in {result['seconds']:.1f} s, {result['bytes'] / 1e6:,.0f} MB",
        markup=False,
    )
