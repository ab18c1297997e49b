"""``frailty run`` and ``frailty list``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from risk.console import Shown, show
from risk.settings import load

Json = Annotated[bool, typer.Option("--json", help="print as JSON")]


def register(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("list")(print_list)


def run(
    record: Annotated[Path, typer.Option(help="the linked record")],
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="index date; the day after the newest delivery when not given"),
    ] = None,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="keep the run without publishing it; with the challenger where there is one"),
    ] = False,
    outcome: Annotated[str | None, typer.Option(help="outcome to rank by, in place of the setting's")] = None,
    horizon: Annotated[int | None, typer.Option(help="its horizon in days, in place of the setting's")] = None,
    minimum_age: Annotated[int | None, typer.Option(help="youngest age scored; can only be raised")] = None,
    allow_stale: Annotated[
        str | None, typer.Option(metavar="REASON", help="run on data older than 21 days, for a reason that is kept")
    ] = None,
    override_feeds: Annotated[
        str | None,
        typer.Option(metavar="REASON", help="run with feeds missing that the model was not validated without"),
    ] = None,
    allow_moved: Annotated[
        str | None, typer.Option(metavar="REASON", help="run though a practice's numbers moved by more than half")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GUARD=REASON", help="run though a guard says no, for a reason that is kept; may be repeated"
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Score everybody, explain, and publish each practice's list, as one numbered run.

    Example: frailty run --record record --at 2024-11-30
    """
    from risk.run import guards, saying, weekly
    from risk.tracing import of_run

    settings = load(list_outcome=outcome, list_horizon=horizon, minimum_age=minimum_age)
    given = {"stale": allow_stale, "feeds": override_feeds, "moved": allow_moved}
    asked = weekly.Asked(
        record=record,
        outcome=settings.list_outcome,
        horizon=settings.list_horizon,
        minimum_age=settings.minimum_age,
        fraction=settings.list_fraction,
        at=at.date() if at else None,
        shadow=shadow,
        reasons={
            **{guard: reason.strip() for guard, reason in given.items() if reason and reason.strip()},
            **guards.reasons_of(allow or ()),
        },
    )
    with Shown() as progress, of_run(settings, progress) as traced:
        done = weekly.run(asked, settings, progress=traced)
    show(done, as_json, saying.say_run)


def print_list(
    practice: Annotated[str | None, typer.Option(help="the practice's code")] = None,
    team: Annotated[
        str | None, typer.Option(metavar="ID", help="in place of a practice: a team of the directory")
    ] = None,
    network: Annotated[str | None, typer.Option(metavar="CODE", help="in place of a practice: a network")] = None,
    place: Annotated[str | None, typer.Option(metavar="CODE", help="in place of a practice: a place")] = None,
    by: Annotated[
        str,
        typer.Option(
            help="with --practice: priority, or deterioration for the list of its own where run_outcomes has it"
        ),
    ] = "priority",
    number: Annotated[
        int | None, typer.Option("--run", help="a run's number; the published one when not given")
    ] = None,
    changes: Annotated[
        bool, typer.Option("--changes", help="who joined, left and moved since the run published before")
    ] = False,
    to_practice: Annotated[
        bool, typer.Option("--to-practice", help="with --changes: the reasons as the practice itself may read them")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print the list of a practice, a team, a network or a place from the published run, or an earlier one. People are shown by pseudonym.

    Example: frailty list --practice A81001
    """
    from features.errors import WrongUsage
    from risk.run import reading, reading_wider, saying, saying_changes, saying_wider
    from risk.run.outcome_lists import LISTED

    asked = {"practice": practice, "team": team, "network": network, "place": place}
    given = {kind: code for kind, code in asked.items() if code is not None}
    if len(given) != 1 or (changes and practice is None):
        raise WrongUsage("expected one of --practice, --team, --network and --place; --changes goes with --practice")
    if by not in ("priority", *LISTED) or (by in LISTED and (practice is None or changes)):
        raise WrongUsage(f"expected --by priority or {', '.join(LISTED)} with --practice, found {by!r}")
    ((kind, code),) = given.items()
    if kind != "practice" or by in LISTED:
        kind = by if by in LISTED else kind
        show(reading_wider.wider_list(load(), kind, code, number), as_json, saying_wider.say_wider)
        return
    if changes:
        found = reading.practice_changes(load(), code, number, to_the_practice=to_practice)
        show(found, as_json, saying_changes.say_changes)
        return
    show(reading.practice_list(load(), code, number), as_json, saying.say_list)
