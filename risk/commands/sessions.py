"""``frailty sessions``."""

from __future__ import annotations

from typing import Annotated

import typer

from features.errors import WrongUsage
from risk.console import results, show
from risk.settings import load


def register(app: typer.Typer) -> None:
    held = typer.Typer(help="Sessions of people who logged in to the pages.", no_args_is_help=True)
    held.command("end")(end)
    app.add_typer(held, name="sessions")


def end(
    user: Annotated[
        str | None, typer.Argument(help="the user's id, as the directory has it; nobody with --everybody")
    ] = None,
    everybody: Annotated[bool, typer.Option("--everybody", help="every session of everybody")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """End the web sessions of one person, or of everybody, at once: a device was lost, somebody was let go, a key may be known. The very next page asks them
    to log in. What they may see when they do is the directory's to say; a role ends with `frailty org import`.

    Example: frailty sessions end matron-1
    """
    from risk import keys, operator
    from risk import store as stores
    from risk.sessions import Sessions

    if (user is None) != everybody:
        raise WrongUsage("expected a user's id, or --everybody: one of the two")
    settings = load()
    operator.ready(settings)
    store = stores.open(settings)
    if user is not None and user not in {row["user_id"] for row in store.directory()["app_user"]}:
        raise WrongUsage("expected a user of the directory; `frailty org show` has them")
    ended = Sessions(store, keys.held(settings).token, settings).revoke(user)
    operator.record(settings, store, "sessions.end", detail={"user": user, "ended": ended})
    said = {"user": user, "ended": ended}
    show(said, as_json, lambda told: results.print(f"{told['ended']:,} sessions ended", markup=False))
