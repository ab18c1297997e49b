"""The day it is: in London, where relationships begin and end at midnight, unless a setting says another for a test."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from risk.settings import Settings

LONDON = ZoneInfo("Europe/London")


def today(settings: Settings) -> date:
    """The day to take as today."""
    return settings.today or datetime.now(LONDON).date()
