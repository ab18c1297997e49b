"""``frailty deliver``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from features.errors import MissingPart
from risk.console import Shown, results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    app.command("deliver")(deliver_lists)


def deliver_lists(
    out: Annotated[Path, typer.Option(help="the outbox: a folder a practice, in it the list and its manifest")],
    client: Annotated[
        str, typer.Option(help="id of an API client: its practices alone, and people by the ids that it knows")
    ],
    nhs_numbers: Annotated[
        str | None,
        typer.Option(
            "--nhs-numbers",
            help="tell people by NHS number too, for this reason, which stands in the audit",
            metavar="REASON",
        ),
    ] = None,
    mesh: Annotated[
        bool, typer.Option("--mesh", help="then send what was not sent through MESH (settings mesh_…)")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """Lay out each practice's current list in an outbox folder, replace what has changed since, take back what was withdrawn; and send it through MESH.

    Example: frailty deliver --out outbox --client client-0123456789abcdef
    """
    from risk.delivery import mesh as through
    from risk.delivery import outbox

    settings = load()
    with Shown() as progress:
        done = outbox.deliver(settings, out, client, nhs_numbers, progress)
        if mesh:
            done["mesh"] = through.send(settings, out, progress)
    show(done, as_json, _say)
    if mesh and done["mesh"]["failed"]:
        failed = ", ".join(f"{one['practice']} ({one['why']})" for one in done["mesh"]["failed"])
        raise MissingPart(f"not sent to {failed}; run it again: what was sent is not sent twice")


def _say(done: dict[str, Any]) -> None:
    results.print(
        f"{done['practices']:,} practices in {done['out']}: {done['laid']:,} lists laid out, {done['unchanged']:,} unchanged, {done['recalled']:,} recalled, "
        f"{done['removed']:,} removed.", markup=False)  # fmt: skip
    if "mesh" in done:
        sent = done["mesh"]
        results.print(
            f"Through MESH: {sent['sent']:,} sent, {sent['already']:,} sent before, {len(sent['failed']):,} failed."
        )
        if sent["no_mailbox"]:
            results.print(f"No mailbox is known of {', '.join(sent['no_mailbox'])}.", markup=False)
