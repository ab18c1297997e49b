"""``frailty check``: what of an extract does not fit, column by column; nothing is written."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, results, show, words


def register(app: typer.Typer) -> None:
    app.command("check")(check_extracts)


def check_extracts(
    source: Annotated[str, typer.Argument(help="kind of extract: native, omop, mapped, …", metavar="SOURCE")],
    paths: Annotated[list[Path], typer.Argument(help="the extracts: a folder or file each", metavar="PATH…")],
    mapping: Annotated[Path | None, typer.Option("--mapping", help="TOML file that maps the extract")] = None,
    practice: Annotated[str | None, typer.Option("--practice", help="practice of everyone in the extract")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Say what does not fit, column by column, and write nothing.

    Faults of structure (a missing file or column, an encoding, a column of dates of which none reads) are those for which
    an ingest would refuse the extract: the exit code is then 3. Where there are none, every row is tried, and those that an
    ingest would quarantine or drop are counted by column and reason.

    Example: frailty check mapped extracts/2024-11 --mapping mapping.toml
    """
    from features.errors import BadInput
    from features.sources import open_source
    from features.sources.mapped.reading import MappingAtFault

    checked = []
    with Shown() as progress:
        for path in paths:
            try:
                opened = open_source(source, path, mapping, practice=practice)
            except MappingAtFault as error:
                checked.append({"path": str(path), "faults": [vars(fault) for fault in error.faults], "rows": []})
                continue
            checked.append({"path": str(path), **_checked(opened, progress)})
    fits = not any(one["faults"] for one in checked)
    show({"source": source, "fits": fits, "extracts": checked}, as_json, _say)
    if not fits:
        count = sum(len(one["faults"]) for one in checked)
        raise BadInput(
            f"{count} fault{'s' if count > 1 else ''} of structure: an ingest would refuse the extract whole"
        )


def _checked(opened: Any, progress: Shown) -> dict[str, Any]:
    from features.sources.trial import trial

    progress.stage("checking the extract")
    faults = opened.check()
    if faults:
        return {"faults": [vars(fault) for fault in faults], "rows": []}
    return {"faults": [], "about": opened.about(), "rows": [one.as_dict() for one in trial(opened, progress)]}


def _say(result: dict[str, Any]) -> None:
    for one in result["extracts"]:
        for fault in one["faults"]:
            place = f"{fault['file']}, {fault['where']}" if fault["where"] else fault["file"]
            _line(f"{place}: expected {fault['expected']}; found {fault['found']}; {fault['remedy']}")
        by_rule: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in one["rows"]:
            by_rule.setdefault((row["rule"], row["table"]), []).append(row)
        for (rule, table), rows in by_rule.items():
            _say_rule(rule, table, rows)
        if not one["faults"]:
            words.print(f"{one['path']} fits. {one['about']['kind']}: {one['about']['title']}. Nothing was written.", markup=False)  # fmt: skip


def _say_rule(rule: str, table: str, rows: list[dict[str, Any]]) -> None:
    """One rule over all its files: rows, then each column that is not wholly filled or that refuses rows."""
    read, fit = (sum(row[name] for row in rows) for name in ("read", "fit"))
    files = rows[0]["file"] if len(rows) == 1 else f"{len(rows)} files"
    _line(f"{files} -> {table} by {rule}: {read:,} read, {fit:,} fit")
    refused, dropped, filled = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        refused.update({f"{bad['column']}: {bad['reason']}": bad["rows"] for bad in row["refused"]})
        dropped.update(row["dropped"])
        filled.update(row["filled"])
    offered = read - sum(dropped.values()) - sum(sum(bad["rows"] for bad in row["refused"]) for row in rows)
    for name, count in refused.items():
        _line(f"    refused   {count:>12,}  {name}")
    for name, count in dropped.items():
        _line(f"    dropped   {count:>12,}  {name}")
    for name, count in filled.items():
        if count < offered:
            _line(f"    blank     {offered - count:>12,}  {name}")


def _line(text: str) -> None:
    results.print(text, markup=False)
