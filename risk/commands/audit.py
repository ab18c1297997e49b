"""``frailty audit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import Refused
from risk.console import results, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    audit = typer.Typer(help="The record of who asked what about whom.", no_args_is_help=True)
    audit.command("verify")(verify)
    audit.command("checkpoint")(checkpoint)
    app.add_typer(audit, name="audit")


def verify(
    checkpoints: Annotated[
        Path | None, typer.Option(help="folder of signed checkpoints to check against", metavar="DIR")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that no row of the audit was changed, removed, added or moved, and nothing cut off up to the last checkpoint.

    Example: frailty audit verify --checkpoints audit-checkpoints
    """
    from risk import audit, keys
    from risk import store as stores

    settings = load(checkpoints=checkpoints)
    verdict = audit.Audit(stores.open(settings), keys.held(settings).audit, settings).verify()
    result = {"rows": verdict.rows, "checkpoints": verdict.checkpoints, "last_checkpoint": verdict.last_checkpoint,
              "after": verdict.after, "texts_removed": verdict.texts_removed, "faults": list(verdict.faults)}  # fmt: skip
    show(result, as_json, _say)
    if verdict.faults:
        raise Refused(f"the audit is not as it was written: {len(verdict.faults)} faults; keep the database as it is, and tell whoever answers for it")  # fmt: skip


def checkpoint(as_json: Json = False) -> None:
    """Sign how far the audit has come, now: before a backup is carried off, or where no service is running to do so each minute.

    Example: frailty audit checkpoint
    """
    from risk import audit, keys
    from risk import store as stores

    settings = load()
    store = stores.open(settings)
    held = audit.Audit(store, keys.held(settings).audit, settings)
    if held.verify().faults:
        raise Refused(
            "the audit is not as it was written, so nothing of it is signed; `frailty audit verify` says where"
        )
    added, head = held.checkpoint(), store.audit_head()
    through = head[0] if head else 0
    show({"added": added, "through": through}, as_json, _signed)


def _signed(result: dict[str, Any]) -> None:
    done = "Signed" if result["added"] else "Nothing is new since the last checkpoint: signed already"
    results.print(f"{done} up to row {result['through']:,}.")


def _say(result: dict[str, Any]) -> None:
    for fault in result["faults"]:
        results.print(f"FAULT {fault}", markup=False)
    results.print(f"{result['rows']:,} rows, {result['checkpoints']:,} checkpoints. Vouched for up to row {result['last_checkpoint']:,}; "
                  f"{result['after']:,} rows lie after the last checkpoint and are vouched for by the chain alone.")  # fmt: skip
    if result["texts_removed"]:
        results.print(
            f"The free text beside {result['texts_removed']:,} rows was removed, as when somebody is forgotten; the rows stand."
        )
