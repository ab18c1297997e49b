"""``frailty backup`` and ``frailty restore``."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from features.errors import WrongUsage
from risk.console import Shown, results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    out: Annotated[
        Path | None, typer.Option(help="folder of backups, best on another disk; the setting `backups` when not given")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="the linked record to back up; the setting `record` when not given")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(help="check every hash of the backup in this folder, and write none")
    ] = None,
    new_key: Annotated[bool, typer.Option("--new-key", help="make the key of backups where there is none")] = False,
    as_json: Json = False,
) -> None:
    """Back up store, runs, models, identity store and linked record while they are in use, sealed with a key that is never in it.

    Example: frailty backup --out backups --record record --new-key
    """
    from risk import keys
    from risk.backup.making import backup as make
    from risk.backup.making import summary
    from risk.backup.restoring import verified

    if verify is not None and (out is not None or record is not None or new_key):
        raise WrongUsage("expected --verify FOLDER alone, or --out DIR")
    settings = load()
    with Shown() as progress:
        if verify is not None:
            done = {**summary(verified(verify, keys.of_backups(settings), progress), verify), "verified": True}
        else:
            done = {**make(settings, out, record=record, new_key=new_key, progress=progress), "verified": False}
    show(done, as_json, _say_backup)


def restore(
    folder: Annotated[Path, typer.Argument(help="the backup's folder, as `frailty backup` printed it")],
    record: Annotated[
        list[Path] | None,
        typer.Option("--record", help="a record in which to forget again whoever was forgotten since; may be repeated"),
    ] = None,
    record_into: Annotated[
        Path | None,
        typer.Option(
            help="empty folder for the linked record of the backup; the setting `record` when not given, else `home`/record"
        ),
    ] = None,
    drill: Annotated[
        bool,
        typer.Option(
            "--drill", help="restore into a scratch place, prove it, say how long it took, and remove it again"
        ),
    ] = False,
    newest: Annotated[
        bool, typer.Option("--newest", help="FOLDER is the folder of backups: take the newest finished one in it")
    ] = False,
    scratch: Annotated[Path | None, typer.Option(help="with --drill: folder with room for the scratch place")] = None,
    as_json: Json = False,
) -> None:
    """Restore a backup into an empty place, forget again whoever was forgotten since, and check the audit; --drill only tries it.

    Example: frailty restore backups/backup-20241202T020000Z-until-20250106-0123456789abcdef --drill
    """
    from risk.backup.drill import drill as try_it
    from risk.backup.kept import newest as newest_in
    from risk.backup.restoring import restore as put_back

    if scratch is not None and not drill:
        raise WrongUsage("--scratch is for --drill alone")
    if record_into is not None and drill:
        raise WrongUsage("--record-into is for a restore; a drill restores into its scratch place")
    settings = load(record=record_into)
    folder = newest_in(folder) if newest else folder
    with Shown() as progress:
        if drill:
            said = try_it(settings, folder, scratch, progress)
        else:
            done = put_back(settings, folder, record or (), progress)
            done.store.close()
            said = {**done.says, "drill": False}
    show(said, as_json, _say_restore)


def _say_backup(done: dict[str, Any]) -> None:
    what = "is as it was written" if done["verified"] else "made"
    _print(
        f"Backup {done['folder']} {what}: {done['files']:,} files, {done['bytes']:,} bytes, sealed; {done['rows']:,} rows by {done['how']}."
    )
    _print(
        f"Current run: {done['current_run'] or 'none'}; runs {len(done['runs']):,}, of which without files {len(done['runs_without_files']):,}. "
        f"Of the moment {done['begun']}; its time is over on {done['expires']}."
    )
    held = done["record"]
    if held is None:
        _print(
            "The linked record is NOT in it: name its folder with --record or the setting `record`; nothing else makes it again."
        )
    else:
        _print(
            f"Linked record, version {held['version']}: {held['files']:,} files, {held['rows']:,} rows; {held['linked']:,} files as an earlier backup holds them."
        )
    _print(
        "Not in it: keys, audit checkpoints, the ledger of the forgotten. Keep each of them elsewhere, apart from it."
    )


def _say_restore(done: dict[str, Any]) -> None:
    table = Table("what was looked at", "found", box=None)
    rows = {
        "rows restored, as many as were backed up": f"{done['rows']:,}", "files, each by its SHA-256": f"{done['files']:,}",
        "audit rows, chain and checkpoints hold": f"{done['audit_rows']:,} rows, {done['checkpoints']:,} checkpoints",
        "audit rows lost since the backup, said in the chain": f"{done['audit_rows_lost']:,}",
        "current run, read as readers do": f"{done['run'] or 'none'}: {done['shown']:,} people in {done['practices']:,} practices",
        "linked record, read as a run reads it": "not in the backup"
        if done["record"] is None
        else f"{done['record']['people']:,} people, version {done['record']['version']}, in {done['record']['files']:,} files",
        "forgettings carried out anew": f"{done['forgotten_again']:,}",
    }  # fmt: skip
    if done["drill"]:
        rows |= {
            "forgotten people who are absent": f"{done['forgotten_people_absent']:,}",
            "hidden people who stay hidden": f"{done['hidden_people_hidden']:,}",
            "recovery point: the newest thing in it": f"{done['recovery_point']['newest']}, {timedelta(seconds=done['recovery_point']['age_seconds'])} ago",
            "recovery time: until it was proved": f"{done['recovery_time']['seconds']:.1f} s",
        }  # fmt: skip
    for name, value in rows.items():
        table.add_row(name, value)
    results.print(table)
    if done["checkpoints_missing"]:
        _print(
            f"{done['checkpoints_missing']:,} checkpoints that there were at the backup are not there: they vouch for less than they did."
        )
    if done["expired"]:
        _print("The time of this backup is over: destroy it.")
    _print(
        "The scratch place was removed; the installation is as it was."
        if done["drill"]
        else "Restored. `frailty doctor` looks at the rest."
    )


def _print(words: str) -> None:
    results.print(words, markup=False)
