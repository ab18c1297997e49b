"""``frailty person-report``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("person-report")(person_report)


def person_report(
    person: Annotated[
        str,
        typer.Argument(
            help="opaque id as `frailty list` shows it; - to read an NHS number from standard input", metavar="PERSON"
        ),
    ],
    record: Annotated[
        list[Path], typer.Option("--record", help="folder of a record that may hold the person; may be repeated")
    ],
    out: Annotated[Path, typer.Option(help="archive to write, of JSON and a page; readable by its owner alone")],
    reason: Annotated[
        str | None, typer.Option(help="such as the reference of the request; it stands in the audit")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Write everything held on one person, for a subject access request: the record, identifiers, links, scores and reasons of every run, what meetings wrote, who
    was told of them, what is kept until when; and what is withheld and why. The controller reads what is marked before it is given.

    Example: printf 9434765919 | frailty person-report - --record record --out report.zip
    """
    from risk.person_report.report import report

    with Shown() as progress:
        named = sys.stdin.read().strip() if person == "-" else person
        done = report(load(), record, named, out, reason, progress)
    show(done, as_json, _say)


def _say(done: dict[str, Any]) -> None:
    results.print(
        f"{done['out']}: {done['record_rows']:,} rows of the record, {done['runs']:,} runs, {done['store_rows']:,} rows of lists and meetings, "
        f"{done['suppressions']:,} suppressions, {done['read_by']:,} rows of the audit. Read what is marked before it is given.",
        markup=False,
    )
