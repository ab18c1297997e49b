"""``frailty ingest area``: every feed of an area's file, feed by feed, and what became of each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from features.errors import BadInput, WrongUsage
from risk.console import Shown, results, show
from risk.settings import load


def ingest_area(paths: list[Path], record: Path, accept_shape: list[str], as_json: bool) -> None:
    """Take in the feeds that the one file in ``paths`` names; exits with :class:`BadInput`'s code where one was refused."""
    from features.linkage.identity import IdentityStore
    from features.record.ingest import today_in_london
    from features.record.manifest import NAME
    from features.sources.area.config import open_area
    from features.sources.area.taking import Taker
    from risk import events, hiding
    from risk import store as stores

    if len(paths) != 1:
        raise WrongUsage(f"expected one TOML file that names the area's feeds, found {len(paths)} paths")
    feeds = open_area(paths[0])
    unknown = sorted(set(accept_shape) - {feed.name for feed in feeds})
    if unknown:
        raise WrongUsage(f"expected --accept-shape to name a feed of {paths[0]}, found {', '.join(unknown)}")
    settings = load()
    today = settings.today or today_in_london()
    with Shown() as progress, IdentityStore.open(settings.identity_folder, settings.identity_key_file) as identity:
        identity.expire(today)
        options = {"threads": settings.threads or None, "rules": settings.permissions_file}
        told = Taker(record, identity, today, accept_shape, progress, options).take(feeds)
        progress.stage("who is shown no more")
        hidden = hiding.refresh(settings, stores.open(settings), record) if (record / NAME).is_file() else None
        if hidden is not None:
            events.bring_up_to_date(settings, stores.open(settings), record)
    counts = {outcome: sum(one.outcome == outcome for one in told) for outcome in ("taken in", "unchanged", "refused")}
    result = {"record": str(record), "counts": counts, "not_shown": hidden, "feeds": [one.as_dict() for one in told]}
    show(result, as_json, _say)
    if counts["refused"]:
        raise typer.Exit(BadInput.exit_code)


def _say(result: dict[str, Any]) -> None:
    table = Table("feed", "source", "", "read", "accepted", "quarantined", "dropped", box=None)
    for feed in result["feeds"]:
        totals = feed.get("totals") or {"read": 0, "accepted": 0, "quarantined": {}, "dropped": {}}
        counts = [
            totals["read"],
            totals["accepted"],
            *(sum(totals[name].values()) for name in ("quarantined", "dropped")),
        ]
        shown = [f"{count:,}" for count in counts] if feed["outcome"] == "taken in" else [""] * len(counts)
        table.add_row(feed["name"], feed["source"], feed["outcome"], *shown)
    results.print(table)
    for feed in result["feeds"]:
        if feed["outcome"] == "refused":
            results.print(f"{feed['name']}: {feed['why']}", markup=False)
            for change in feed["changes"]:
                results.print(f"  - {change}", markup=False)
        for warning in feed.get("warnings", []):
            results.print(f"{feed['name']}: {warning}", markup=False)
    counts = result["counts"]
    results.print(f"{counts['taken in']} taken in, {counts['unchanged']} unchanged, {counts['refused']} refused; "
                  f"`frailty feeds --record {result['record']} --ledger` says what became of every row", markup=False)  # fmt: skip
