"""``frailty link``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

Pair = tuple[str, str]


def register(app: typer.Typer) -> None:
    app.command("link")(link)


def link(
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    report: Annotated[bool, typer.Option("--report", help="how good the links are; nothing is linked")] = False,
    key: Annotated[
        Path | None, typer.Option("--key", help="with --report: who everybody is (simulated people)")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="with --report: folder for a page with charts")] = None,
    uncertain: Annotated[bool, typer.Option("--uncertain", help="the pairs that wait for a person to look")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="with --uncertain: how many pairs")] = 50,
    confirm: Annotated[Pair | None, typer.Option("--confirm", help="these two are one", metavar="ID ID")] = None,
    reject: Annotated[Pair | None, typer.Option("--reject", help="these two are not one", metavar="ID ID")] = None,
    unlink: Annotated[Pair | None, typer.Option("--unlink", help="these two, linked, are two", metavar="ID ID")] = None,
    superseded: Annotated[
        Path | None, typer.Option("--superseded", help="CSV of NHS numbers that were merged or split", metavar="FILE")
    ] = None,
    threshold: Annotated[float, typer.Option(min=0.5, max=1, help="probability from which people are linked")] = 0.99,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Link people without an NHS number to people with one, by name, birth date, postcode and sex.

    Pairs are linked where the model gives them at least the threshold and neither given name nor birth date flatly differs;
    other likely ones wait for a person and are never linked silently. A link is a dated row: no earlier run changes.

    Example: frailty link --record record
    """
    from risk.linkage import deciding, numbers, working
    from risk.linkage import report as reporting

    asked = {"--report": report, "--uncertain": uncertain, "--confirm": confirm, "--reject": reject, "--unlink": unlink, "--superseded": superseded}  # fmt: skip
    given = [name for name, value in asked.items() if value]
    if len(given) > 1:
        raise WrongUsage(f"expected one of {', '.join(asked)}, found {' and '.join(given)}")
    settings = load()
    with Shown() as progress:
        if report:
            result, say = reporting.report(settings, record, key, out, progress), _say_report
        elif uncertain:
            result, say = working.uncertain(settings, limit), _say_uncertain
        elif confirm or reject:
            result, say = (
                deciding.decide(settings, record, *(confirm or reject or ("", "")), same=bool(confirm)),
                _say_decided,
            )
        elif unlink:
            result, say = deciding.unlink(settings, record, *unlink), _say_unlinked
        elif superseded:
            result, say = numbers.follow(settings, record, superseded), _say_numbers
        else:
            result, say = working.work(settings, record, threshold, progress), _say_linked
    show(result, as_json, say)


def _say_linked(result: dict[str, Any]) -> None:
    _print(
        f"{result['without_number']:,} people without an NHS number compared with {result['with_number']:,} with one. "
        f"Linked now: {result['linked']:,} (at {result['threshold']:g} or surer; by the model {result['expected_wrong']:g} of them "
        f"are wrong), known from {result['known_at']}. {result['uncertain']:,} wait for a person: `frailty link --uncertain`."
    )


def _say_uncertain(result: dict[str, Any]) -> None:
    table = Table("person", "other", "probability", "not linked because", "agreement", box=None)
    for pair in result["pairs"]:
        agreed = "; ".join(f"{name.replace('_', ' ')} {how}" for name, how in pair["agreement"].items())
        table.add_row(pair["person"], pair["other"], f"{pair['probability']:.4f}", pair["why"], agreed)
    results.print(table)
    _print(f"{len(result['pairs']):,} of {result['waiting']:,} pairs. `--confirm ID ID` or `--reject ID ID` decides.")


def _say_decided(result: dict[str, Any]) -> None:
    _print(f"{result['person']} and {result['other']}: {result['decided']}, known from {result['known_at']}.")


def _say_unlinked(result: dict[str, Any]) -> None:
    _print(f"{result['person']} and {result['other']} are two, known from {result['known_at']}.")
    for run in result["runs"]:
        _print(f"Run {run['run']} of {run['index_date']} ({run['status']}) showed {run['person_id']} in practice {run['practice']}"
               f"{', on its list' if run['listed'] else ''}.")  # fmt: skip
    for row in result["seen"]:
        _print(f"Seen: {row['at']} by {row['actor_kind']} {row['actor']} ({row['action']}"
               f"{'' if row['run'] is None else ', run ' + str(row['run'])}).")  # fmt: skip
    _print("Neither is shown from a run up to "
           f"{result['hidden_through_run']}; the next run scores each anew. Tell those who acted on what they saw.")  # fmt: skip


def _say_numbers(result: dict[str, Any]) -> None:
    _print(f"{result['rows']:,} rows: {result['merged']:,} pairs of numbers merged, {result['split']:,} split, "
           f"{result['unknown']:,} of people whom the record does not hold.")  # fmt: skip


def _say_report(result: dict[str, Any]) -> None:
    _print(f"Linked by probability: {result['linked']:,}; waiting for a person: {result['uncertain']:,}.")
    columns = ("people", "linked")
    if "against_key" in result:
        table = Table("against the key", *columns, "right", "recall", "precision", box=None)
        for row in ({"group": "all", "value": "", **result["against_key"]}, *result["against_key"]["groups"]):
            shares = (_share(row[name]) for name in ("recall", "precision"))
            table.add_row(
                f"{row['group']} {row['value']}", *(f"{row[name]:,}" for name in (*columns, "right")), *shares
            )
        results.print(table)
    table = Table("without an NHS number", *columns, box=None)
    for row in result["by_group"]:
        table.add_row(f"{row['group']} {row['value']}", *(f"{row[name]:,}" for name in columns))
    results.print(table)
    if "no_charts" in result:
        _print(f"No charts: {result['no_charts']}.")
    if "page" in result:
        _print(f"Page with charts: {result['page']}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"


def _print(words: str) -> None:
    results.print(words, markup=False)
