"""How old what is shown is: the one rule of the API, the command line, the downtime copy and the pages.

A run is stale when its newest delivery lies more than ``stale_days`` days back, and expired when its last valid day has passed. A stale run is still
shown, with a sentence: a team that is told nothing takes last month's list for this week's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from risk.settings import Settings
from risk.today import today as day_of


@dataclass(frozen=True)
class Staleness:
    """``age_days`` of a run's data; ``stale`` and ``expired``; and what is ``said`` of both, None where there is nothing to say."""

    age_days: int
    stale: bool
    expired: bool
    said: str | None


def of(run: Mapping[str, Any], today: date, stale_days: int) -> Staleness:
    """How old a run (``data_as_at``, ``index_date``, ``valid_until``) is on a day. A run that does not say when its newest data came is as old as its
    index date."""
    as_at: date = run["data_as_at"] or run["index_date"]
    age, expired = max(0, (today - as_at).days), today > run["valid_until"]
    stale = age > stale_days
    words = []
    if stale:
        words.append(f"The newest data are of {as_at}, more than {stale_days} days ago: check before you act.")
    if expired:
        words.append(f"The list was valid until {run['valid_until']}.")
    return Staleness(age, stale, expired, " ".join(words) or None)


def now(settings: Settings, run: Mapping[str, Any]) -> Staleness:
    """:func:`of` today, by the installation's settings."""
    return of(run, day_of(settings), settings.stale_days)


def told(settings: Settings, run: Mapping[str, Any]) -> dict[str, Any]:
    """What every answer about a run says of its age, ready for JSON."""
    found = now(settings, run)
    return {"expired": found.expired, "stale": found.stale, "stale_says": found.said}
