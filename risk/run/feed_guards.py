"""What the state of the feeds says against a run: senders that stopped, and volumes and codes that fell.

A practice that stopped sending is not a practice whose patients got well, and predictors cannot tell the one from the other where the feed still
counts as there. Only tables and code sets that the model reads are looked at. The state is that of the day of the newest delivery: that nothing at all
has come since is for the guard ``stale`` to say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from features.health.coding import Coverage, coverage
from features.health.flow import Flow, flows
from features.record.reader import Record

if TYPE_CHECKING:
    from risk.run.guards import Facts

SAID = 5


@dataclass(frozen=True)
class Pulse:
    """The feeds that a model reads, and the code sets: what the guards here look at."""

    at: date
    flows: Sequence[Flow] = ()
    codes: Sequence[Coverage] = ()


def pulse(record: Record, newest: date | None, at: date, tables: Collection[str], predictors: Iterable[Any]) -> Pulse:
    """The state of the feeds at the index date ``at``, or the day after the ``newest`` delivery where that is earlier."""
    day = at if newest is None else min(at, newest + timedelta(days=1))
    sets = {name for predictor in predictors for name in code_sets(predictor)}
    return Pulse(day, flows(record, day, tables), coverage(record, day, sets=sets, tables=tables))


def code_sets(predictor: Any) -> set[str]:
    """The code sets that a declaration reads, itself or by its parts."""
    named = getattr(getattr(predictor, "of", None), "codes", None)
    found = {str(named).split(":")[0]} if named else set()
    return found.union(*(code_sets(part) for part in getattr(predictor, "parts", ())))


def silent(facts: Facts) -> str | None:
    if facts.pulse is None:
        return None
    stopped: dict[tuple[str, str, date], list[str]] = {}
    for flow in facts.pulse.flows:
        if flow.silent:
            stopped.setdefault((flow.source, flow.organisation, flow.received), []).append(flow.table)
    said = [
        f"{source} of {organisation} has sent no {', '.join(sorted(set(tables)))} since {received}"
        for (source, organisation, received), tables in sorted(stopped.items())
    ]
    return _told("feeds that the model reads have stopped", said, "ask their senders, and ingest what came")


def fallen(facts: Facts) -> str | None:
    if facts.pulse is None:
        return None
    said = [
        f"{flow.rows:,} rows of {flow.table} from {flow.source} of {flow.organisation}, {flow.rows_before:,} a year before"
        for flow in facts.pulse.flows
        if flow.fell
    ] + [
        f"{code.share or 0:.2%} of rows of {code.table} from {code.source} with codes of {code.code_set}, {code.share_before or 0:.2%} a year before"
        for code in facts.pulse.codes
        if code.lost
    ]
    return _told("feeds bring less than half of what they did", said, "see `frailty feeds`")


def _told(what: str, said: list[str], do: str) -> str | None:
    more = f" and {len(said) - SAID} more" if len(said) > SAID else ""
    return f"{what}: {'; '.join(said[:SAID])}{more}; {do}" if said else None
