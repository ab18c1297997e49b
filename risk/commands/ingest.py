"""``frailty ingest`` and ``frailty feeds``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.areas import ingest_area
from risk.console import Shown, results, show, words
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("ingest")(ingest_extracts)
    app.command("feeds")(list_feeds)


def ingest_extracts(
    source: Annotated[
        str,
        typer.Argument(help="kind of extract: native, omop, mapped, …; area for all feeds of one", metavar="SOURCE"),
    ],
    paths: Annotated[
        list[Path], typer.Argument(help="the extracts, a folder or file each; of area, its TOML file", metavar="PATH…")
    ],
    record: Annotated[Path, typer.Option("--record", help="folder of the record; made where there is none")],
    mapping: Annotated[Path | None, typer.Option("--mapping", help="TOML file that maps the extract")] = None,
    practice: Annotated[str | None, typer.Option("--practice", help="practice of everyone in the extract")] = None,
    accept_shape: Annotated[
        list[str] | None, typer.Option("--accept-shape", help="feed of the area whose changed columns are meant")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Take extracts into the linked record: every row accepted, quarantined with a reason or dropped by a named rule.

    Each extract goes in whole or not at all. All are checked before the first is taken in. Of an area each feed is taken in by itself:
    one that does not fit, or whose columns changed, is refused while the others go in (exit code 3 at the end), and one that is in
    already is not read again.

    Example: frailty ingest area area.toml --record record
    """
    if source == "area":
        ingest_area(paths, record, accept_shape or [], as_json)
        return
    from features.linkage.identity import IdentityStore
    from features.record.ingest import ingest, today_in_london
    from features.sources import open_source
    from features.sources.contract import refuse
    from risk import events, hiding
    from risk import store as stores

    settings = load()
    today = settings.today or today_in_london()
    opened = [open_source(source, path, mapping, practice=practice) for path in paths]
    with Shown() as progress:
        if len(opened) > 1:
            progress.stage("checking all extracts")
            refuse(source, [fault for one in opened for fault in one.check()])
        with IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
            identity.expire(today)
            ledgers = [
                ingest(
                    one,
                    record,
                    identity,
                    progress=progress,
                    today=today,
                    threads=settings.threads or None,
                    rules=settings.permissions_file,
                )
                for one in opened
            ]
        progress.stage("who is shown no more")
        hidden = hiding.refresh(settings, stores.open(settings), record)
        events.bring_up_to_date(settings, stores.open(settings), record)
    extracts = [{"path": str(path), **ledger.as_dict()} for path, ledger in zip(paths, ledgers, strict=True)]
    show({"record": str(record), "extracts": extracts, "not_shown": hidden}, as_json, _say_ledgers)


def list_feeds(
    record: Annotated[Path, typer.Option("--record", help="folder of the record")],
    ledger: Annotated[bool, typer.Option("--ledger", help="also what became of the rows of each ingest")] = False,
    out: Annotated[Path | None, typer.Option("--out", help="HTML file for the state of the feeds, with charts")] = None,
    at: Annotated[str | None, typer.Option("--at", help="their state on this day; today when left out")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """The feeds that a record was made from: who sent what, for whom, what it covers, when it came, and how many rows.

    With --out, a page of how the feeds are: periods, lags, volumes by week against their own history, practices that stopped sending,
    codes that are found no longer; the same as data with --json.

    Example: frailty feeds --record record --out feeds.html
    """
    import json

    from features.record import ledger as kept
    from features.record.feeds import held_feeds
    from features.record.manifest import load as load_manifest

    rows = held_feeds(record)
    held = load_manifest(record)
    about = json.loads(held.notes.get("about", "{}"))
    result: dict[str, Any] = {"record": str(record), "about": about, "feeds": rows}
    if ledger:
        result["extracts"] = kept.read(record, held.batches)
    if out is not None:
        result |= _state_of_feeds(record, out, at, about)
    show(result, as_json, _say_feeds)


def _state_of_feeds(record: Path, out: Path, at: str | None, about: dict[str, str]) -> dict[str, Any]:
    """Write the page; what the command says of it."""
    from features.health import health
    from features.record.ingest import today_in_london
    from features.record.reader import Record
    from risk.feeds_page import page
    from risk.permissions import permissions

    settings = load()
    try:
        day = date.fromisoformat(at) if at else settings.today or today_in_london()
    except ValueError:
        raise WrongUsage(f"expected --at to be a day such as 2024-11-30, found {at!r}") from None
    may = permissions(settings, record)
    with Record(record, purpose="planning", permissions=may, threads=settings.threads or None) as held:
        found = health(held, day)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(found, about), encoding="utf-8")
    return {"page": str(out), "state": found.as_dict()}


def _say_feeds(result: dict[str, Any]) -> None:
    table = Table("source", "table", "from", "covers", "period", "received", "deliveries", "rows", box=None)
    for row in result["feeds"]:
        table.add_row(row["source"], row["table"], row["organisation"], row["covers"],
                      f"{row['period_from']} to {row['period_to']}", row["received"],
                      f"{row['deliveries']:,}", f"{row['rows']:,}")  # fmt: skip
    results.print(f"{result['about'].get('kind', '')}: {result['about'].get('title', '')}", markup=False)
    if "page" not in result:
        results.print(table)
    for trouble in result.get("state", {}).get("troubles", []):
        results.print(f"- {trouble}", markup=False)
    if "page" in result:
        results.print(f"the state of the feeds is in {result['page']}", markup=False)
    if "extracts" in result:
        _say_ledgers(result)


def _say_ledgers(result: dict[str, Any]) -> None:
    for extract in result["extracts"]:
        if extract["unchanged"]:
            words.print(f"{extract['path']}: this very extract was taken in before; nothing changed", markup=False)
            continue
        table = Table("file", "table", "read", "accepted", "quarantined", "dropped", box=None)
        for entry in [*extract["entries"], {"file": "all", "table": "", **extract["totals"]}]:
            table.add_row(entry["file"], entry["table"], f"{entry['read']:,}", f"{entry['accepted']:,}",
                          _by_name(entry["quarantined"]), _by_name(entry["dropped"]))  # fmt: skip
        results.print(table)
        for warning in extract.get("warnings", []):
            results.print(warning, markup=False)
        if extract["totals"]["quarantined"]:
            results.print(
                f"quarantined rows: {result['record']}/quarantine/{extract['batch']}/rows.parquet", markup=False
            )


def _by_name(counts: dict[str, int]) -> str:
    return "\n".join(f"{count:,} {name}" for name, count in counts.items()) or "0"
