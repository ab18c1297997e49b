"""``frailty forget``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("forget")(forget)


def forget(
    record: Annotated[
        list[Path], typer.Option("--record", help="folder of a record that holds the person; may be repeated")
    ],
    person: Annotated[
        str | None,
        typer.Argument(
            help="opaque id as `frailty list` shows it; - to read an NHS number from standard input", metavar="PERSON"
        ),
    ] = None,
    ground: Annotated[str | None, typer.Option(help="why: objection, erasure or error")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="finish what was begun and killed")] = False,
    replay: Annotated[
        bool, typer.Option("--replay", help="forget everybody again who was forgotten: after a restore")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Remove one person from record, identity store, runs and every table, and print the proof: what went, what must be kept
    and why, and which models learned from them.

    Example: printf 9434765919 | frailty forget - --record record --ground erasure
    """
    from risk.forgetting import forget as forgetting

    if (person is not None) + resume + replay != 1:
        raise WrongUsage("expected a person with --ground, or --resume, or --replay, and one of them alone")
    if person is not None and ground is None:
        raise WrongUsage("expected --ground: objection, erasure or error")
    settings = load()
    with Shown() as progress:
        if resume:
            proofs = forgetting.resume(settings, record, progress)
        elif replay:
            proofs = forgetting.replay(settings, record, progress)
        else:
            named = sys.stdin.read().strip() if person == "-" else str(person)
            proofs = [forgetting.forget(settings, record, named, ground, progress)]  # type: ignore[arg-type]
    show({"proofs": proofs}, as_json, _say)


def _say(result: dict[str, Any]) -> None:
    if not result["proofs"]:
        results.print("Nothing was left to do.")
    for proof in result["proofs"]:
        removed = proof["removed"]
        _print(f"Forgetting {proof['forgetting']}, begun {proof['begun']}: {proof['ground_says']}.")
        _print(f"Removed from the identity store: {_rows(removed['identity'])}.")
        for where, rows in removed["records"].items():
            _print(f"Removed from the record {where}: {_rows(rows)}.")
        for run in removed["runs"]:
            _print(
                f"Run {run['run']} amended: {run['people']} fewer; content {run['content_before']} before, {run['content_after']} after."
            )
        _print(
            f"Removed from the store: {_rows(removed['store'])}; free text beside the audit: {removed['audit_texts']}."
        )
        _print("Looked again in every file and table: nothing is left but what is kept.")
        for kept in proof["kept"]:
            _print(f"Kept: {kept['what']}. Why: {kept['why']}.")
        models = ", ".join(f"{model['name']} version {model['version']} ({model['part']})" for model in proof["models"])
        _print(f"Models that learned from the person: {models or 'none'}.")
        if proof["models_not_known"]:
            _print(f"Of these models it is not known whom they learned from: {', '.join(proof['models_not_known'])}.")
        _print(f"{proof['backups'][0].upper()}{proof['backups'][1:]}.")


def _rows(counts: dict[str, int]) -> str:
    return ", ".join(f"{rows:,} of {table}" for table, rows in counts.items()) or "nothing was there"


def _print(words: str) -> None:
    results.print(words, markup=False)
