"""``frailty outcomes``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from risk.console import Shown, show


def register(app: typer.Typer) -> None:
    app.command("outcomes")(list_outcomes)


def list_outcomes(
    record: Annotated[
        Path | None,
        typer.Option("--record", help="also say at which dates this record can tell each outcome, and what it tells"),
    ] = None,
    at: Annotated[
        datetime | None,
        typer.Option(
            "--at", formats=["%Y-%m-%d"], help="date at which to count; each outcome's last usable date when left out"
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print as JSON")] = False,
) -> None:
    """List the outcomes that a model can be trained for, what each means, under which rules, and which tables define it. With a
    record: events and components counted, what is unknown and why, with and without zero-day stays, and an alarm
    where their recording changed in a step.

    Example: frailty outcomes --record record --at 2023-01-01
    """
    from features.outcomes import CENSORED, OUTCOMES, named
    from features.outcomes.rules import Rules, in_force, source_of
    from risk.saying_outcomes import say
    from risk.settings import load

    settings = load()
    told = _told(record, at, settings) if record else None
    rows: list[dict[str, Any]] = []
    for outcome in (named(name) for name in OUTCOMES):
        row = {
            "name": outcome.name, "title": outcome.title, "horizon": outcome.horizon, "minimum_age": outcome.minimum_age,
            "tables": list(outcome.tables), "lag": outcome.lag, "components": [event.name for event in outcome.events],
            "unplanned": outcome.unplanned, "says": outcome.says, "fingerprint": outcome.fingerprint,
        }  # fmt: skip
        rows.append(
            row
            if told is None
            else row | {"usable_dates": told["dates"][outcome.name], "counts": told["counts"][outcome.name]}
        )
    held = in_force()
    rules = [{"rule": name, "value": getattr(held, name), "says": field.description, "source": source_of(name)}
             for name, field in Rules.model_fields.items()]  # fmt: skip
    result: dict[str, Any] = {"outcomes": rows, "unknown_because": CENSORED, "rules": rules}
    show(result if told is None else result | {"zero_day": told["zero_day"]}, as_json, say)


def _told(path: Path, at: datetime | None, settings: Any) -> dict[str, Any]:
    """What the record tells: ``dates`` and ``counts`` by outcome, and ``zero_day``."""
    from features.cohort import CohortRules, cohort
    from features.outcomes import OUTCOMES, usable_dates
    from features.outcomes.counting import counts_of, zero_day
    from features.record.reader import Record
    from risk.permissions import permissions

    with Shown() as progress, Record(path, purpose="training", permissions=permissions(settings, path)) as held:
        progress.stage("dates")
        dates = {name: usable_dates(held, name) for name in OUTCOMES}
        progress.stage("counts", len(OUTCOMES))
        counts: dict[str, list[dict[str, Any]]] = {}
        cohorts: dict[Any, Any] = {}
        for name, usable in dates.items():
            day = at.date() if at else (usable[-1] if usable else None)
            if day is not None and day not in cohorts:
                cohorts[day] = cohort(held, [day], CohortRules(settings.minimum_age, held.objections))
            counts[name] = (
                [] if day is None else [{"at": day.isoformat(), **row} for row in counts_of(held, cohorts[day], name)]
            )
            progress.advance()
        progress.stage("zero-day stays")
        days = zero_day(held)
    return {
        "dates": {name: [day.isoformat() for day in found] for name, found in dates.items()},
        "counts": counts,
        "zero_day": days,
    }
